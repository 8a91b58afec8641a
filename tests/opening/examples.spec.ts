import { Cell } from '@ton/core';
import { hexadecimals, TEXT } from './exampleText';
import { exampleModel } from './exampleModel';
import { exampleTrace } from './exampleTrace';
import { reversedLimbs, sha256 } from './model';
import { layOut, positionSalt } from './trace';

// What builds the openings is held to the numbers of the text before it judges a contract.

/** Section 1 of docs/engine/trace.md: what the hash of an ordinary cell of whole bytes is over. */
function representation({ bits, refs }: Cell): string {
    const depths = refs.map((reference) => reference.depth(0).toString(16).padStart(4, '0'));
    const hashes = refs.map((reference) => reference.hash(0).toString('hex'));
    return Buffer.concat([Buffer.from([refs.length, bits.length / 4]), bits.subbuffer(0, bits.length)!])
        .toString('hex')
        .concat(...depths, ...hashes);
}

const hashOf = (cell: Cell): string => cell.hash(0).toString('hex');

describe('the model of docs/engine/examples.md', () => {
    const model = exampleModel();

    it('has its file', () => {
        expect(model.file.length).toBe(21_424);
        expect(TEXT).toContain(`its SHA-256 is \`${sha256(model.file).toString('hex')}\``);
    });

    it.each([
        ['leaf 0: row 0 of tensor 0', 0, 0],
        ['leaf 16: the exp table', 1, 16],
        ['leaf 20: channel 0 of the embedding', 5, 20],
        ['leaf 38: channel 0 of tensor 10', 10, 38],
    ])('has %s', (name, tensor, leaf) => {
        const cell = model.leaf(tensor, 0);
        expect(hexadecimals(`| ${name} `)).toEqual([representation(cell), hashOf(cell)]);
        expect(parseInt(model.path(tensor, 0).slice(1).join(''), 4)).toBe(leaf);
        expect(sha256(Buffer.from(representation(cell), 'hex')).toString('hex')).toBe(hashOf(cell));
    });

    it('has its modelRoot', () => {
        expect(model.leaves).toBe(226);
        expect(model.root.depth()).toBe(5);
        expect(hexadecimals('| the tree ')).toEqual([hashOf(model.root.refs[0]!)]);
        expect(hexadecimals('| `modelRoot` ')).toEqual([representation(model.root), hashOf(model.root)]);
    });

    it('has its modelRoot with tied embeddings', () => {
        const tied = exampleModel(true);
        expect(tied.file.length).toBe(21_296);
        expect(tied.leaves).toBe(226);
        expect(TEXT).toContain(`\`${sha256(tied.file).toString('hex')}\`; \`modelRoot\` is`);
        expect(TEXT).toContain(`\`${hashOf(tied.root)}\` (226 leaves)`);
    });
});

describe('the trace of docs/engine/examples.md', () => {
    const { position, trace } = exampleTrace();

    it('has its leaf of position 0', () => {
        expect(position.leaves.map(({ length }) => length)).toEqual([312]);
        expect(hexadecimals('| position salt ')).toEqual([positionSalt(position.salt, 0).toString('hex')]);
        expect(hexadecimals("| the leaf's SHA-256 ")).toEqual([sha256(position.leaves[0]!).toString('hex')]);
        expect(hexadecimals("| the leaf cell's representation ")).toEqual([representation(position.cell)]);
        expect(hexadecimals('| its hash, which is position(0) ')).toEqual([hashOf(position.cell)]);
    });

    it('has its traceRoot', () => {
        expect(hexadecimals("| the root cell's representation ")).toEqual([representation(trace)]);
        expect(hexadecimals('| `traceRoot` ')).toEqual([hashOf(trace)]);
    });
});

describe('the layouts of docs/engine/examples.md', () => {
    it('have the digest of 32 weights', () => {
        const digest = sha256(reversedLimbs(Int8Array.from({ length: 32 }, (_, k) => k)));
        expect(hexadecimals(digest.toString('hex').replace(/^/, '`'))).toEqual([digest.toString('hex')]);
    });

    it('have the leaves of a record', () => {
        const rows = [6144, 1536, 3072, 1536, 6144, 1536, 4096, 6144, 1536, 2048];
        const { leaves } = layOut(
            rows.map((bytes) => Buffer.alloc(bytes)),
            8,
        );
        const lengths = leaves.map(({ length }) => length.toLocaleString('en'));
        expect(TEXT).toContain(`The leaves have ${lengths.join(', ')} bytes.`);
    });
});
