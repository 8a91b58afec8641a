import { setImmediate, setTimeout } from 'node:timers';

const PAUSE_MS = 1;
/** How long Dawn looks without a pause: a pause then makes a result an eighth later at the most. */
const EAGER_MS = 8 * PAUSE_MS;

/** WebGPU's methods that return a promise. */
const WAITING = {
    GPU: ['requestAdapter'],
    GPUAdapter: ['requestDevice'],
    GPUBuffer: ['mapAsync'],
    GPUDevice: ['createComputePipelineAsync', 'createRenderPipelineAsync', 'popErrorScope'],
    GPUQueue: ['onSubmittedWorkDone'],
    GPUShaderModule: ['getCompilationInfo'],
} as const;

/** WebGPU's classes, as Dawn's package gives them. */
export type DawnClasses = {
    readonly [Class in keyof typeof WAITING]: { prototype: Record<string, (...parameters: never[]) => unknown> };
};

/**
 * Makes Dawn pause while it waits for its device; the results stay the same bits.
 *
 * In every turn of Node's event loop its binding asks whether the device is done, so that the loop never sleeps: that takes a core, which a
 * driver that computes on the CPU then lacks. Each time it takes `setImmediate` from the globals, which while it runs, and for nobody
 * else, is here a function that pauses from the eighth millisecond on. Every method that can start this is wrapped, since it goes on
 * with the `setImmediate` that it started with.
 */
export function pauseWhileWaiting(classes: DawnClasses): void {
    for (const [name, methods] of Object.entries(WAITING)) {
        const { prototype } = classes[name as keyof typeof WAITING];
        for (const method of methods) {
            const start = prototype[method]!;
            prototype[method] = function (...parameters) {
                waitingSince = performance.now();
                return withPauses(() => start.apply(this, parameters));
            };
        }
    }
}

let waitingSince = 0;

/** Calls something of Dawn's that may schedule its next look at the device. */
function withPauses<T>(call: () => T): T {
    const scheduler = globalThis.setImmediate;
    globalThis.setImmediate = lookLater as typeof setImmediate;
    try {
        return call();
    } finally {
        globalThis.setImmediate = scheduler;
    }
}

function lookLater(look: () => void): unknown {
    const next = (): void => withPauses(look);
    return performance.now() - waitingSince < EAGER_MS ? setImmediate(next) : setTimeout(next, PAUSE_MS);
}
