/** Arithmetic of the curve P-256 (FIPS 186-4, D.1.2.3), as much of it as the hints for the chain need. Not constant in time: nothing here is secret. */

/** The prime of the field. */
export const P256_P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
/** The order of the group. */
export const P256_N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** A point of the curve other than its neutral element. */
export interface Point {
    readonly x: bigint;
    readonly y: bigint;
}

/** The generator G. */
export const P256_G: Point = {
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

/** a modulo m, never negative. */
export function mod(a: bigint, m: bigint): bigint {
    const rest = a % m;
    return rest < 0n ? rest + m : rest;
}

/**
 * The inverse of a modulo a prime m, by Euclid.
 *
 * @throws RangeError for a multiple of m
 */
export function inverse(a: bigint, m: bigint): bigint {
    let [r0, r1, t0, t1] = [m, mod(a, m), 0n, 1n];
    while (r1 !== 0n) {
        const quotient = r0 / r1;
        [r0, r1, t0, t1] = [r1, r0 - quotient * r1, t1, t0 - quotient * t1];
    }
    if (r0 !== 1n) {
        throw new RangeError('A multiple of the modulus has no inverse');
    }
    return mod(t0, m);
}

/** Whether (x, y) lies on the curve, with coordinates of the field. */
export function isOnCurve({ x, y }: Point): boolean {
    const inField = x >= 0n && x < P256_P && y >= 0n && y < P256_P;
    return inField && mod(y * y - (x * x * x - 3n * x + B), P256_P) === 0n;
}

/** The slope of the chord through two points. Its x coordinates must differ. */
export function slopeOf(a: Point, b: Point): bigint {
    return mod((b.y - a.y) * inverse(b.x - a.x, P256_P), P256_P);
}

/** (X, Y, Z) with x = X/Z², y = Y/Z³; Z = 0 is the neutral element. */
type Jacobian = readonly [bigint, bigint, bigint];

const NEUTRAL: Jacobian = [1n, 1n, 0n];

function double([x, y, z]: Jacobian): Jacobian {
    const zz = (z * z) % P256_P;
    const yy = (y * y) % P256_P;
    const s = (4n * x * yy) % P256_P;
    const m = (3n * (x - zz) * (x + zz)) % P256_P;
    const doubledX = mod(m * m - 2n * s, P256_P);
    return [doubledX, mod(m * (s - doubledX) - 8n * yy * yy, P256_P), mod(2n * y * z, P256_P)];
}

function addPoint(a: Jacobian, b: Point): Jacobian {
    const [x, y, z] = a;
    if (z === 0n) {
        return [b.x, b.y, 1n];
    }
    const zz = (z * z) % P256_P;
    const h = mod(b.x * zz - x, P256_P);
    const r = mod(b.y * zz * z - y, P256_P);
    if (h === 0n) {
        return r === 0n ? double(a) : NEUTRAL;
    }
    const hh = (h * h) % P256_P;
    const v = (x * hh) % P256_P;
    const sumX = mod(r * r - h * hh - 2n * v, P256_P);
    return [sumX, mod(r * (v - sumX) - y * h * hh, P256_P), (z * h) % P256_P];
}

/** k · point; undefined is the neutral element. */
export function multiply(k: bigint, point: Point): Point | undefined {
    let product = NEUTRAL;
    for (const bit of mod(k, P256_N).toString(2)) {
        product = double(product);
        if (bit === '1') {
            product = addPoint(product, point);
        }
    }
    const [x, y, z] = product;
    if (z === 0n) {
        return undefined;
    }
    const inverted = inverse(z, P256_P);
    const squared = (inverted * inverted) % P256_P;
    return { x: (x * squared) % P256_P, y: (y * squared * inverted) % P256_P };
}
