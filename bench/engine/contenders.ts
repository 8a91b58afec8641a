import { createRequire } from 'node:module';
import { join } from 'node:path';
import { openDevice } from '../../worker/engine/device';
import { unwrap } from '../../worker/engine/result';
import { blockProduct, floatProduct, integerProduct, ProductModel } from './onnx';
import { openEngine } from './own';
import { Contender, operands } from './product';

/** Where the libraries lie that the engine is measured beside: they are no part of what `npm ci` installs. */
export const PEERS = join(__dirname, '../../build/peers');
/** What puts them there. */
export const HOW_TO_INSTALL =
    'npm i --prefix build/peers --ignore-scripts onnxruntime-web@1.30.0 onnxruntime-node@1.30.0';

/** Who computes an int8 product in Node; the engine is first. */
export const CONTENDERS = ['engine', 'webgpu', 'webgpu-blocks', 'wasm-1', 'wasm-2', 'cpu-2'] as const;

/** One of {@link CONTENDERS}. */
export type ContenderName = (typeof CONTENDERS)[number];

/** Makes a contender ready in this process. */
export async function openContender(name: ContenderName, size: number): Promise<Contender> {
    return name === 'engine' ? openEngine(unwrap(await openDevice()), size) : openOnnxRuntime(SETUPS[name], size);
}

interface Setup {
    readonly library: 'onnxruntime-node' | 'onnxruntime-web';
    readonly provider: 'webgpu' | 'wasm' | 'cpu';
    readonly model: ProductModel;
    /** Of the library's own; none where the device has them. */
    readonly threads?: number;
    /** How it computes. */
    readonly how: string;
}

const WEBGPU = { library: 'onnxruntime-node', provider: 'webgpu' } as const;
const WASM = { library: 'onnxruntime-web', provider: 'wasm', model: integerProduct } as const;
const CPU = { library: 'onnxruntime-node', provider: 'cpu', model: integerProduct } as const;
const SETUPS: Record<Exclude<ContenderName, 'engine'>, Setup> = {
    webgpu: { ...WEBGPU, model: floatProduct, how: 'WebGPU, f32' },
    'webgpu-blocks': { ...WEBGPU, model: blockProduct, how: 'WebGPU, MatMulNBits of 8 bits' },
    'wasm-1': { ...WASM, threads: 1, how: 'wasm, 1 thread' },
    'wasm-2': { ...WASM, threads: 2, how: 'wasm, 2 threads' },
    'cpu-2': { ...CPU, threads: 2, how: 'CPU, 2 threads' },
};

/** What is used of ONNX Runtime's common interface. */
interface OnnxRuntime {
    readonly env: { readonly wasm: { numThreads?: number }; readonly versions: Readonly<Record<string, string>> };
    readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OnnxSession> };
    readonly Tensor: new (type: string, data: Int8Array | Float32Array, dims: number[]) => object;
}

interface OnnxSession {
    run(feeds: object): Promise<{ y: { getData(): Promise<Int32Array | Float32Array> } }>;
}

async function openOnnxRuntime({ library, provider, model, threads, how }: Setup, size: number): Promise<Contender> {
    const runtime = createRequire(join(PEERS, 'node_modules', 'x'))(library) as OnnxRuntime;
    runtime.env.wasm.numThreads = threads;
    const { inputs, weights } = operands(size);
    const session = await runtime.InferenceSession.create(new Uint8Array(model(weights, size)), {
        executionProviders: [provider],
        ...(provider === 'cpu' ? { intraOpNumThreads: threads } : {}),
        // What the provider cannot do would be done on the CPU, and be measured as the provider's.
        ...(provider === 'webgpu' ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
    });
    const [type, content] = model === integerProduct ? ['int8', inputs] : ['float32', Float32Array.from(inputs)];
    const a = new runtime.Tensor(type, content, [size, size]);
    return {
        on: `${library} ${runtime.env.versions[library.replace('onnxruntime-', '')]}, ${how}`,
        run: async () => (await session.run({ a })).y.getData(),
    };
}
