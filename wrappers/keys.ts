import { Bits256, toBytes32 } from './checks';
import { InputError } from './marketError';

// Encodings of points of small order, sign bit cleared: with such a key some signature is good for every message.
const WEAK_ED25519 = new Set([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

// Of small order on Curve25519 or its twist: with such a key the shared secret is known to everybody.
const WEAK_X25519 = new Set([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/**
 * Checks an Ed25519 public key: zero and points of small order would let anybody sign.
 *
 * @returns the key as a number, as contracts store it
 * @throws InputError `weak-key`
 */
export function requireSigningKey(field: string, key: Bits256): bigint {
    return requireStrongKey(field, key, WEAK_ED25519, 'an Ed25519');
}

/**
 * Checks an X25519 public key: what is encrypted to a point of small order is readable by everybody. The pin of a longer key, which has
 * the bit set that X25519 leaves unused, passes too: that key is checked where it is.
 *
 * @returns the key as a number, as contracts store it
 * @throws InputError `weak-key`
 */
export function requireEncryptionKey(field: string, key: Bits256): bigint {
    return requireStrongKey(field, key, WEAK_X25519, 'an X25519');
}

function requireStrongKey(field: string, key: Bits256, weak: ReadonlySet<string>, kind: string): bigint {
    const bytes = toBytes32(field, key);
    const canonical = Buffer.from(bytes);
    canonical[31] = canonical[31]! & 0x7f;
    if (weak.has(canonical.toString('hex'))) {
        throw new InputError('weak-key', field, `is not ${kind} key that protects anything; generate a fresh key pair`);
    }
    return BigInt('0x' + bytes.toString('hex'));
}
