import { Address, beginCell, Builder, Cell, contractAddress, StateInit } from '@ton/core';
import { codeOf, ContractName } from '../helpers/sources';

/** A StateInit that is almost a genuine one, at the address that follows from it. */
export interface Forgery {
    readonly what: string;
    readonly init: StateInit & { code: Cell; data: Cell };
    readonly address: Address;
}

export const forgery = (what: string, code: Cell, data: Cell, more: Partial<StateInit> = {}): Forgery => {
    const init = { ...more, code, data };
    return { what, init, address: contractAddress(0, init) };
};

/** Fields of a fixed width; the last may be references. */
export type Field = [name: string, bits: number, value: bigint | Cell | null];

export function packed(fields: readonly Field[]): Cell {
    const builder = beginCell();
    for (const [, bits, value] of fields) {
        if (bits === 0) {
            builder.storeMaybeRef(value as Cell | null);
        } else if (value === null) {
            continue; // not there in the genuine one
        } else if (bits < 0) {
            builder.storeRef(value as Cell);
        } else {
            builder.storeUint(value as bigint, bits);
        }
    }
    return builder.endCell();
}

export const OPTIONAL = 0;
export const REFERENCE = -1;

export const bitsOf = (address: Address) => beginCell().storeAddress(address).endCell().beginParse().loadUintBig(267);

/** The genuine code and identity with another value in one field behind it: with each value of each field. */
export function withFields(
    contract: ContractName,
    genuine: readonly Field[],
    changes: Record<string, (bigint | Cell)[]>,
): Forgery[] {
    return Object.entries(changes).flatMap(([name, values]) =>
        values.map((value, index) => {
            const data = packed(genuine.map((field) => (field[0] === name ? [field[0], field[1], value] : field)));
            return forgery(`${contract} with its own ${name} (${index + 1})`, codeOf(contract), data);
        }),
    );
}

export const ALL_ONES = (bits: number) => (1n << BigInt(bits)) - 1n;

export const zeros = (...fields: [name: string, bits: number][]): Field[] =>
    fields.map(([name, bits]) => [name, bits, bits === 0 ? null : 0n]);

/** The genuine data with something behind it. */
export function longer(contract: ContractName, data: Cell): Forgery[] {
    const behind: [string, Builder][] = [
        ['a longer identity (a bit)', beginCell().storeBit(0)],
        ['a longer identity (64 bits)', beginCell().storeUint(1, 64)],
        ['an extra reference', beginCell().storeRef(new Cell())],
    ];
    return behind.map(([what, more]) =>
        forgery(
            `${contract} with ${what}`,
            codeOf(contract),
            beginCell().storeSlice(data.beginParse()).storeBuilder(more).endCell(),
        ),
    );
}
