import { Cell } from '@ton/core';
import { prunedBranch } from './cells';
import { EXAMPLE, exampleModel } from './exampleModel';
import { hexadecimals, outputsOfPosition0, SALT } from './exampleText';
import { Position, traceCell } from './trace';

/** Computed positions of the run in docs/engine/examples.md, section 3. */
export const POSITIONS = 7;

/** Operators whose output is int32: the embedding and the residual sums. */
const RESIDUAL = [0, 4, 7, 11, 14];

/** The run's trace: position 0 from the outputs that the text shows, the others from their hashes. */
export function exampleTrace(): { position: Position; trace: Cell } {
    const record = outputsOfPosition0().map((values, operator) =>
        RESIDUAL.includes(operator)
            ? new Uint8Array(Int32Array.from(values).buffer)
            : new Uint8Array(Int8Array.from(values).buffer),
    );
    const position = new Position(EXAMPLE, SALT, 0, record);
    const others = Array.from({ length: POSITIONS - 1 }, (_, i) => {
        const begin = `| position(${i + 1})${i === 1 ? ', two leaves' : ''} `;
        // From position 2 on there is a leaf of the logits.
        return prunedBranch(Buffer.from(hexadecimals(begin)[0]!, 'hex'), i === 0 ? 0 : 1);
    });
    return { position, trace: traceCell(exampleModel().root.hash(), [position.cell, ...others]) };
}
