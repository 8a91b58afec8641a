import { bigEndian, CellNode, cellNode, concatenate, treeLevels, treeNode } from './cells';
import {
    densified,
    LEAF_BYTES,
    LeafLayout,
    LeafPiece,
    leavesLayout,
    LeavesLayout,
    recordLayout,
    rowBytes,
    RowLayout,
} from './record';
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

    /** Which pieces of which operators' outputs a position's leaves have. */
    get layout(): LeavesLayout {
        return this.leaves;
    }

    /** SHA-256 of the leaves that every position has. */
    computedDigests(record: PositionRecord): Uint8Array[] {
        const dense = this.dense(record);
        return this.leaves.computed.map((leaf) => this.sha256(this.bytesOf(leaf, dense)));
    }

    /** SHA-256 of the leaves that only positions have whose next token is sampled. */
    sampledDigests(record: PositionRecord): Uint8Array[] {
        const dense = this.dense(record);
        return this.leaves.sampled.map((leaf) => this.sha256(this.bytesOf(leaf, dense)));
    }

    /** The bytes of a position's leaf, as they are hashed and opened. */
    leafBytes(leaf: number, record: PositionRecord): Uint8Array {
        return this.bytesOf([...this.leaves.computed, ...this.leaves.sampled][leaf]!, this.dense(record)).slice();
    }

    private dense(record: PositionRecord): Uint8Array[] {
        return record.map((row, operator) => densified(row, this.rows[operator]!));
    }

    /** A view of the output or of the scratch. */
    private bytesOf(leaf: LeafLayout, dense: readonly Uint8Array[]): Uint8Array {
        const piece = (place: LeafPiece): Uint8Array =>
            dense[place.operator]!.subarray(place.start, place.start + place.length);
        if (leaf.length === 1) return piece(leaf[0]!);
        let filled = 0;
        for (const place of leaf) {
            this.scratch.set(piece(place), filled);
            filled += place.length;
        }
        return this.scratch.subarray(0, filled);
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
