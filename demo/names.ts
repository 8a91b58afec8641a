import { Address, Cell } from '@ton/core';
import { ChannelOp, CommonOp, EscrowOp, RegistryOp, SettlementOp, StakeOp, VerifierOp } from '../wrappers';

const OPERATIONS = new Map<number, string>(
    [RegistryOp, StakeOp, EscrowOp, SettlementOp, ChannelOp, VerifierOp, CommonOp].flatMap((table) =>
        Object.entries(table).map(([name, opcode]): [number, string] => [opcode, name]),
    ),
);

const BOUNCED = 0xffffffff;

/** `Settle`, `bounced AcceptQuote`, or `transfer` where a message names no operation. */
export function operationOf(body: Cell): string {
    const slice = body.beginParse();
    if (slice.remainingBits < 32) {
        return 'transfer';
    }
    const opcode = slice.loadUint(32);
    if (opcode === BOUNCED) {
        return `bounced ${slice.remainingBits < 32 ? 'transfer' : nameOf(slice.loadUint(32))}`;
    }
    return nameOf(opcode);
}

function nameOf(opcode: number): string {
    return OPERATIONS.get(opcode) ?? `0x${opcode.toString(16).padStart(8, '0')}`;
}

/** Who is who on the demo's chain. */
export class Names {
    private readonly byAddress = new Map<string, string>();

    set(address: Address, name: string): void {
        this.byAddress.set(address.toRawString(), name);
    }

    of(address: Address): string {
        return this.ofRaw(address.toRawString());
    }

    ofRaw(raw: string): string {
        return this.byAddress.get(raw) ?? `${raw.slice(0, 8)}…`;
    }
}
