import { bigEndian, CellNode, cellNode, concatenate, treeLevels, treeNode } from './cells';
import { LEAF_BYTES, LeafLayout, leavesLayout, LeavesLayout, recordLayout, rowBytes, RowLayout } from './record';
import { Sha256 } from './sha256';
import { DecoderShape } from './shape';

const SALT_TAG = 'ton-compute-market/trace/v1';
const LEAF_TAG = 'CM.trl.1';
const ROOT_TAG = 'CM.trc.1';

/** One position's outputs of all operators that were computed for it, padded as in {@link recordLayout}. */
export type PositionRecord = readonly Uint8Array[];

/** Cuts records into leaves and hashes these; nothing in it depends on a run. */
export class RecordHasher {
    private readonly rows: readonly RowLayout[];
    private readonly leaves: LeavesLayout;
    private readonly scratch = new Uint8Array(LEAF_BYTES);

    constructor(
        shape: DecoderShape,
        private readonly sha256: Sha256,
    ) {
        this.rows = recordLayout(shape);
        this.leaves = leavesLayout(this.rows.map(rowBytes));
    }

    /** SHA-256 of the leaves that every position has. */
    computedDigests(record: PositionRecord): Uint8Array[] {
        return this.leaves.computed.map((leaf) => this.sha256(this.bytesOf(leaf, record)));
    }

    /** SHA-256 of the leaves that only positions have whose next token is sampled. */
    sampledDigests(record: PositionRecord): Uint8Array[] {
        return this.leaves.sampled.map((leaf) => this.sha256(this.bytesOf(leaf, record)));
    }

    /** The bytes of a position's leaf, as they are hashed and opened. */
    leafBytes(leaf: number, record: PositionRecord): Uint8Array {
        return this.bytesOf([...this.leaves.computed, ...this.leaves.sampled][leaf]!, record).slice();
    }

    /** Which pieces of which operators' outputs a position's leaves have. */
    get layout(): LeavesLayout {
        return this.leaves;
    }

    private bytesOf(leaf: LeafLayout, record: PositionRecord): Uint8Array {
        const [piece] = leaf;
        if (leaf.length === 1 && this.isDense(piece!.operator)) {
            return record[piece!.operator]!.subarray(piece!.start, piece!.start + piece!.length);
        }
        let filled = 0;
        for (const { operator, start, length } of leaf) {
            this.copy(operator, record[operator]!, start, length, filled);
            filled += length;
        }
        return this.scratch.subarray(0, filled);
    }

    private isDense(operator: number): boolean {
        const { segments, bytes, stride } = this.rows[operator]!;
        return segments === 1 || bytes === stride;
    }

    /** Copies a piece of an output into the scratch, without the padding between its segments. */
    private copy(operator: number, row: Uint8Array, start: number, length: number, target: number): void {
        if (this.isDense(operator)) {
            this.scratch.set(row.subarray(start, start + length), target);
            return;
        }
        const { bytes, stride } = this.rows[operator]!;
        for (let from = start, end = start + length; from < end;) {
            const inSegment = from % bytes;
            const count = Math.min(bytes - inSegment, end - from);
            const place = Math.floor(from / bytes) * stride + inSegment;
            this.scratch.set(row.subarray(place, place + count), target + from - start);
            from += count;
        }
    }
}

/** The trace of one run (docs/engine/trace.md, section 3): positions are added in order. */
export class Trace {
    private readonly leaves: Uint8Array[][] = [];
    private readonly positions: CellNode[] = [];
    private readonly salts: Uint8Array[] = [];

    /**
     * @param modelRoot - 32 bytes.
     * @param salt - the 32 bytes of the run's `resultCommitment`.
     */
    constructor(
        private readonly modelRoot: Uint8Array,
        private readonly salt: Uint8Array,
        private readonly sha256: Sha256,
    ) {}

    /** Positions so far. */
    get length(): number {
        return this.positions.length;
    }

    /**
     * Adds the next position.
     *
     * @param digests - SHA-256 of its leaves.
     */
    add(digests: readonly Uint8Array[]): void {
        const position = this.positions.length;
        this.leaves.push([...digests]);
        this.salts.push(this.positionSalt(position));
        this.positions.push(treeNode(this.sha256, this.leafNodes(position)));
    }

    /** `traceRoot`, 32 bytes. */
    root(): Uint8Array {
        return cellNode(this.sha256, this.rootData(), [treeNode(this.sha256, this.positions)]).hash;
    }

    /** The data of the cell whose hash is `traceRoot`. */
    rootData(): Uint8Array {
        return concatenate(ROOT_TAG, this.modelRoot, bigEndian(this.positions.length));
    }

    /** The levels of the tree of all positions, and those of one position's leaves. */
    levels(position: number): { readonly positions: CellNode[][]; readonly leaves: CellNode[][] } {
        return {
            positions: treeLevels(this.sha256, this.positions),
            leaves: treeLevels(this.sha256, this.leafNodes(position)),
        };
    }

    /** The data of a leaf's cell. */
    leafData(position: number, leaf: number): Uint8Array {
        const digest = this.leaves[position]![leaf]!;
        return concatenate(LEAF_TAG, this.salts[position]!, bigEndian(position, leaf), digest);
    }

    private leafNodes(position: number): CellNode[] {
        return this.leaves[position]!.map((_, leaf) => cellNode(this.sha256, this.leafData(position, leaf)));
    }

    private positionSalt(position: number): Uint8Array {
        const number = new Uint8Array(4);
        new DataView(number.buffer).setUint32(0, position, true);
        return this.sha256(concatenate(SALT_TAG, this.salt, number));
    }
}
