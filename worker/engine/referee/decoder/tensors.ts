import { CONFIGURATION_BYTES, type DecoderConfig } from './configuration';

/**
 * What a tensor holds (model-file.md, section 2): tables, weights (`W`), biases (`B`), multipliers and shifts (`m`, `s`), and those of a
 * norm, whose multipliers have a sign (`m±`, `s±`).
 */
export type TensorKind = 'rope' | 'exp' | 'sigmoid' | 'ends' | 'vocabulary' | 'W' | 'B' | 'm' | 's' | 'm±' | 's±';

/** Where a tensor is in the file, and its shape. */
export interface TensorPlace {
    /** Place in the order of the file, from 0. */
    readonly number: number;
    /** What it holds. */
    readonly kind: TensorKind;
    /** Rows; a vector is one row. */
    readonly rows: number;
    /** Elements of a row; 0 for an empty vocabulary, and for the head's weights where the embeddings are tied. */
    readonly columns: number;
    /** First byte in the file. */
    readonly offset: number;
    /** Bytes without padding. */
    readonly bytes: number;
}

/** Bytes of an element. */
export const ELEMENT_BYTES: Readonly<Record<TensorKind, number>> = {
    ...{ rope: 2, exp: 2, sigmoid: 2, ends: 4, vocabulary: 1 },
    ...{ W: 1, B: 4, m: 4, s: 4, 'm±': 4, 's±': 4 },
};

/** Tensors of a layer. */
const TENSORS_OF_LAYER = 30;

/** The number of tensor `10 + 30·l` for `place` 10, and so on; `l` = `L` gives the last norm and the head. */
export function tensorOfLayer(place: number, l: number): number {
    return place + TENSORS_OF_LAYER * l;
}

/** engine.md, section 4.3: `16 · ⌊(x + 15) / 16⌋`, exact for lengths below 2^53. */
export function pad(x: number): number {
    return 16 * Math.floor((x + 15) / 16);
}

/**
 * model-file.md, section 2: every tensor of a decoder in the order of the file, by its configuration alone.
 *
 * @returns `14 + 30·L` places, of which one or two may have no bytes
 */
export function tensorPlaces(config: DecoderConfig): TensorPlace[] {
    const { L, V, D, F, H, G, d, T, tied, vocabularyBytes } = config;
    const qkv = (H + 2 * G) * d;
    const places: TensorPlace[] = [];
    let offset = CONFIGURATION_BYTES;
    const put = (kind: TensorKind, columns: number, rows = 1): void => {
        const bytes = rows * columns * ELEMENT_BYTES[kind];
        places.push({ number: places.length, kind, rows, columns, offset, bytes });
        offset += pad(bytes);
    };
    const scale = (columns: number): void => {
        put('m', columns);
        put('s', columns);
    };
    const normScale = (): void => {
        put('m±', D);
        put('s±', D);
    };
    const projection = (rows: number, columns: number): void => {
        put('W', columns, rows);
        put('B', rows);
        scale(rows);
    };

    put('rope', d, T);
    put('exp', 4_096);
    put('sigmoid', 4_096);
    put('ends', V);
    put('vocabulary', vocabularyBytes);
    put('W', D, V);
    scale(V);
    for (let l = 0; l < L; l++) {
        normScale();
        projection(qkv, D);
        scale(H + G); // rope
        scale(H); // score
        scale(H * d); // attention
        projection(D, H * d); // o
        normScale();
        projection(2 * F, D); // gate and up
        scale(1); // index
        scale(F); // product
        projection(D, F); // down
    }
    normScale();
    put('W', tied ? 0 : D, V);
    put('B', V);
    scale(V);
    return places;
}

/** The length of the file that a configuration makes, in bytes: at most about 2^48, exact in a double. */
export function fileLength(places: readonly TensorPlace[]): number {
    const last = places[places.length - 1]!;
    return last.offset + pad(last.bytes);
}
