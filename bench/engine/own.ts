import { describeAdapter, EngineDevice } from '../../worker/engine/device';
import { BufferUsage, DeviceMemory } from '../../worker/engine/gpuBuffers';
import { linearOperator } from '../../worker/engine/operators';
import { Contender, operands } from './product';

/** Makes this engine's product ready on a device. */
export function openEngine(device: EngineDevice, size: number): Contender {
    const { gpuDevice } = device;
    const memory = new DeviceMemory(device);
    const { inputs, weights } = operands(size);
    const channels = { bias: new Int32Array(size), multiplier: new Int32Array(size), shift: new Uint32Array(size) };
    const context = { device, memory, rowCount: memory.uniform('rows', size), capacity: size };
    const input = memory.upload('inputs', inputs.length, () => new Uint8Array(inputs.buffer as ArrayBuffer));
    const operator = linearOperator(
        context,
        input,
        { inputs: size, outputs: size, weights, ...channels },
        'accumulators',
    );
    const readback = memory.create('readback', size * size * 4, BufferUsage.MapRead | BufferUsage.CopyDestination);
    return {
        on: `this engine, ${describeAdapter(device.adapter)}`,
        async run() {
            const encoder = gpuDevice.createCommandEncoder();
            const pass = encoder.beginComputePass();
            operator.encode(pass, size);
            pass.end();
            encoder.copyBufferToBuffer(operator.output, 0, readback, 0, readback.size);
            gpuDevice.queue.submit([encoder.finish()]);
            await readback.mapAsync(1);
            const product = new Int32Array(readback.getMappedRange().slice(0));
            readback.unmap();
            return product;
        },
    };
}
