/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { describeAdapter, HIDE_ADAPTERS_VARIABLE, openDevice } from '../../worker/engine/device';
import { EngineError } from '../../worker/engine/errors';
import { unwrap } from '../../worker/engine/result';

describe('openDevice', () => {
    afterEach(() => {
        delete process.env[HIDE_ADAPTERS_VARIABLE];
    });

    it('opens a device and names its adapter', async () => {
        const device = unwrap(await openDevice());
        expect(device.adapter.vendor).not.toBe('');
        expect(describeAdapter(device.adapter)).toContain(device.adapter.vendor);
        device.close();
    });

    it('gives a device with at least the limits that the engine counts on', async () => {
        const device = unwrap(await openDevice());
        const { limits } = device.gpuDevice;
        expect(limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256);
        expect(limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
        expect(limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(128 * 1024 * 1024);
        device.close();
    });

    it('finds nothing when adapters are hidden, by the option or by the environment', async () => {
        expect(await openDevice({ hideAdapters: true })).toMatchObject({ ok: false, error: { code: 'no-adapter' } });
        process.env[HIDE_ADAPTERS_VARIABLE] = '1';
        const result = await openDevice();
        expect(result).toMatchObject({ ok: false, error: { code: 'no-adapter' } });
        expect(() => unwrap(result)).toThrow(EngineError);
    });

    it('says that there is no adapter where WebGPU has none', async () => {
        const gpu = { requestAdapter: async () => null } as unknown as GPU;
        expect(await openDevice({ gpu })).toMatchObject({ ok: false, error: { code: 'no-adapter' } });
    });

    it('says that there is no adapter where looking for one fails', async () => {
        const cause = new Error('broken driver');
        const gpu = { requestAdapter: () => Promise.reject(cause) } as unknown as GPU;
        expect(await openDevice({ gpu })).toMatchObject({ ok: false, error: { code: 'no-adapter', cause } });
    });

    it('says that there is no device where the adapter refuses', async () => {
        const refusal = new Error('device lost');
        const adapter = { requestDevice: () => Promise.reject(refusal) };
        const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
        const result = await openDevice({ gpu });
        expect(result).toMatchObject({ ok: false, error: { code: 'no-device', cause: refusal } });
    });
});
