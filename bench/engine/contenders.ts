import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describeAdapter, openDevice } from '../../worker/engine/device';
import { BufferUsage, DeviceMemory } from '../../worker/engine/gpuBuffers';
import { linearOperator } from '../../worker/engine/operators';
import { unwrap } from '../../worker/engine/result';
import { ELEMENT, productModel } from './onnx';

/** Where the libraries lie that the engine is measured beside: they are no part of what `npm ci` installs. */
export const PEERS = join(__dirname, '../../build/peers');
/** What puts them there. */
export const HOW_TO_INSTALL =
    'npm i --prefix build/peers --ignore-scripts onnxruntime-web@1.30.0 onnxruntime-node@1.30.0';

/** Who computes an int8 product. */
export type ContenderName = 'engine' | 'wasm-1' | 'wasm-2' | 'node-2';

/** One who computes the product of two fixed int8 matrices, [size, size] each, to int32. */
export interface Contender {
    /** What it runs on. */
    readonly on: string;
    /** Computes once; the product is complete when it resolves. */
    run(): Promise<Int32Array>;
}

/** The two matrices; the second has an output channel in each row. */
function operands(size: number): { inputs: Int8Array; weights: Int8Array } {
    const fill = (factor: number): Int8Array =>
        Int8Array.from({ length: size * size }, (_, i) => Math.imul(i + 1, factor) >>> 13);
    return { inputs: fill(0x9e3779b1), weights: fill(0x85ebca6b) };
}

/** Makes a contender ready in this process. */
export async function openContender(name: ContenderName, size: number): Promise<Contender> {
    if (name === 'engine') return openEngine(size);
    return openOnnxRuntime(name, size);
}

async function openEngine(size: number): Promise<Contender> {
    const device = unwrap(await openDevice());
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
        on: describeAdapter(device.adapter),
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

/** What is used of ONNX Runtime's common interface. */
interface OnnxRuntime {
    readonly env: { readonly wasm: { numThreads: number } };
    readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OnnxSession> };
    readonly Tensor: new (type: string, data: Int8Array, dims: number[]) => object;
}

interface OnnxSession {
    run(feeds: object): Promise<{ y: { getData(): Promise<Int32Array> } }>;
}

async function openOnnxRuntime(name: Exclude<ContenderName, 'engine'>, size: number): Promise<Contender> {
    const [kind, threads] = name.split('-') as ['wasm' | 'node', string];
    const library = createRequire(join(PEERS, 'node_modules', 'x'))(`onnxruntime-${kind === 'wasm' ? 'web' : 'node'}`);
    const runtime = library as OnnxRuntime;
    if (kind === 'wasm') runtime.env.wasm.numThreads = Number(threads);
    const options = kind === 'wasm' ? { executionProviders: ['wasm'] } : { intraOpNumThreads: Number(threads) };
    const { inputs, weights } = operands(size);
    // ONNX wants the second matrix with an output channel in each column.
    const columns = Int8Array.from(weights, (_, i) => weights[(i % size) * size + Math.floor(i / size)]!);
    const types = { input: ELEMENT.int8, output: ELEMENT.int32 };
    const model = productModel('MatMulInteger', size, types, new Uint8Array(columns.buffer));
    const session = await runtime.InferenceSession.create(new Uint8Array(model), options);
    const a = new runtime.Tensor('int8', inputs, [size, size]);
    return {
        on:
            kind === 'wasm'
                ? `onnxruntime-web, wasm, ${threads} thread(s)`
                : `onnxruntime-node, CPU, ${threads} threads`,
        run: async () => (await session.run({ a })).y.getData(),
    };
}
