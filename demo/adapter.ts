import { createRefereeEngine, InferenceEngine, isMissingAdapter, openWebgpuEngine } from '../worker/node';

/** What the demo computes with. */
export interface ChosenEngine {
    readonly engine: InferenceEngine;
    /** Name of the WebGPU adapter; null where the referee stands in. */
    readonly adapter: string | null;
}

/** There is no adapter, and the referee was not wanted. */
export class NoAdapterError extends Error {
    override readonly name = 'NoAdapterError';
}

/**
 * Opens the model on WebGPU, on the machine's driver or on the packaged one that needs no graphics card; the referee is the last
 * resort.
 *
 * @throws NoAdapterError without an adapter, if one is required
 */
export async function chooseEngine(modelFile: Uint8Array, requireGpu: boolean): Promise<ChosenEngine> {
    try {
        const engine = await openWebgpuEngine(modelFile);
        return { engine, adapter: engine.name };
    } catch (error) {
        if (!isMissingAdapter(error)) {
            throw error;
        }
        if (requireGpu) {
            throw new NoAdapterError(
                `No WebGPU adapter: ${(error as Error).message}. Run with --no-require-gpu to compute with the referee.`,
            );
        }
        return { engine: createRefereeEngine(modelFile), adapter: null };
    }
}
