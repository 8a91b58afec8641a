import { Address, Cell } from '@ton/core';
import { InputError } from './marketError';

/** A 256-bit value: a number, or its 32 bytes, big-endian (a key or a hash as libraries hand it out). */
export type Bits256 = bigint | Uint8Array;

/**
 * Checks that a number fits an unsigned field.
 *
 * @throws InputError `negative-amount` or `out-of-range`
 */
export function requireUint(field: string, value: bigint | number, bits: number): bigint {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        throw new InputError('out-of-range', field, `${value} is not a whole number; round it or pass a bigint`);
    }
    const whole = BigInt(value);
    if (whole < 0n) {
        throw new InputError('negative-amount', field, `${whole} is negative; pass zero or more`);
    }
    if (whole >= 1n << BigInt(bits)) {
        throw new InputError('out-of-range', field, `${whole} does not fit in ${bits} bits; pass less than 2^${bits}`);
    }
    return whole;
}

/**
 * Checks an amount of nanoTON that must be there.
 *
 * @throws InputError `zero-amount`, `negative-amount` or `out-of-range`
 */
export function requirePositive(field: string, value: bigint): bigint {
    if (value === 0n) {
        throw new InputError('zero-amount', field, 'is zero; pass at least one nanoTON');
    }
    return requireUint(field, value, 64);
}

/**
 * Checks basis points.
 *
 * @throws InputError `negative-amount` or `out-of-range`
 */
export function requireBps(field: string, value: number, most = 10_000): number {
    requireUint(field, value, 16);
    if (value > most) {
        throw new InputError('out-of-range', field, `${value} basis points is above ${most}; pass at most ${most}`);
    }
    return value;
}

/**
 * Checks that a number of seconds lies in a closed interval.
 *
 * @throws InputError `out-of-range`
 */
export function requireSeconds(field: string, value: number, least: number, most: number): number {
    if (!Number.isSafeInteger(value) || value < least || value > most) {
        throw new InputError(
            'out-of-range',
            field,
            `${value} s is outside the bounds; pass whole seconds from ${least} to ${most}`,
        );
    }
    return value;
}

/**
 * Checks that an address is a standard one of the basechain: no contract stores or pays any other.
 *
 * @throws InputError `missing-address` or `wrong-workchain`
 */
export function requireAddress(field: string, address: Address | null | undefined): Address {
    if (!Address.isAddress(address)) {
        throw new InputError(
            'missing-address',
            field,
            'is missing; pass a standard address (addr_none is not accepted)',
        );
    }
    if (address.workChain !== 0) {
        throw new InputError(
            'wrong-workchain',
            field,
            `${address.toRawString()} is in workchain ${address.workChain}; pass an address of the basechain (0)`,
        );
    }
    return address;
}

/**
 * Turns a 256-bit value into its number.
 *
 * @throws InputError `out-of-range` or `negative-amount`
 */
export function toUint256(field: string, value: Bits256): bigint {
    if (typeof value === 'bigint') {
        return requireUint(field, value, 256);
    }
    if (value.length !== 32) {
        throw new InputError('out-of-range', field, `has ${value.length} bytes; pass exactly 32`);
    }
    return BigInt('0x' + Buffer.from(value).toString('hex'));
}

/** The 32 bytes of a 256-bit value, big-endian. */
export function toBytes32(field: string, value: Bits256): Buffer {
    return Buffer.from(toUint256(field, value).toString(16).padStart(64, '0'), 'hex');
}

/**
 * Checks an Ed25519 signature's length.
 *
 * @throws InputError `malformed-signature`
 */
export function requireSignature(field: string, signature: Uint8Array): Buffer {
    if (signature.length !== 64) {
        throw new InputError(
            'malformed-signature',
            field,
            `has ${signature.length} bytes; an Ed25519 signature has 64`,
        );
    }
    return Buffer.from(signature);
}

/**
 * Checks that a byte string fits the one cell that a contract accepts.
 *
 * @throws InputError `too-long`
 */
export function requireBytes(field: string, bytes: Uint8Array, least: number): Buffer {
    if (bytes.length < least || bytes.length > 127) {
        throw new InputError('too-long', field, `has ${bytes.length} bytes; pass ${least} to 127`);
    }
    return Buffer.from(bytes);
}

/**
 * Checks a cell's exact size, so that reading it cannot run over.
 *
 * @throws InputError `malformed-cell`
 */
export function requireShape(field: string, cell: Cell, bits: number, refs: number): void {
    if (cell.isExotic || cell.bits.length !== bits || cell.refs.length !== refs) {
        throw new InputError(
            'malformed-cell',
            field,
            `has ${cell.bits.length} bits and ${cell.refs.length} references instead of ${bits} and ${refs}; ` +
                'it is not a cell of this layout',
        );
    }
}
