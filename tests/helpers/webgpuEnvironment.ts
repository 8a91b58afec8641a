import { TestEnvironment } from 'jest-environment-node';
import { findNodeGpu } from '../../worker/engine/nodeGpu';

/**
 * A jest environment with WebGPU as `navigator.gpu`, as in a browser. The implementation is loaded outside jest's module
 * registry, which cannot import its ES module and would load its native part again for every test file.
 *
 * Without an adapter `navigator.gpu` stays undefined, so that a test which opens a device fails.
 */
export default class WebgpuEnvironment extends TestEnvironment {
    override async setup(): Promise<void> {
        await super.setup();
        const gpu = await findNodeGpu();
        Object.defineProperty(this.global, 'navigator', { value: { gpu }, configurable: true });
    }
}
