import { paddedRowBytes, recordLayout } from './record';
import { DecoderShape } from './shape';
import { StepOutput } from './steps';
import { PositionRecord, RecordHasher, Trace } from './trace';

/** Makes the trace of a run out of what its steps bring back. */
export class RunTrace {
    /** For each position SHA-256 of the leaves that do not depend on sampling: what a prefix cache keeps. */
    readonly kept: (readonly Uint8Array[])[] = [];
    private readonly rowBytes: readonly number[];

    /** @param onRecord - called with the record of every position that is computed. */
    constructor(
        readonly trace: Trace,
        private readonly hasher: RecordHasher,
        shape: DecoderShape,
        private readonly onRecord: ((position: number, record: PositionRecord) => void) | undefined,
    ) {
        this.rowBytes = recordLayout(shape).map(paddedRowBytes);
    }

    /** Adds positions that were taken from a prefix cache. */
    addCached(positions: readonly (readonly Uint8Array[])[]): void {
        for (const digests of positions) this.addDigests(digests, []);
    }

    /** Adds the positions of a step that was recorded. */
    add({ record, rows, sampled }: StepOutput): void {
        if (record === undefined) throw new Error('The step was not recorded');
        for (let row = 0; row < rows; row++) {
            const isSampled = sampled && row === rows - 1;
            const operators = isSampled ? record.length : this.rowBytes.length - 2;
            const position = record.slice(0, operators).map((outputs, operator) => {
                const bytes = this.rowBytes[operator]!;
                // What belongs to sampling was computed for one row alone.
                const start = operator < this.rowBytes.length - 2 ? row * bytes : 0;
                return outputs.subarray(start, start + bytes);
            });
            this.onRecord?.(this.trace.length, position);
            this.addDigests(
                this.hasher.computedDigests(position),
                isSampled ? this.hasher.sampledDigests(position) : [],
            );
        }
    }

    private addDigests(computed: readonly Uint8Array[], sampled: readonly Uint8Array[]): void {
        this.kept.push(computed);
        this.trace.add([...computed, ...sampled]);
    }
}
