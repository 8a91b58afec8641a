import { Address, BitString, Cell } from '@ton/core';

/**
 * A cell from literal tokens, separated by blanks: `x…` are hexadecimal digits, `b…` are bits. Nothing here knows a number
 * format or a field, so a golden cell cannot share a mistake with a builder.
 */
export function raw(tokens: string, ...refs: Cell[]): Cell {
    const bits = tokens
        .trim()
        .split(/\s+/)
        .filter((token) => token !== '')
        .map((token) => {
            const digits = token.slice(1);
            if (/^x[0-9a-f]+$/.test(token)) {
                return [...digits].map((digit) => parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
            }
            if (/^b[01]+$/.test(token)) {
                return digits;
            }
            throw new Error(`${token} is neither x… nor b…`);
        })
        .join('');
    const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
    [...bits].forEach((bit, index) => {
        if (bit === '1') {
            bytes[index >> 3]! |= 0x80 >> (index & 7);
        }
    });
    return new Cell({ bits: new BitString(bytes, 0, bits.length), refs });
}

/** Tokens of an account id as addr_std in workchain 0: 10, no anycast, eight zero bits, 256 bits. */
export function std(accountId: string): string {
    return `b10 b0 b00000000 x${accountId}`;
}

/** Tokens of addr_none. */
export const NONE = 'b00';

/** The same account as the libraries name it. */
export function addressOf(accountId: string): Address {
    return Address.parse(`0:${accountId}`);
}

/** The account id of an address, as hexadecimal digits. */
export function idOf(address: Address): string {
    return address.hash.toString('hex');
}

/** A number of a run of the chain as exactly so many hexadecimal digits. */
export function digits(value: bigint | number, bits: number): string {
    const text = value.toString(16);
    if (text.length > bits / 4 || value < 0) {
        throw new Error(`${value} does not fit ${bits} bits`);
    }
    return '0'.repeat(bits / 4 - text.length) + text;
}

// Four accounts, and one literal for every kind of field.
export const ID_A = 'a1'.repeat(32);
export const ID_B = 'b2'.repeat(32);
export const ID_C = 'c3'.repeat(32);
export const ID_D = 'd4'.repeat(32);
/** Public key of the first test vector of RFC 8032. */
export const ED25519 = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
/** Alice's and Bob's public keys of RFC 7748, section 6.1. */
export const X25519_ALICE = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';
export const X25519_BOB = 'de9edb7d7b7dbc4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f4';
export const HASH_1 = '1f'.repeat(32);
export const HASH_2 = '2e'.repeat(32);
export const HASH_3 = '3d'.repeat(32);
export const SIGNATURE = '5a'.repeat(64);
