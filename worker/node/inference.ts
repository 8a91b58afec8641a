import { toUint256 } from '../../wrappers';
import { DecoderEngine } from '../engine/decoder/decoderEngine';
import { isDecoderFile } from '../engine/decoder/modelFile';
import { isRequest, parseRequest } from '../engine/decoder/request';
import { describeAdapter, EngineDevice, openDevice } from '../engine/device';
import { Engine } from '../engine/engine';
import { EngineError } from '../engine/errors';
import { imageBytes } from '../engine/model';
import { parseModelFile } from '../engine/modelFile';
import { readAnyModel, rootOfModel } from '../engine/referee';
import { unwrap } from '../engine/result';

/** Something that computes one model. Whoever computes it, and on what, the result has the same bits. */
export interface InferenceEngine {
    /** What a job's terms name the model by: a hash of its file (docs/engine.md, section 5; of a decoder docs/engine/trace.md, section 2). */
    readonly modelRoot: bigint;
    /** One line that names what computes. */
    readonly name: string;
    /** Whether it is an input of this model, one that {@link InferenceEngine.run} computes: a quote for another could never be served. */
    reads(input: Uint8Array): boolean;
    /** Result bytes of input bytes: of images (docs/engine.md, section 3), or of a request to a decoder (docs/engine/generation.md). */
    run(input: Uint8Array): Promise<Uint8Array>;
    /** Releases what the engine holds. */
    close(): void;
}

/**
 * The model on the machine's WebGPU adapter.
 *
 * @throws EngineError `no-adapter` where there is none
 */
export async function openWebgpuEngine(modelFile: Uint8Array): Promise<InferenceEngine> {
    return await webgpuEngineOn(unwrap(await openDevice()), modelFile);
}

/**
 * The referee in place of a GPU: slow, and right.
 *
 * @throws RefereeError for a file that is no model
 */
export function createRefereeEngine(modelFile: Uint8Array): InferenceEngine {
    const { compute, reads } = readAnyModel(modelFile);
    return {
        modelRoot: rootOf(modelFile),
        name: 'plain TypeScript referee',
        reads,
        run: async (input) => compute(input),
        close: () => undefined,
    };
}

/** Whether an error says that this machine has no WebGPU adapter, as opposed to one that fails. */
export function isMissingAdapter(error: unknown): boolean {
    return error instanceof EngineError && (error.code === 'no-adapter' || error.code === 'no-device');
}

async function webgpuEngineOn(device: EngineDevice, modelFile: Uint8Array): Promise<InferenceEngine> {
    const { reads, run, destroy } = isDecoderFile(modelFile)
        ? await decoderOn(device, modelFile)
        : await classifierOn(device, modelFile);
    return {
        modelRoot: rootOf(modelFile),
        name: describeAdapter(device.adapter),
        reads,
        run,
        close: () => {
            destroy();
            device.close();
        },
    };
}

/** A model on a device, whatever its architecture. */
type LoadedModel = Pick<InferenceEngine, 'reads' | 'run'> & { destroy(): void };

async function classifierOn(device: EngineDevice, modelFile: Uint8Array): Promise<LoadedModel> {
    const model = unwrap(parseModelFile(modelFile));
    const engine = await Engine.load(device, model);
    return {
        reads: ({ length }) => length > 0 && length % imageBytes(model) === 0,
        run: async (input) => (await engine.run(input)).classes,
        destroy: () => engine.destroy(),
    };
}

/** Nothing asks for a trace here, so there is no memory for one. */
async function decoderOn(device: EngineDevice, modelFile: Uint8Array): Promise<LoadedModel> {
    const engine = await DecoderEngine.load(device, modelFile, { traces: false });
    return {
        reads: (input) => isRequest(input, engine.model.shape),
        run: async (input) => (await engine.generate(parseRequest(input, engine.model.shape)).result).bytes,
        destroy: () => engine.destroy(),
    };
}

function rootOf(modelFile: Uint8Array): bigint {
    return toUint256('modelRoot', Buffer.from(rootOfModel(modelFile), 'hex'));
}
