import { createHash } from 'node:crypto';
import { RefereeError } from '../errors';

/** An ordinary cell of level 0 with whole bytes of data (trace.md, section 1). */
export interface PlainCell {
    /** At most 127 bytes. */
    readonly data: Uint8Array;
    /** At most four. */
    readonly references: readonly PlainCell[];
    /** 0 without references, else 1 + the greatest of theirs. */
    readonly depth: number;
    /** Its representation, whose SHA-256 is `hash`. */
    readonly representation: Uint8Array;
    /** 32 bytes. */
    readonly hash: Uint8Array;
}

/** trace.md, section 1: a cell with its hash. */
export function plainCell(data: Uint8Array, references: readonly PlainCell[] = []): PlainCell {
    if (data.length > 127 || references.length > 4) {
        throw new RefereeError('operand', 'a cell has 127 bytes and 4 references at most');
    }
    const depth = references.reduce((most, cell) => Math.max(most, 1 + cell.depth), 0);
    const representation = Buffer.concat([
        Uint8Array.of(references.length, 2 * data.length),
        data,
        ...references.map((cell) => bigEndian(cell.depth, 2)),
        ...references.map((cell) => cell.hash),
    ]);
    return { data, references, depth, representation, hash: sha256(representation) };
}

/** trace.md, section 1: the tree of at least one cell. */
export function cellTree(cells: readonly PlainCell[]): PlainCell {
    if (cells.length === 0) throw new RefereeError('operand', 'a tree has at least one cell');
    let level = cells;
    while (level.length > 1) {
        const above: PlainCell[] = [];
        for (let i = 0; i < level.length; i += 4) above.push(plainCell(new Uint8Array(0), level.slice(i, i + 4)));
        level = above;
    }
    return level[0]!;
}

/** trace.md, section 1: the references that lead from the tree to cell `i` of `n`: base-4 digits of `i`, the most significant first. */
export function pathInTree(i: number, n: number): number[] {
    if (!Number.isInteger(i) || i < 0 || i >= n) {
        throw new RefereeError('operand', `there is no cell ${i} of ${n}`);
    }
    const digits: number[] = [];
    for (let left = n; left > 1; left = Math.ceil(left / 4)) {
        digits.unshift(i % 4);
        i = Math.floor(i / 4);
    }
    return digits;
}

/** An integer of so many bytes, big-endian, negative ones in two's complement, as cells have them. */
export function bigEndian(value: number, bytes: number): Uint8Array {
    const out = new Uint8Array(bytes);
    const unsigned = BigInt.asUintN(8 * bytes, BigInt(value));
    for (let i = 0; i < bytes; i++) out[i] = Number((unsigned >> BigInt(8 * (bytes - 1 - i))) & 255n);
    return out;
}

/** ASCII text as bytes. */
export function ascii(text: string): Uint8Array {
    return Buffer.from(text, 'ascii');
}

/** FIPS 180-4, of parts one after another. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
    const hash = createHash('sha256');
    parts.forEach((part) => hash.update(part));
    return hash.digest();
}
