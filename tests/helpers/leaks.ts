import { Cell } from '@ton/core';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Something that must not be found, by its name. */
export interface Secret {
    readonly name: string;
    readonly bytes: Uint8Array;
}

/** Bytes of a piece that counts as found: too many to be there by chance, few enough to survive a cut. */
const PIECE = 10;

/**
 * Looks for secrets in whatever a system leaves behind: raw, in hex, base64 or decimals, in pieces, and across the borders of cells
 * at any bit.
 */
export class LeakSearch {
    private readonly pieces: { name: string; raw: Buffer; texts: Texts }[] = [];
    /** Where something was found. */
    readonly found: string[] = [];
    /** Bytes that were looked through. */
    searched = 0;

    constructor(secrets: readonly Secret[]) {
        secrets.forEach((secret) => this.add(secret));
    }

    /** Looks for this, too, from now on. */
    add({ name, bytes }: Secret): void {
        if (bytes.length < PIECE) {
            throw new Error(`${name} is too short to be looked for`);
        }
        const whole = Buffer.from(bytes);
        for (let at = 0; at + PIECE <= whole.length; at += PIECE) {
            const raw = whole.subarray(at, at + PIECE);
            this.pieces.push({ name, raw, texts: textsOf(raw) });
        }
    }

    /** Bytes of any kind, text among them. */
    bytes(where: string, bytes: Uint8Array): void {
        const buffer = Buffer.from(bytes);
        this.searched += buffer.length;
        const text = buffer.toString('latin1');
        const lower = text.toLowerCase();
        const listed = text.replace(/[\s,]+/g, ',');
        for (const { name, raw, texts } of this.pieces) {
            const { hex, decimals, others } = texts;
            const asText =
                lower.includes(hex) || listed.includes(decimals) || others.some((form) => text.includes(form));
            if (asText || buffer.includes(raw)) {
                this.note(name, where);
            }
        }
    }

    text(where: string, text: string): void {
        this.bytes(where, Buffer.from(text, 'utf8'));
    }

    /** A tree of cells: each cell for itself, and all of them one behind the other, from every bit on. */
    cell(where: string, root: Cell): void {
        const cells = [...inOrder(root)];
        const bits = cells.map(({ bits: own }) =>
            Array.from({ length: own.length }, (_, i) => (own.at(i) ? '1' : '0')).join(''),
        );
        const lines = [...bits, bits.join('')];
        const border = Buffer.alloc(PIECE);
        for (let shift = 0; shift < 8; shift++) {
            this.bytes(where, Buffer.concat(lines.flatMap((line) => [bytesOf(line.slice(shift)), border])));
        }
    }

    /** Every file in a folder. */
    folder(where: string, path: string): void {
        for (const name of readdirSync(path)) {
            const file = join(path, name);
            if (statSync(file).isFile()) {
                this.bytes(`${where}/${name}`, readFileSync(file));
            }
        }
    }

    private note(name: string, where: string): void {
        const finding = `${name} in ${where}`;
        if (!this.found.includes(finding)) {
            this.found.push(finding);
        }
    }
}

/** A piece as programs print it. */
interface Texts {
    /** In small letters. */
    readonly hex: string;
    /** With commas between. */
    readonly decimals: string;
    readonly others: readonly string[];
}

function textsOf(raw: Buffer): Texts {
    const hex = raw.toString('hex');
    const base64 = [0, 1, 2].map((skipped) => {
        const text = Buffer.concat([Buffer.alloc(skipped), raw])
            .toString('base64')
            .replace(/=+$/, '');
        // Without the characters that neighbours have a part in.
        return text.slice(skipped === 0 ? 0 : skipped + 1, Math.floor(((skipped + raw.length) * 8) / 6));
    });
    const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
    return { hex, decimals: [...raw].join(','), others: [hex.replace(/..(?!$)/g, '$& '), ...base64, ...url] };
}

function* inOrder(cell: Cell): Generator<Cell> {
    yield cell;
    for (const next of cell.refs) {
        yield* inOrder(next);
    }
}

function bytesOf(bits: string): Uint8Array {
    return Uint8Array.from({ length: Math.floor(bits.length / 8) }, (_, i) =>
        Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2),
    );
}
