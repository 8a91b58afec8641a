import { decoderRoot, generate, readDecoder, traceOf, traceRoot } from '../../../worker/engine/referee/decoder';
import { Case } from './cases';
import { Outcome } from './outcome';

/** What the referee makes of a case. */
export function refereeOutcome({ model: file, request, salt }: Case): Outcome {
    const model = readDecoder(file);
    const root = decoderRoot(file);
    const { records, result } = generate(model, request);
    return {
        records: records.map(({ operators, logits }) =>
            (logits === null || operators.includes(logits) ? operators : [...operators, logits]).map(bytesOf),
        ),
        result,
        modelRoot: fromHex(root),
        traceRoot: fromHex(traceRoot(traceOf(model.config, root, salt, records))),
    };
}

function bytesOf(values: Int8Array | Int32Array): Uint8Array {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
}

function fromHex(digits: string): Uint8Array {
    return Uint8Array.from(Buffer.from(digits, 'hex'));
}
