import { Address, Cell } from '@ton/core';
import { tactMessages } from './sources';

/** What has an address: an opened contract, a wallet, or the address itself. */
export type Addressable = Address | { readonly address: Address };

export function addressOf(of: Addressable): Address {
    return Address.isAddress(of) ? of : of.address;
}

// Test accounts have the same addresses on every chain, so one table serves all.
const labels = new Map<string, string>();

/** Gives an account the name that failure messages and trace tables show. */
export function label(of: Addressable, name: string): void {
    labels.set(addressOf(of).toRawString(), name);
}

/** The account's name, or a short form of its address. */
export function labelOf(of: Addressable | null | undefined): string {
    if (!of) {
        return 'outside';
    }
    const raw = addressOf(of).toRawString();
    return labels.get(raw) ?? `${raw.slice(0, raw.indexOf(':') + 7)}…`;
}

const BOUNCED = 0xffffffff;

let namesCache: Map<number, string> | undefined;

/** The name of an opcode, or its hexadecimal form. */
export function opcodeName(opcode: number): string {
    namesCache ??= new Map([...tactMessages()].map(([name, code]) => [code, name]));
    return namesCache.get(opcode) ?? `0x${opcode.toString(16).padStart(8, '0')}`;
}

/** The opcode of a name; a name that no contract declares throws. */
export function opcodeOf(name: string): number {
    const opcode = tactMessages().get(name);
    if (opcode === undefined) {
        throw new Error(`No contract declares a message ${name}`);
    }
    return opcode;
}

/** `Settle`, `bounced JobAccepted`, `empty`, or the opcode in hexadecimal. */
export function operationOf(body: Cell | null | undefined): string {
    const slice = body?.beginParse();
    if (slice === undefined || slice.remainingBits < 32) {
        return 'empty';
    }
    const opcode = slice.loadUint(32);
    if (opcode !== BOUNCED) {
        return opcodeName(opcode);
    }
    return slice.remainingBits < 32 ? 'bounced empty' : `bounced ${opcodeName(slice.loadUint(32))}`;
}
