import { EngineError } from './errors';
import { err, ok, Result } from './result';

/** Environment variable that, set to `1`, makes every adapter invisible: how a machine without one is tested. */
export const HIDE_ADAPTERS_VARIABLE = 'COMPUTE_MARKET_NO_GPU';

/** What an adapter says about itself; empty where it says nothing. */
export interface AdapterName {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
}

/** An open WebGPU device. */
export interface EngineDevice {
    readonly gpuDevice: GPUDevice;
    readonly adapter: AdapterName;
    /** Whether WGSL's `dot4I8Packed` can be used. The results are the same bits with and without. */
    readonly packedDotProduct: boolean;
    /** Releases the device and everything on it. */
    close(): void;
}

/** Options of {@link openDevice}. */
export interface OpenDeviceOptions {
    /** The entry point to use instead of looking for one. */
    readonly gpu?: GPU;
    /** Pretends that there is no adapter; by default what {@link HIDE_ADAPTERS_VARIABLE} says. */
    readonly hideAdapters?: boolean;
}

/**
 * Opens a WebGPU device: through `navigator.gpu` where it exists (browsers), else through Dawn (Node).
 *
 * @returns the device, or an {@link EngineError} with the code `no-adapter` or `no-device`.
 */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<Result<EngineDevice, EngineError>> {
    if (options.hideAdapters ?? adaptersAreHidden()) {
        return err(new EngineError('no-adapter', `Adapters are hidden by ${HIDE_ADAPTERS_VARIABLE}`));
    }
    let gpu: GPU | undefined;
    let adapter: GPUAdapter | null | undefined;
    try {
        gpu = options.gpu ?? (await findGpu());
        adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
    } catch (cause) {
        return err(new EngineError('no-adapter', 'Looking for an adapter failed', { cause }));
    }
    if (!gpu || !adapter) return err(new EngineError('no-adapter', 'WebGPU has no adapter on this machine'));
    try {
        // The default limits are the ones that the engine respects everywhere (docs/engine.md, section 7).
        const gpuDevice = await adapter.requestDevice();
        const { vendor, architecture, device, description } = adapter.info;
        return ok({
            gpuDevice,
            adapter: { vendor, architecture, device, description },
            packedDotProduct: gpu.wgslLanguageFeatures.has('packed_4x8_integer_dot_product'),
            close: () => gpuDevice.destroy(),
        });
    } catch (cause) {
        return err(new EngineError('no-device', 'The adapter gives no device', { cause }));
    }
}

/** One line that names an adapter for logs and manifests. */
export function describeAdapter(adapter: AdapterName): string {
    const { vendor, architecture, device, description } = adapter;
    return [vendor, architecture, device, description].filter((part) => part !== '').join(' / ') || 'unnamed adapter';
}

function adaptersAreHidden(): boolean {
    // Browsers have no `process`.
    return typeof process !== 'undefined' && process.env[HIDE_ADAPTERS_VARIABLE] === '1';
}

async function findGpu(): Promise<GPU | undefined> {
    const { navigator } = globalThis as { navigator?: { gpu?: GPU } };
    if (navigator?.gpu) return navigator.gpu;
    if (typeof process === 'undefined') return undefined;
    // Imported only here, so that nothing of Node is loaded in a browser.
    const { findNodeGpu } = await import('./nodeGpu.js');
    return findNodeGpu();
}
