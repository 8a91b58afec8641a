import { Cell, toNano } from '@ton/core';
import { SendMessageResult } from '@ton/sandbox';
import { body } from '../helpers/network';
import { ContractRole, isContract, Role, WalletName, World } from './world';

/** More than any step costs under either price set. */
export const PLENTY = toNano(1);
/** Likewise, where a till is deployed too. */
export const OPENING = toNano(5);

/** A message from one to another; `refused`: the receiver does not take it, which is no forced failure. */
export interface Hop {
    op: string;
    from: Role;
    to: Role;
    refused: boolean;
}

/** One message of a user and everything that follows from it. */
export interface Step {
    name: string;
    /** Until when the sender has to wait. */
    time?(world: World): Promise<number>;
    send(world: World): Promise<SendMessageResult>;
    hops: Hop[];
    /** External-out messages: by whom, and with which hop. */
    events: { op: string; by: ContractRole; during: string }[];
}

/** How a step's message is sent: nanoTON, with the receiver's StateInit or without, when, and what events follow. */
export interface Sending {
    value?: (world: World) => bigint;
    deploys?: boolean;
    time?: Step['time'];
    events?: Step['events'];
}

/** `'AcceptQuote escrow stake'`; a `!` at the end: refused. */
function hop(text: string): Hop {
    const [, op, from, to, refused] = /^(.+) (\w+) (\w+)(!?)$/.exec(text)!;
    return { op: op!, from: from as Role, to: to as Role, refused: refused === '!' };
}

/** A step whose first hop is the message that a wallet sends. */
export function step(
    name: string,
    message: (world: World) => Cell | Promise<Cell>,
    hops: string[],
    { value = () => PLENTY, deploys = false, time, events = [] }: Sending = {},
): Step {
    const parsed = hops.map(hop);
    const { from, to } = parsed[0]!;
    const receiver = isContract(to) ? to : undefined;
    return {
        name,
        time,
        hops: parsed,
        events,
        send: async (world) =>
            await world.chain.send(world.wallet(from as WalletName), {
                to: world.addressOf(to),
                value: value(world),
                init: deploys && receiver ? world.initOf(receiver) : undefined,
                body: await message(world),
            }),
    };
}

/** A message without fields, for {@link step}. */
export const plain = (op: string) => () => body(op).endCell();
