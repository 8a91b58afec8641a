import { EngineDevice } from '../device';
import { EngineError } from '../errors';
import { checked, DeviceMemory } from '../gpuBuffers';
import { unwrap } from '../result';
import { Generation, GenerationResult } from './generation';
import { buildGraph, greatestRows } from './graph';
import { DecoderModel } from './model';
import { parseDecoderFile } from './modelFile';
import { ModelTree } from './modelRoot';
import { cacheRowBytes } from './operators';
import { PrefixCache } from './prefixCache';
import { checkRequest, GenerationRequest, RequestError } from './request';
import { Generator, sample } from './sampler';
import { RunTrace } from './runTrace';
import { findSha256, Sha256 } from './sha256';
import { DecoderSteps, StepOutput } from './steps';
import { Completion, Ending, serialiseResult } from './stopping';
import { PositionRecord, RecordHasher, Trace } from './trace';

/** Options of {@link DecoderEngine.load}. None of them changes a bit of a result. */
export interface DecoderOptions {
    /** Positions that there is room for; requests that need more are refused. By default the model's context limit. */
    readonly positions?: number;
    /** Prompt tokens that are computed at once, at most; 64 by default. */
    readonly maxRows?: number;
    /** Whether runs can be traced, which takes memory for the outputs of all operators. Yes by default. */
    readonly traces?: boolean;
    /** Bytes that the prefix cache may take on the device; 64 MiB by default, 0 for none. */
    readonly prefixCacheBytes?: number;
    /** By default the platform's. */
    readonly sha256?: Sha256;
}

/** Options of a run. */
export interface RunOptions {
    /** The 32 bytes of the run's `resultCommitment`: asks for a trace. */
    readonly traceSalt?: Uint8Array;
    /** Called with the trace when it is complete, for who wants to open rows of it. */
    readonly onTrace?: (trace: Trace) => void;
    /** Called with every computed position's record, in order, if a trace is made. Cached positions have none. */
    readonly onRecord?: (position: number, record: PositionRecord) => void;
}

const DEFAULT_MAX_ROWS = 64;
const DEFAULT_PREFIX_CACHE_BYTES = 64 * 2 ** 20;

/** A decoder on a device. Runs may be started while others are under way; they are computed one after another. */
export class DecoderEngine {
    private lastRun: Promise<unknown> = Promise.resolve();
    private lastStep: Promise<unknown> = Promise.resolve();
    private destroyed = false;
    private tree: ModelTree | undefined;

    private constructor(
        private readonly file: Uint8Array,
        readonly model: DecoderModel,
        private readonly memory: DeviceMemory,
        private readonly steps: DecoderSteps,
        private readonly prefixes: PrefixCache,
        private readonly sha256: Sha256,
        private readonly settings: { positions: number; maxRows: number; traces: boolean },
    ) {}

    /**
     * Puts a model on a device.
     *
     * @param file - the model's whole file, which must not be changed while the engine lives.
     * @throws ModelFileError for a file that is no valid decoder's
     * @throws EngineError `model-too-large` or `device-failure`
     * @throws RangeError for an option that is out of range
     */
    static async load(device: EngineDevice, file: Uint8Array, options: DecoderOptions = {}): Promise<DecoderEngine> {
        const model = unwrap(parseDecoderFile(file));
        const { contextLimit } = model.shape;
        const { positions = contextLimit, traces = true, prefixCacheBytes = DEFAULT_PREFIX_CACHE_BYTES } = options;
        const wanted = options.maxRows ?? DEFAULT_MAX_ROWS;
        requireInteger('positions', positions, 2, contextLimit);
        requireInteger('maxRows', wanted, 1, 65_535);
        requireInteger('prefixCacheBytes', prefixCacheBytes, 0, Number.MAX_SAFE_INTEGER);
        const sha256 = options.sha256 ?? (await findSha256());
        const maxRows = Math.min(wanted, positions, greatestRows(device, model, positions));
        const memory = new DeviceMemory(device);
        try {
            const layout = { maxRows, positions, recorded: traces };
            const { steps, caches } = await checked(device, () => {
                const graph = buildGraph(device, memory, model, layout);
                return { steps: new DecoderSteps(device, memory, model, graph, layout), caches: graph.caches };
            });
            const prefixes = new PrefixCache(device, caches, cacheRowBytes(model.shape), prefixCacheBytes);
            return new DecoderEngine(file, model, memory, steps, prefixes, sha256, { positions, maxRows, traces });
        } catch (error) {
            memory.destroy();
            throw error;
        }
    }

    /** The tree of `modelRoot`; the first call hashes the whole model. */
    modelTree(): ModelTree {
        return (this.tree ??= new ModelTree(this.model, this.file, this.sha256));
    }

    /** `modelRoot`, 32 bytes; the first call hashes the whole model. */
    modelRoot(): Uint8Array {
        return this.modelTree().root;
    }

    /**
     * Starts a run.
     *
     * @throws RequestError for a request that is not one of this model, or needs more positions than the engine has room for
     * @throws RangeError for a trace of an engine without traces, or a salt that has not 32 bytes
     */
    generate(request: GenerationRequest, options: RunOptions = {}): Generation {
        checkRequest(request, this.model.shape);
        const { positions, traces } = this.settings;
        const needed = request.prompt.length + request.maxTokens - 1;
        if (needed > positions) {
            throw new RequestError(
                'out-of-range',
                `The request needs ${needed} positions, there is room for ${positions}`,
            );
        }
        if (options.traceSalt !== undefined) {
            if (!traces) throw new RangeError('This engine was loaded without traces');
            if (options.traceSalt.length !== 32) throw new RangeError('The salt of a trace must have 32 bytes');
        }
        return new Generation((generation) => {
            const run = this.lastRun.then(() => this.run(request, options, generation));
            // The next run waits for this one, whether or not it fails; the failure belongs to this one's caller.
            this.lastRun = run.catch(() => undefined);
            return run;
        });
    }

    /** Releases the model's memory on the device; the device stays open. Runs under way fail. */
    destroy(): void {
        this.destroyed = true;
        this.prefixes.clear();
        this.memory.destroy();
    }

    private async run(
        request: GenerationRequest,
        options: RunOptions,
        generation: Pick<Generation, 'emit' | 'checkCancelled'>,
    ): Promise<GenerationResult> {
        const { model, sha256 } = this;
        const { prompt } = request;
        // A run that was given up may have left a step under way.
        await this.lastStep;
        generation.checkCancelled();
        const tracing = this.traceOf(options);
        const cached = this.prefixes.restore(prompt.subarray(0, -1), tracing !== undefined);
        tracing?.addCached(cached.digests!);

        const generator = Generator.ofSeed(request.seed, sha256);
        const completion = new Completion(model, request);
        const computed = [...prompt];
        let shown = 0;
        let ending: Ending | undefined;
        let output = await this.prefill(request, cached.length, tracing, generation);
        while (ending === undefined) {
            const token = output.token ?? sample(output.logits!, model.exp, request, generator);
            ending = completion.add(token);
            // The next step is computed while this one's record is hashed.
            const next = ending ? undefined : this.step([token], computed.length, request, tracing !== undefined, true);
            const text = completion.text.slice(shown, ending?.visibleBytes ?? completion.settledBytes());
            generation.emit({ index: completion.tokens.length - 1, token, text });
            shown += text.length;
            tracing?.add(output);
            if (next !== undefined) {
                computed.push(token);
                output = await next;
                generation.checkCancelled();
            }
        }
        this.prefixes.store(Uint32Array.from(computed), tracing?.kept);
        if (tracing !== undefined) options.onTrace?.(tracing.trace);
        return {
            reason: ending.reason,
            tokens: Uint32Array.from(completion.tokens),
            text: completion.text.slice(0, ending.visibleBytes),
            bytes: serialiseResult(ending, completion.tokens),
            counts: {
                prompt: prompt.length - cached.length,
                cached: cached.length,
                completion: completion.tokens.length,
            },
            traceRoot: tracing?.trace.root(),
        };
    }

    /** Computes the prompt from a position on; returns what came back of its last step, which is not in the trace yet. */
    private async prefill(
        request: GenerationRequest,
        first: number,
        tracing: RunTrace | undefined,
        generation: Pick<Generation, 'checkCancelled'>,
    ): Promise<StepOutput> {
        const { prompt } = request;
        const { maxRows } = this.settings;
        let pending: Promise<StepOutput> | undefined;
        for (let position = first; position < prompt.length; position += maxRows) {
            const tokens = prompt.subarray(position, position + maxRows);
            const isLast = position + tokens.length === prompt.length;
            const started = this.step(tokens, position, request, tracing !== undefined, isLast);
            if (pending !== undefined) {
                const output = await pending;
                tracing?.add(output);
            }
            pending = started;
            if (!isLast) generation.checkCancelled();
        }
        return await pending!;
    }

    private traceOf({ traceSalt, onRecord }: RunOptions): RunTrace | undefined {
        if (traceSalt === undefined) return undefined;
        const trace = new Trace(this.modelRoot(), traceSalt, this.sha256);
        return new RunTrace(trace, new RecordHasher(this.model.shape, this.sha256), this.model.shape, onRecord);
    }

    private step(
        tokens: ArrayLike<number>,
        first: number,
        { temperature }: GenerationRequest,
        record: boolean,
        sampled: boolean,
    ): Promise<StepOutput> {
        if (this.destroyed) return Promise.reject(new EngineError('destroyed', 'The engine has been destroyed'));
        const wish = !sampled ? 'none' : temperature === 0 ? 'token' : 'logits';
        const output = this.steps.submit(tokens, first, { sampled: wish, record });
        // Awaited later; until then a failure must not count as nobody's.
        this.lastStep = output.catch(() => undefined);
        return output;
    }
}

function requireInteger(name: string, value: number, least: number, greatest: number): void {
    if (!Number.isInteger(value) || value < least || value > greatest) {
        throw new RangeError(`${name} is ${value}, not ${least} … ${greatest}`);
    }
}
