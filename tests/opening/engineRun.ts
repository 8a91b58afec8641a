import { DecoderEngine } from '../../worker/engine/decoder/decoderEngine';
import { DecoderModel } from '../../worker/engine/decoder/model';
import { openedBytes, openedWeights, proveModelLeaf, proveTraceLeaves } from '../../worker/engine/decoder/opening';
import { LeavesLayout } from '../../worker/engine/decoder/record';
import { parseRequest } from '../../worker/engine/decoder/request';
import { findSha256 } from '../../worker/engine/decoder/sha256';
import { PositionRecord, RecordHasher, Trace } from '../../worker/engine/decoder/trace';
import { EngineDevice } from '../../worker/engine/device';
import { Element, linearOf, Opening } from './opening';
import { Configuration } from './model';

/** A run of the engine, all of whose positions can be opened. */
export class EngineRun {
    private constructor(
        readonly trace: Trace,
        /** By position. */
        readonly records: readonly PositionRecord[],
        private readonly hasher: RecordHasher,
        private readonly modelRoot: Uint8Array,
        private readonly openModel: (tensor: number, row: number) => Pick<Opening, 'model'>,
        private readonly model: DecoderModel,
        private readonly salt: Uint8Array,
    ) {}

    /** Runs a request with a trace. */
    static async of(device: EngineDevice, file: Uint8Array, request: Uint8Array, salt: Uint8Array): Promise<EngineRun> {
        const engine = await DecoderEngine.load(device, file);
        let trace: Trace | undefined;
        const records: PositionRecord[] = [];
        await engine.generate(parseRequest(request, engine.model.shape), {
            traceSalt: salt,
            onTrace: (made) => (trace = made),
            onRecord: (position, record) => (records[position] = record.map((row) => row.slice())),
        }).result;
        const tree = engine.modelTree();
        engine.destroy();
        const hasher = new RecordHasher(engine.model.shape, await findSha256());
        const openModel = (tensor: number, row: number) => ({ model: proveModelLeaf(tree, tensor, row) });
        return new EngineRun(trace!, records, hasher, tree.root, openModel, engine.model, salt);
    }

    /** The engine's trace of the same run with one bit of an output flipped: a provider that lies, and commits to it. */
    async lying(position: number, operator: number, byte: number): Promise<EngineRun> {
        const records = this.records.map((record, number) =>
            record.map((row, i) =>
                number === position && i === operator ? row.map((value, at) => (at === byte ? value ^ 1 : value)) : row,
            ),
        );
        const trace = new Trace(this.modelRoot, this.salt, await findSha256());
        for (const record of records) {
            // The last norm and the logits are there where the next token was sampled.
            const isSampled = record.length === 3 + 7 * this.model.shape.layers;
            const sampled = isSampled ? this.hasher.sampledDigests(record) : [];
            trace.add([...this.hasher.computedDigests(record), ...sampled]);
        }
        return new EngineRun(trace, records, this.hasher, this.modelRoot, this.openModel, this.model, this.salt);
    }

    /** What the contract takes, by the engine's own means. */
    open(configuration: Configuration, position: number, { operator, index }: Element): Opening {
        const { tensor, inputs, residual, bytes } = linearOf(configuration, operator);
        const record = this.records[position]!;
        const pieces = [
            pieceOf(this.hasher.layout, inputs, 0),
            ...[operator, ...(residual === undefined ? [] : [residual])].map((row) =>
                pieceOf(this.hasher.layout, row, bytes * index),
            ),
        ];
        return {
            position,
            operator,
            element: index,
            ...this.openModel(tensor, index),
            trace: proveTraceLeaves(
                this.trace,
                position,
                pieces.map(({ leaf }) => leaf),
            ),
            weights: openedWeights(this.weightsOf(operator, index)),
            leaves: pieces.map(({ leaf, at, length }) => openedBytes(this.hasher.leafBytes(leaf, record), at, length)),
        };
    }

    private weightsOf(operator: number, channel: number): Int8Array {
        const { layers, head } = this.model;
        const layer = layers[Math.floor((operator - 1) / 7)];
        const { inputs, weights } =
            layer === undefined ? head : operator % 7 === 2 ? layer.qkv : operator % 7 === 4 ? layer.o : layer.down;
        return weights.subarray(channel * inputs, (channel + 1) * inputs);
    }
}

/** The part of an operator's output that has a byte of it, and its place. */
function pieceOf({ computed, sampled }: LeavesLayout, operator: number, byte: number) {
    for (const [leaf, pieces] of [...computed, ...sampled].entries()) {
        let at = 0;
        for (const { operator: of, start, length } of pieces) {
            if (of === operator && start <= byte && byte < start + length) return { leaf, at, length };
            at += length;
        }
    }
    throw new Error(`No leaf has byte ${byte} of operator ${operator}`);
}
