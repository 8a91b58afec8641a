import { toUint256 } from '../../wrappers';
import { describeAdapter, EngineDevice, openDevice } from '../engine/device';
import { Engine } from '../engine/engine';
import { EngineError } from '../engine/errors';
import { parseModelFile } from '../engine/modelFile';
import { modelRoot, readModel, refereeRun } from '../engine/referee';
import { unwrap } from '../engine/result';

/** Something that computes one model. Whoever computes it, and on what, the result has the same bits. */
export interface InferenceEngine {
    /** Hash of the model file, as a job's terms name it. */
    readonly modelRoot: bigint;
    /** One line that names what computes. */
    readonly name: string;
    /** Result bytes of input bytes (docs/engine.md, section 3). */
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
    const { inputSize } = readModel(modelFile);
    return {
        modelRoot: rootOf(modelFile),
        name: 'plain TypeScript referee',
        run: async (input) => refereeRun(modelFile, input, input.length / inputSize).classes,
        close: () => undefined,
    };
}

/** Whether an error says that this machine has no WebGPU adapter, as opposed to one that fails. */
export function isMissingAdapter(error: unknown): boolean {
    return error instanceof EngineError && (error.code === 'no-adapter' || error.code === 'no-device');
}

async function webgpuEngineOn(device: EngineDevice, modelFile: Uint8Array): Promise<InferenceEngine> {
    const engine = await Engine.load(device, unwrap(parseModelFile(modelFile)));
    return {
        modelRoot: rootOf(modelFile),
        name: describeAdapter(device.adapter),
        run: async (input) => (await engine.run(input)).classes,
        close: () => {
            engine.destroy();
            device.close();
        },
    };
}

function rootOf(modelFile: Uint8Array): bigint {
    return toUint256('modelRoot', Buffer.from(modelRoot(modelFile), 'hex'));
}
