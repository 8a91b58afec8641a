import { createHash } from 'node:crypto';
import { inputCommitment, resultCommitment } from '../../../worker/engine/referee';
import {
    add,
    attention,
    cellTree,
    computePositions,
    decoderRoot,
    gated,
    generate,
    modelCell,
    modelLeaves,
    nextNumber,
    norm,
    type PositionRecord,
    positionSalt,
    readDecoder,
    readRequest,
    recordLeaves,
    recordPlaces,
    requantise16,
    sample,
    seedGenerator,
    traceOf,
    traceRoot,
} from '../../../worker/engine/referee/decoder';
import { expTable, ropeTable, sigmoidTable, writeRequest } from '../../fixtures/decoderFile';
import { EXAMPLE_SHAPE, exampleDecoder } from '../../fixtures/decoderExample';
import { integers, listings, quoted, table } from './page';

const MODEL = '2. A complete model';
const POSITION = '3.1 Position 2, layer 0';
const SAMPLING = '3.2 Sampling';
const COMMITMENTS = '3.3 Commitments';

const file = exampleDecoder();
const tiedFile = exampleDecoder(true);
const model = readDecoder(file);
const [request, result] = listings('3. A request') as [Uint8Array, Uint8Array];
const salt = Uint8Array.from({ length: 32 }, (_, i) => i);
const run = generate(model, request);

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (array: Int16Array | Uint16Array): Uint8Array => new Uint8Array(array.buffer);

describe('the model of the example', () => {
    it('has the shape, the tables and the first numbers of the text', () => {
        const [row] = table(MODEL, [
            '`V`',
            '`D`',
            '`F`',
            '`L`',
            '`H`',
            '`G`',
            '`d`',
            '`T`',
            '`E`',
            'tied',
            'end tokens',
            "tokenizer's hash",
        ]);
        const { V, D, F, L, H, G, d, T, E } = model.config;
        expect(integers(Object.values(row!).join(' '))).toEqual([
            V,
            D,
            F,
            L,
            H,
            G,
            d,
            T,
            E,
            0,
            ...model.config.endTokens,
        ]);
        expect(model.config.tokenizerHash).toEqual(new Uint8Array(32));

        const values = table(MODEL, ['table', 'some values', 'SHA-256 of its bytes']);
        const found = [bytesOf(model.rope), bytesOf(model.exp), bytesOf(model.sigmoid)].map(
            (bytes) => `\`${digest(bytes)}\``,
        );
        expect(values.map((entry) => entry['SHA-256 of its bytes'])).toEqual(found);
        expect([model.rope, model.exp, model.sigmoid]).toEqual([ropeTable(T, d), expTable(), sigmoidTable()]);
        const at = (array: ArrayLike<number>, indices: number[]): number[] => indices.map((i) => array[i]!);
        expect(integers(values[0]!['some values']!)).toEqual([
            1,
            ...model.rope.slice(4, 8),
            3,
            ...model.rope.slice(12, 16),
        ]);
        expect(integers(values[1]!['some values']!)).toEqual([
            ...[0, 4, ...model.exp.slice(0, 5)],
            ...[256, model.exp[256], 2839, model.exp[2839], 2840, model.exp[2840]],
        ]);
        expect(model.exp.slice(2840).every((value) => value === 0)).toBe(true);
        expect(integers(values[2]!['some values']!)).toEqual([
            ...[0, model.sigmoid[0], 1024, model.sigmoid[1024]],
            ...[2047, 2049, ...at(model.sigmoid, [2047, 2048, 2049]), 4095, model.sigmoid[4095]],
        ]);

        const first = model.layers[0]!;
        const list = (pattern: RegExp): number[] => integers(quoted(MODEL, pattern));
        expect(list(/row of the embedding is `(.*?)`/)).toEqual([...model.embedding.weights.slice(0, 8)]);
        expect(list(/first multiplier (\d+)/)).toEqual([model.embedding.multiplier[0]]);
        expect(list(/first norm's multipliers are\n`(.*?)`/)).toEqual([...first.firstNorm.multiplier]);
        expect(list(/first row of qkv is `(.*?)`/)).toEqual([...first.qkv.weights.slice(0, 8)]);
        expect(list(/first two biases `(.*?)`/)).toEqual([...first.qkv.bias.slice(0, 2)]);
    });

    it('is the file of the text, byte for byte', () => {
        expect(hexOf(file.subarray(0, 144))).toBe(hexOf(listings(MODEL)[0]!));
        expect(quoted(MODEL, /The file has ([\d,]+) bytes, its SHA-256/)).toBe(file.length.toLocaleString('en'));
        expect(quoted(MODEL, /its SHA-256 is `(\w+)`/)).toBe(digest(file));
        expect(quoted(MODEL, /The file has ([\d,]+) bytes and the\nSHA-256/)).toBe(
            tiedFile.length.toLocaleString('en'),
        );
        expect(quoted(MODEL, /and the\nSHA-256 `(\w+)`/)).toBe(digest(tiedFile));
    });

    it('has the cells and the root of the text', () => {
        const rows = table(MODEL, ['cell', 'its representation, in hexadecimal', 'hash']);
        const leaves = modelLeaves(file);
        const root = modelCell(file, leaves);
        const cells = [0, 16, 20, 38].map((i) => leaves[i]!.cell);
        const representations = [...cells, root].map((cell) => `\`${hexOf(cell.representation)}\``);
        const tree = cellTree(leaves.map(({ cell }) => cell));
        expect(rows.map((row) => row['its representation, in hexadecimal']).filter((text) => text !== '')).toEqual(
            representations,
        );
        expect(rows.map((row) => row.hash)).toEqual([...cells, tree, root].map((cell) => `\`${hexOf(cell.hash)}\``));
        expect(rows.slice(0, 4).map((row) => integers(row.cell!)[0])).toEqual([0, 16, 20, 38]);
        expect(quoted(MODEL, /from (\d+ leaves in a tree of depth \d+)/)).toBe(
            `${leaves.length} leaves in a tree of depth ${tree.depth}`,
        );
        expect(quoted(MODEL, /`modelRoot` is\n`(\w+)`/)).toBe(decoderRoot(tiedFile));
        expect(quoted(MODEL, /\((\d+) leaves\)/)).toBe(String(modelLeaves(tiedFile).length));
    });

    it('answers greedily as the text says, untied and tied', () => {
        const asked = { ...readRequest(request, model.config), temperature: 0, tokenStops: [], byteStops: [] };
        const greedy = generate(model, writeRequest(asked));
        expect(integers(quoted(SAMPLING, /no stop sequences the tokens are ([\d, ]+), the reason/))).toEqual(
            greedy.tokens,
        );
        expect(quoted(SAMPLING, /the reason (\d)/)).toBe(String(greedy.reason));
        const tied = generate(readDecoder(tiedFile), writeRequest(asked));
        expect(integers(quoted(MODEL, /stop sequences the tokens are ([\d, ]+)\./))).toEqual(tied.tokens);

        const trace = traceOf(model.config, decoderRoot(file), salt, greedy.records);
        expect(quoted(COMMITMENTS, /temperature 0, with the same salt, has the root\n`(\w+)`/)).toBe(traceRoot(trace));
        expect(quoted(COMMITMENTS, /over (\d+) positions/)).toBe(String(greedy.records.length));
    });
});

describe('the request of the example', () => {
    it('is read as the text says', () => {
        expect(readRequest(request, model.config)).toEqual({
            ...{ prompt: [0, 1, 2], maxTokens: 6, temperature: 8_000, topK: 10, topP: 9_500, seed: 42n },
            ...{ tokenStops: [[3, 4]], byteStops: [new Uint8Array(Buffer.from('dl'))] },
        });
        expect(writeRequest(readRequest(request, model.config))).toEqual(request);
    });

    it('has every tensor of position 2 in layer 0', () => {
        const rows = new Map(table(POSITION, ['tensor', 'value']).map((row) => [row.tensor!, integers(row.value!)]));
        const checked = new Set<string>();
        const check = (tensor: string, ...values: (number | ArrayLike<number>)[]): void => {
            const flat = values.flatMap((value) => (typeof value === 'number' ? [value] : Array.from(value)));
            expect([tensor, flat]).toEqual([tensor, rows.get(tensor)]);
            checked.add(tensor);
        };
        const { operators, accumulators, logits } = run.records[2]!;
        const layer = model.layers[0]!;
        const { d, E, F } = model.config;
        check('`R`', operators[0]!);
        const normed = norm(operators[0] as Int32Array, E, layer.firstNorm);
        const { m, b, S, e, s, r, u, x, Y } = normed;
        check('`norm`: `m`, `b`, `S`, `e`, `s`, `r`, `u`', m, b, S, e, s, r, u);
        check('`norm`: `x`', x);
        check(
            '`norm`: `x·u`',
            x.map((value) => value * u),
        );
        check('`N`', operators[1]!);
        expect(Y).toEqual(operators[1]);
        check('`A` of qkv', accumulators[0]!);
        const rotated = { multiplier: layer.qkv.multiplier.slice(0, 24), shift: layer.qkv.shift.slice(0, 24) };
        check('queries and keys before `rope`', requantise16(accumulators[0]!.slice(0, 24), rotated));
        check('`QKV`', operators[2]!);

        const qkv = run.records.slice(0, 3).map((record) => Array.from(record.operators[2]!));
        const cached = (from: number): Int8Array => Int8Array.from(qkv.flatMap((row) => row.slice(from, from + d)));
        const part = (n: number) => ({
            multiplier: (n === 1 ? layer.score : layer.attention).multiplier.slice(0, n),
            shift: (n === 1 ? layer.score : layer.attention).shift.slice(0, n),
        });
        const query = Int8Array.from(qkv[2]!.slice(0, d));
        const head = attention(query, cached(16), cached(24), model.exp, part(1), part(d));
        check('head 0: `a`', head.a);
        check('head 0: `i`', head.i);
        check('head 0: `w`', head.w);
        check('head 0: `W`', head.W);
        check('head 0: `P`', head.P);
        check('head 0: `O`', head.O);
        expect(head.Y).toEqual(operators[3]!.slice(0, d));
        check('`Y`, all heads', operators[3]!);
        check('`R` after o', operators[4]!);

        const both = requantise16(accumulators[2]!, layer.gateUp);
        const product = gated(both.slice(0, F), both.slice(F), model.sigmoid, layer.index, layer.product);
        const [i, a] = [product.i[0]!, product.a[0]!];
        check(
            'channel 0: `gate`, `up`, `i`, `sigmoid(i)`, `a`, `a·up`',
            ...[both[0]!, both[F]!, i, model.sigmoid[i]!, a, product.product[0]!],
        );
        expect(product.Y).toEqual(operators[6]);
        check('`U`', operators[6]!);
        check('`R` after layer 0', operators[7]!);
        check('`R` after layer 1', operators[14]!);
        check('`logits`', logits!);
        expect(operators[16]).toEqual(logits);
        expect(checked).toEqual(new Set(rows.keys()));
    });

    it('samples as the tables say', () => {
        const titles = ['token', '8', '2', '0', '6', '9', '13', '10', '15', '12', '4'];
        const rows = table(SAMPLING, titles).map((row) => titles.slice(1).map((title) => Number(row[title])));
        const asked = readRequest(request, model.config);
        const draws = table(SAMPLING, ['position', '`S`', 'threshold', '`m`', "`S'`", '`r`', '`x`', 'token']);
        let state = seedGenerator(asked.seed);
        const found = draws.map((_, n) => {
            const { r, state: after } = nextNumber(state);
            state = after;
            const position = 2 + n;
            const drawn = sample(run.records[position]!.logits!, asked, model.exp, r);
            if (n === 0) {
                expect(drawn.candidates).toEqual(titles.slice(1).map(Number));
                expect(rows).toEqual([drawn.differences, drawn.indices, drawn.weights]);
            }
            return [position, drawn.S, drawn.threshold, drawn.m, drawn.kept, r, drawn.x, drawn.token];
        });
        expect(found).toEqual(draws.map((row) => Object.values(row).map(Number)));
        expect(found).toHaveLength(run.tokens.length);
    });

    it('ends with the result of the text', () => {
        expect(hexOf(run.result)).toBe(hexOf(result));
        expect(run.reason).toBe(3);
        expect(quoted(SAMPLING, /The text after five tokens is `(\w+)`/).slice(0, 3)).toBe(
            Buffer.from(run.visible).toString(),
        );
        expect(run.counts).toEqual({ prompt: 3, cached: 0, completion: 5, reasoning: 0 });
    });

    it('is committed to as the text says', () => {
        expect(quoted(COMMITMENTS, /`inputCommitment = (\w+)`/)).toBe(inputCommitment(salt, request));
        expect(quoted(COMMITMENTS, /`resultCommitment = (\w+)`/)).toBe(resultCommitment(salt, run.result));
        const operators = table(COMMITMENTS, ['operator', 'output']);
        expect(operators.map((row) => Number(row.operator))).toEqual(Array.from({ length: 15 }, (_, i) => i));
        expect(operators.map((row) => integers(row.output!))).toEqual(run.records[0]!.operators.map((row) => [...row]));

        const leaf = recordLeaves(model.config, run.records[0]!);
        expect(leaf.map((bytes) => bytes.length)).toEqual([Number(quoted(COMMITMENTS, /one leaf of (\d+) bytes/))]);
        expect(recordLeaves(model.config, run.records[2]!).map((bytes) => bytes.length)).toEqual([312, 8 + 64]);
        const trace = traceOf(model.config, decoderRoot(file), salt, run.records);
        const found = [
            positionSalt(salt, 0),
            createHash('sha256').update(leaf[0]!).digest(),
            trace.leaves[0]![0]!.representation,
            ...trace.positions.map((cell) => cell.hash),
            trace.root.representation,
            trace.root.hash,
        ];
        const wanted = table(COMMITMENTS, ['what', 'in hexadecimal']).map((row) => row['in hexadecimal']);
        expect(found.map((bytes) => `\`${hexOf(bytes)}\``)).toEqual(wanted);
        expect(trace.leaves[2]).toHaveLength(2);
        expect(traceRoot(trace)).toBe(hexOf(trace.root.hash));
    });
});

describe('layouts that the example is too small for', () => {
    const SECTION = '4. Layouts that the example is too small for';

    it('packs the rows of the text into its leaves', () => {
        const [rows, leaves] = [/0 … 9 of ([\d, ]+)bytes/, /leaves have ([\d, ]+)bytes/].map((pattern) =>
            integers(quoted(SECTION, pattern).replace(/(\d),(?=\d{3})/g, '$1')),
        );
        const config = { ...EXAMPLE_SHAPE, vocabularyBytes: 0, tokenizerHash: new Uint8Array(32), statedLength: 0 };
        // D = 1,536, (H + 2·G)·d = 3,072, H·d = 1,536, F = 4,096, V = 512
        const places = recordPlaces({ ...config, L: 1, D: 1_536, H: 6, G: 3, d: 256, F: 4_096, V: 512 }, true);
        const sums = (key: 'operator' | 'leaf'): number[] =>
            places.reduce<number[]>((sum, place) => {
                sum[place[key]] = (sum[place[key]] ?? 0) + place.bytes;
                return sum;
            }, []);
        expect(sums('operator')).toEqual(rows);
        expect(sums('leaf')).toEqual(leaves);
    });
});

describe('the generator and the sum of the text', () => {
    const OPERATORS = '1. Single operators';

    it('gives the first numbers', () => {
        const wanted = integers(quoted(OPERATORS, /first six numbers are ([\d, ]+)\./));
        let state: ReturnType<typeof seedGenerator> = [1, 2, 3, 4];
        const found = wanted.map(() => {
            const { r, state: after } = nextNumber(state);
            state = after;
            return r;
        });
        expect(found).toEqual(wanted);
        const seeded = seedGenerator(42n).map((word) => word.toString(16).padStart(8, '0'));
        expect(quoted(OPERATORS, /Seed 42 gives\nthe state `([\w ]+)`/)).toBe(seeded.join(' '));
    });

    it('saturates', () => {
        expect([...add(Int32Array.of(2147483647, -2147483648, 2147483647), Int32Array.of(1, -1, -2147483648))]).toEqual(
            [2147483647, -2147483648, -1],
        );
    });
});

it('recomputes the example one position at a time to the same records', () => {
    const asked = readRequest(request, model.config);
    const records: PositionRecord[] = [];
    for (const token of [...asked.prompt, ...run.tokens.slice(0, -1)]) {
        records.push(...computePositions(model, records, [token], 2));
    }
    expect(records).toEqual(run.records);
});
