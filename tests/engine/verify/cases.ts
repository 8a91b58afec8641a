import { DIMENSIONS, type Numbers, randomDecoder, randomRequest } from '../../fixtures/decoder';

/** A run that engine and referee are compared in. */
export interface Case {
    readonly name: string;
    /** A decoder's file. */
    readonly model: Uint8Array;
    /** A request's bytes. */
    readonly request: Uint8Array;
    /** 32 bytes. */
    readonly salt: Uint8Array;
    /** How the engine splits the prompt. */
    readonly maxRows: number;
    /** Whether the engine may use the packed dot product. */
    readonly packed: boolean;
}

const NUMBERS: readonly Numbers[] = ['plausible', 'extremes', 'anything'];
const SPLITS = [1, 3, 64];

/** A random run of a shape: a pure function of its arguments. */
export function caseOf(shape: string, numbers: Numbers, seed: number): Case {
    const { shape: dimensions, file } = randomDecoder(seed, DIMENSIONS[shape]!, numbers);
    const maxRows = SPLITS[seed % SPLITS.length]!;
    const packed = seed % 2 === 0;
    return {
        name: `${shape}, ${numbers}, seed ${seed}, ${maxRows} rows at once, ${packed ? 'packed' : 'unpacked'} products`,
        model: file,
        request: randomRequest(seed, dimensions),
        salt: Uint8Array.from({ length: 32 }, (_, i) => (seed * 31 + i * 7) & 0xff),
        maxRows,
        packed,
    };
}

/** Every shape with every kind of numbers, so many seeds of each. */
export function* allCases(seeds: number, firstSeed = 1): Generator<Case> {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
        for (const shape of Object.keys(DIMENSIONS)) {
            for (const [i, numbers] of NUMBERS.entries()) yield caseOf(shape, numbers, 3 * seed + i);
        }
    }
}
