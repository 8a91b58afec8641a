import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openPage } from '../../tests/engine/verify/browserPage';
import { PEERS } from './contenders';
import { floatProduct } from './onnx';
import { Laps, operands, Plan } from './product';

const RUNTIME = join(PEERS, 'node_modules/onnxruntime-web/dist');

/**
 * Measures the engine beside ONNX Runtime's WebGPU provider, on one page of Chromium and its SwiftShader.
 *
 * @throws Error for products that differ, or a page that fails
 */
export async function browserLaps(plan: Plan): Promise<Laps[]> {
    const laps: Laps[] = [];
    let settle: { resolve(): void; reject(error: Error): void };
    const ended = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
    const close = await openPage({
        script: join(__dirname, 'page.ts'),
        onPost(path, body) {
            if (path === '/end') settle.resolve();
            else laps.push(JSON.parse(body) as Laps);
        },
        onFetch: async (path) =>
            path === '/plan' ? { type: 'application/json', body: JSON.stringify(plan) } : await served(path),
        onFailure: (error) => settle.reject(error),
    });
    try {
        await ended;
    } finally {
        await close();
    }
    return laps;
}

/** A file of ONNX Runtime, or a model of one product. */
async function served(path: string): Promise<{ type: string; body: Uint8Array } | undefined> {
    const [, folder, name] = path.split('/');
    if (folder === 'ort') {
        const type = name!.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
        return { type, body: await readFile(join(RUNTIME, basename(name!))) };
    }
    if (folder !== 'model') return undefined;
    const size = Number(name);
    return { type: 'application/octet-stream', body: floatProduct(operands(size).weights, size) };
}
