import { createRequire } from 'node:module';
import { join } from 'node:path';
import { openDevice } from '../../worker/engine/device';
import { unwrap } from '../../worker/engine/result';
import { ELEMENT, productModel } from './onnx';
import { openEngine } from './own';
import { columns, Contender, operands } from './product';

/** Where the libraries lie that the engine is measured beside: they are no part of what `npm ci` installs. */
export const PEERS = join(__dirname, '../../build/peers');
/** What puts them there. */
export const HOW_TO_INSTALL =
    'npm i --prefix build/peers --ignore-scripts onnxruntime-web@1.30.0 onnxruntime-node@1.30.0';

/** Who computes an int8 product. */
export type ContenderName = 'engine' | 'wasm-1' | 'wasm-2' | 'node-2';

/** Makes a contender ready in this process. */
export async function openContender(name: ContenderName, size: number): Promise<Contender> {
    if (name === 'engine') return openEngine(unwrap(await openDevice()), size);
    return openOnnxRuntime(name, size);
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
    const types = { input: ELEMENT.int8, output: ELEMENT.int32 };
    const model = productModel('MatMulInteger', size, types, new Uint8Array(columns(weights, size).buffer));
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
