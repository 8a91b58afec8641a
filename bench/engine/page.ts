import { openDevice } from '../../worker/engine/device';
import { BufferUsage } from '../../worker/engine/gpuBuffers';
import { unwrap } from '../../worker/engine/result';
import { openEngine } from './own';
import { Contender, Laps, operands, Plan } from './product';

/** What is used of ONNX Runtime's build for WebGPU. */
interface OnnxRuntime {
    readonly env: {
        readonly wasm: { numThreads: number; wasmPaths: string };
        readonly webgpu: { readonly device: Promise<GPUDevice> };
    };
    readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OnnxSession> };
    readonly Tensor: { fromGpuBuffer(buffer: GPUBuffer, options: object): object };
}

interface OnnxSession {
    run(feeds: object): Promise<{ y: { getData(): Promise<Float32Array> } }>;
}

/** Runs in a browser: the engine and ONNX Runtime's WebGPU provider in turns, on one adapter. */
async function main(): Promise<void> {
    const { sizes, runs } = (await (await fetch('/plan')).json()) as Plan;
    for (const size of sizes) {
        const device = unwrap(await openDevice());
        const contenders: Contender[] = [openEngine(device, size), await openOnnxRuntime(size)];
        const laps: number[][] = contenders.map(() => []);
        for (let run = -1; run < runs; run++) {
            const products: ArrayLike<number>[] = [];
            for (const [i, contender] of contenders.entries()) {
                const started = performance.now();
                products.push(await contender.run());
                // The first of each is for the drivers' compilers.
                if (run >= 0) laps[i]!.push(performance.now() - started);
            }
            requireEqual(products[0]!, products[1]!);
        }
        const measured = contenders.map(({ on }, i) => ({ on, milliseconds: laps[i]! }));
        await post('/laps', JSON.stringify({ size, contenders: measured } satisfies Laps));
        device.close();
    }
    await post('/end', '');
}

/** A product of floats, of numbers that are int8: every sum up to 2^24 is exact, so up to 1024 inputs it is the product of integers. */
async function openOnnxRuntime(size: number): Promise<Contender> {
    // Its address is one of the server's, where no compiler can look.
    const address = '/ort/ort.webgpu.min.mjs';
    const runtime = (await import(address)) as OnnxRuntime;
    runtime.env.wasm.numThreads = 1;
    runtime.env.wasm.wasmPaths = '/ort/';
    const model = new Uint8Array(await (await fetch(`/model/${size}`)).arrayBuffer());
    const session = await runtime.InferenceSession.create(model, { executionProviders: ['webgpu'] });
    const device = await runtime.env.webgpu.device;
    const inputs = Float32Array.from(operands(size).inputs);
    const buffer = device.createBuffer({
        size: inputs.byteLength,
        usage: BufferUsage.Storage | BufferUsage.CopyDestination | BufferUsage.CopySource,
    });
    device.queue.writeBuffer(buffer, 0, inputs);
    const a = runtime.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [size, size] });
    const { vendor, architecture } = device.adapterInfo;
    return {
        on: `onnxruntime-web, WebGPU, f32, ${vendor} / ${architecture}`,
        run: async () => (await session.run({ a })).y.getData(),
    };
}

function requireEqual(ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
    const i = Array.prototype.findIndex.call(ours, (value, at) => value !== theirs[at]);
    if (i >= 0 || ours.length !== theirs.length) {
        throw new Error(`Element ${i} is ${ours[i]}, and ${theirs[i]} to ONNX Runtime`);
    }
}

async function post(path: string, body: string): Promise<void> {
    await fetch(path, { method: 'POST', body });
}

main().catch((error: unknown) => post('/error', String(error)));
