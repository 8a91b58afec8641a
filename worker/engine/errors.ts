/** Why the engine cannot compute. */
export type EngineErrorCode =
    /** No WebGPU implementation, or one without an adapter. */
    | 'no-adapter'
    /** The adapter is there but does not give a device. */
    | 'no-device'
    /** The model is valid but larger than the device or the engine allows (docs/engine.md, section 7). */
    | 'model-too-large'
    /** The device refused a shader, a buffer or a command. */
    | 'device-failure'
    /** The engine has been destroyed. */
    | 'destroyed'
    /** The run was given up by who started it. */
    | 'cancelled';

/** An error of the engine or its device; {@link EngineError.code} tells which. */
export class EngineError extends Error {
    override readonly name = 'EngineError';

    constructor(
        readonly code: EngineErrorCode,
        message: string,
        options?: ErrorOptions,
    ) {
        super(message, options);
    }
}
