import { EngineDevice } from '../device';
import { BufferUsage } from '../gpuBuffers';

/** Rows of the key-value cache that an earlier run left, and what a trace needs of them. */
interface Entry {
    readonly tokens: Uint32Array;
    /** Keys and values of all layers, layer by layer. */
    readonly rows: GPUBuffer;
    /** For each position SHA-256 of the leaves that do not depend on sampling; undefined if no trace was asked for. */
    readonly digests: readonly (readonly Uint8Array[])[] | undefined;
    readonly bytes: number;
}

/** Where to find the rows of a prefix. */
export interface PrefixHit {
    /** Positions that are equal, and are in the key-value cache now. */
    readonly length: number;
    /** For each of them SHA-256 of its leaves; undefined without a trace. */
    readonly digests: readonly (readonly Uint8Array[])[] | undefined;
}

const DIGEST_BYTES = 32;

/**
 * Keys and values of earlier prompts and completions (docs/engine/decoder.md, section 4), on the device. The tokens themselves are compared,
 * so an output never changes. Entries that were not used for longest go first when the bytes run out.
 */
export class PrefixCache {
    /** The one used last is last. */
    private entries: Entry[] = [];
    private held = 0;

    /**
     * @param caches - the key-value cache of each layer, a row for each position.
     * @param rowBytes - of a layer's row.
     * @param capacity - greatest bytes of all entries; 0 keeps nothing.
     */
    constructor(
        private readonly device: EngineDevice,
        private readonly caches: readonly GPUBuffer[],
        private readonly rowBytes: number,
        private readonly capacity: number,
    ) {}

    /** Bytes that all entries take. */
    get bytes(): number {
        return this.held;
    }

    /**
     * Puts the longest known prefix into the key-value cache.
     *
     * @param tokens - what may be taken from the cache, from position 0 on.
     * @param traced - whether only entries with digests will do.
     */
    restore(tokens: Uint32Array, traced: boolean): PrefixHit {
        let best: Entry | undefined;
        let length = 0;
        for (const entry of this.entries) {
            const common = traced && entry.digests === undefined ? 0 : commonLength(entry.tokens, tokens);
            if (common > length) [best, length] = [entry, common];
        }
        if (best === undefined) return { length: 0, digests: traced ? [] : undefined };
        this.entries = [...this.entries.filter((entry) => entry !== best), best];
        this.copy(best.rows, best.tokens.length, length, 'restore');
        return { length, digests: best.digests?.slice(0, length) };
    }

    /**
     * Keeps what the key-value cache holds for these tokens, from position 0 on, if there is room for it.
     *
     * @param digests - for each position, if a trace was made.
     */
    store(tokens: Uint32Array, digests: readonly (readonly Uint8Array[])[] | undefined): void {
        const rowsBytes = tokens.length * this.caches.length * this.rowBytes;
        const digestBytes = (digests ?? []).reduce((sum, { length }) => sum + DIGEST_BYTES * length, 0);
        const bytes = rowsBytes + digestBytes + tokens.byteLength;
        if (tokens.length === 0 || bytes > this.capacity) return;
        if (rowsBytes > this.device.gpuDevice.limits.maxBufferSize) return;
        const covers = (entry: Entry): boolean => entry.digests !== undefined || digests === undefined;
        if (this.entries.some((entry) => covers(entry) && commonLength(entry.tokens, tokens) === tokens.length)) return;

        // What the new entry says as well is not kept twice.
        const superseded = (entry: Entry): boolean =>
            (digests !== undefined || entry.digests === undefined) &&
            commonLength(entry.tokens, tokens) === entry.tokens.length;
        this.entries.filter(superseded).forEach((entry) => this.drop(entry));
        while (this.held + bytes > this.capacity) this.drop(this.entries[0]!);

        const usage = BufferUsage.CopySource | BufferUsage.CopyDestination;
        const rows = this.device.gpuDevice.createBuffer({ label: 'prefix', size: rowsBytes, usage });
        this.copy(rows, tokens.length, tokens.length, 'keep');
        this.entries.push({ tokens: tokens.slice(), rows, digests, bytes });
        this.held += bytes;
    }

    /** Forgets everything. */
    clear(): void {
        [...this.entries].forEach((entry) => this.drop(entry));
    }

    private drop(entry: Entry): void {
        entry.rows.destroy();
        this.entries = this.entries.filter((other) => other !== entry);
        this.held -= entry.bytes;
    }

    /** Copies the first positions of each layer between an entry's rows and the key-value cache. */
    private copy(rows: GPUBuffer, positions: number, count: number, direction: 'restore' | 'keep'): void {
        const { queue } = this.device.gpuDevice;
        const encoder = this.device.gpuDevice.createCommandEncoder();
        this.caches.forEach((cache, layer) => {
            const place = layer * positions * this.rowBytes;
            const bytes = count * this.rowBytes;
            if (direction === 'restore') encoder.copyBufferToBuffer(rows, place, cache, 0, bytes);
            else encoder.copyBufferToBuffer(cache, 0, rows, place, bytes);
        });
        queue.submit([encoder.finish()]);
    }
}

function commonLength(a: Uint32Array, b: Uint32Array): number {
    const end = Math.min(a.length, b.length);
    let length = 0;
    while (length < end && a[length] === b[length]) length++;
    return length;
}
