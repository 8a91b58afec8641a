import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');
/** Waits for work of at least 200 ms, whatever the device: what the event loop did meanwhile, and whose `setImmediate` others met. */
const PROBE = `
    const { openDevice } = require('./worker/engine/device');
    const WORK = \`
        @group(0) @binding(0) var<storage, read_write> values: array<u32>;
        @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
            for (var i = 0u; i < 10000u; i++) { values[id.x] = values[id.x] * 1664525u + 1013904223u; }
        }\`;
    (async () => {
        const { setImmediate } = globalThis;
        const { gpuDevice } = (await openDevice()).value;
        const module = gpuDevice.createShaderModule({ code: WORK });
        const pipeline = gpuDevice.createComputePipeline({ layout: 'auto', compute: { module } });
        const [values, readback] = [0x84, 0x09].map((usage) => gpuDevice.createBuffer({ size: 65536, usage }));
        const entries = [{ binding: 0, resource: { buffer: values } }];
        const group = gpuDevice.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
        for (let repeats = 1; ; repeats *= 2) {
            const encoder = gpuDevice.createCommandEncoder();
            const pass = encoder.beginComputePass();
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, group);
            for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(256);
            pass.end();
            encoder.copyBufferToBuffer(values, 0, readback, 0, 65536);
            gpuDevice.queue.submit([encoder.finish()]);
            const before = performance.eventLoopUtilization();
            const started = performance.now();
            const mapped = readback.mapAsync(1);
            const met = new Set([globalThis.setImmediate]);
            const watch = setInterval(() => met.add(globalThis.setImmediate), 5);
            await mapped;
            clearInterval(watch);
            readback.unmap();
            if (performance.now() - started < 200) continue;
            const { utilization } = performance.eventLoopUtilization(before);
            process.stdout.write(JSON.stringify({ utilization, untouched: met.size === 1 && met.has(setImmediate) }));
            process.exit();
        }
    })();
`;

describe('waiting for the device in Node', () => {
    it("leaves most of the time to the device's threads, and everybody else's setImmediate alone", async () => {
        const program = ['--import', 'tsx', '--eval', PROBE];
        const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: ROOT });
        const { utilization, untouched } = JSON.parse(stdout) as { utilization: number; untouched: boolean };
        expect(utilization).toBeLessThan(0.5);
        expect(untouched).toBe(true);
    }, 180_000);
});
