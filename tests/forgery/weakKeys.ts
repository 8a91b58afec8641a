import { sha512_sync } from '@ton/crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { littleEndian, reduced } from './signed';

// Ed25519's curve, −x² + y² = 1 + d·x²·y² modulo p, by hand: the keys that no signer may have do not come from the list that is tested.

const P = (1n << 255n) - 19n;
const mod = (value: bigint) => ((value % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
    let result = 1n;
    for (let square = mod(base), left = exponent; left > 0n; left >>= 1n, square = mod(square * square)) {
        if (left & 1n) {
            result = mod(result * square);
        }
    }
    return result;
}

const inverse = (value: bigint) => power(value, P - 2n);
const D = mod(-121665n * inverse(121666n));
const SQRT_MINUS_ONE = power(2n, (P - 1n) / 4n);

/** A square root, or nothing. */
function root(value: bigint): bigint | undefined {
    const candidate = power(value, (P + 3n) / 8n);
    return [candidate, mod(candidate * SQRT_MINUS_ONE)].find((one) => mod(one * one) === mod(value));
}

interface Point {
    x: bigint;
    y: bigint;
}

function add(a: Point, b: Point): Point {
    const both = mod(D * a.x * b.x * a.y * b.y);
    return {
        x: mod((a.x * b.y + b.x * a.y) * inverse(1n + both)),
        y: mod((a.y * b.y + a.x * b.x) * inverse(1n - both)),
    };
}

/** The smallest n with n·point = 0, up to 8. */
function orderOf(point: Point): number | undefined {
    let sum: Point = { x: 0n, y: 1n };
    for (let n = 1; n <= 8; n++) {
        sum = add(sum, point);
        if (sum.x === 0n && sum.y === 1n) {
            return n;
        }
    }
    return undefined;
}

/** A key with which a signature can be made without a secret. */
export interface WeakKey {
    readonly key: Buffer;
    readonly order: number;
    /** RFC 8032 writes the point so; other encodings mean the same point. */
    readonly canonical: boolean;
}

/** Every encoding of every point whose order divides the cofactor 8, with any sign bit and with y below 2^255, reduced or not. */
export function weakKeys(): WeakKey[] {
    // Twice a point of order 8 has order 4, so y = 0, so y² = −x² in it: d·y⁴ + 2y² − 1 = 0.
    const squares = [root(1n + D)!, mod(-root(1n + D)!)].map((sqrt) => mod((sqrt - 1n) * inverse(D)));
    const eighths = squares.flatMap((square) => {
        const y = root(square);
        return y === undefined ? [] : [y, mod(-y)];
    });
    return [0n, 1n, P - 1n, ...eighths].flatMap((y) => {
        const x = root(mod((y * y - 1n) * inverse(mod(D * y * y + 1n))))!;
        const order = orderOf({ x, y })!;
        return [y, y + P]
            .filter((written) => written < 1n << 255n)
            .flatMap((written) =>
                [0n, 1n].map((sign) => ({
                    key: littleEndian(written | (sign << 255n)),
                    order,
                    canonical: written < P && !(x === 0n && sign === 1n),
                })),
            );
    });
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_BYTES = 12;

/**
 * A signature over a hash under a weak key, made without any secret of it: R and S of the attacker's own, S·B = R, tried until the key's
 * part in S·B = R + h·A vanishes, which happens once in `order` attempts.
 */
export function forgeUnder({ key, order }: WeakKey, hash: Buffer): Buffer {
    for (let attempt = 1; attempt < 256; attempt++) {
        const seed = Buffer.alloc(32, attempt);
        const scalar = sha512_sync(seed).subarray(0, 32);
        scalar[0] = scalar[0]! & 248;
        scalar[31] = (scalar[31]! & 127) | 64;
        const own = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
        const r = createPublicKey(own).export({ format: 'der', type: 'spki' }).subarray(SPKI_BYTES);
        // Not asked of OpenSSL: 3.0 takes such keys, 3.5 refuses them.
        const h = reduced(sha512_sync(Buffer.concat([r, key, hash])));
        if (h % BigInt(order) === 0n) {
            return Buffer.concat([r, littleEndian(reduced(scalar))]);
        }
    }
    throw new Error(`No forgery under ${key.toString('hex')}`);
}
