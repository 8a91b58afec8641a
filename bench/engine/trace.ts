import { DIMENSIONS, randomDecoder } from '../../tests/fixtures/decoder';
import { DecoderEngine } from '../../worker/engine/decoder/decoderEngine';
import { openDevice } from '../../worker/engine/device';
import { unwrap } from '../../worker/engine/result';

/** Medians, in milliseconds, of one run with and without a trace. */
export interface TraceCost {
    readonly model: string;
    readonly positions: number;
    readonly plain: number;
    readonly traced: number;
}

const SHAPE = { ...DIMENSIONS.larger!, V: 512, D: 256, F: 768, L: 4, H: 8, G: 4, d: 32, T: 128 };
const PROMPT = 64;
const COMPLETION = 32;

/** Measures what a trace adds to the time of a run, in interleaved runs of a random model on this machine's adapter. */
export async function traceCost(runs: number): Promise<TraceCost> {
    const device = unwrap(await openDevice());
    const { file } = randomDecoder(1, SHAPE);
    const engine = await DecoderEngine.load(device, file, { prefixCacheBytes: 0 });
    engine.modelRoot();
    const request = {
        ...{ maxTokens: COMPLETION, temperature: 10_000, topK: 0, topP: 10_000, seed: 1n, stopBytes: [] },
        prompt: Uint32Array.from({ length: PROMPT }, (_, i) => (7 * i) % SHAPE.V),
        stopTokens: [],
    };
    const plain: number[] = [];
    const traced: number[] = [];
    let positions = 0;
    for (let run = -1; run < runs; run++) {
        for (const [times, options] of [
            [plain, {}],
            [traced, { traceSalt: new Uint8Array(32) }],
        ] as const) {
            const started = performance.now();
            const { tokens } = await engine.generate(request, options).result;
            // The first of each is for the drivers' compilers.
            if (run >= 0) times.push(performance.now() - started);
            positions = PROMPT + tokens.length - 1;
        }
    }
    engine.destroy();
    device.close();
    const { D, F, L, H, G, d, V } = SHAPE;
    const model = `D = ${D}, F = ${F}, L = ${L}, H = ${H}, G = ${G}, d = ${d}, V = ${V}`;
    return { model, positions, plain: median(plain), traced: median(traced) };
}

/** The middle of the values. */
export function median(values: readonly number[]): number {
    return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
