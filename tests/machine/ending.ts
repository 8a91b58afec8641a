import { toNano } from '@ton/core';
import { idOf } from './actors';
import { Memory } from './memory';
import { guarantee } from './model/invariants';
import { endings } from './model/liveness';
import { ChannelAccount, Id, Message } from './model/types';
import { PLACES } from './places';
import { nameOf, stateNameOf, World } from './world';

const PLENTY = toNano(10);
const queryId = 9n;

/** What tells one situation from another: the state of every account, and what is under way. */
export function situationOf(world: World): string {
    const states = PLACES.map(({ id }) => {
        const account = world.model.get(id);
        const locks = account?.kind === 'ProviderStake' ? account.locks.size : '';
        return `${stateNameOf(account)}${locks}`;
    });
    const underWay = world.pending.map(({ message, bounced }) => `${bounced ? 'bounced ' : ''}${message.op}`).sort();
    return [...states, ...underWay].join(' ');
}

/**
 * Liveness: from here on only a stranger acts, who has no key, seen signatures, and time. Every job and every channel comes to its end,
 * every lock is freed, and the provider gets the newest voucher.
 */
export async function bringToEnd(from: World, memory: Memory): Promise<void> {
    const world = from.fork();
    await world.drain();
    const send = async (message: Message, to: Id, extra = 0n) => {
        const { outcome } = await world.send(message, idOf('stranger'), to, { value: PLENTY + extra });
        guarantee(outcome === 'accepted', `A stranger's ${message.op} does not help ${nameOf(to)}`);
        await world.drain();
    };

    for (const { id } of PLACES) {
        const account = world.model.get(id);
        if (account?.kind === 'PaymentChannel' && account.state === 'Open') {
            await redeemNewest(account, id, memory, send);
        }
    }
    // The nearest end first: time only goes forward.
    const waiting = new Set(PLACES.map(({ id }) => id));
    while (waiting.size > 0) {
        const ways = [...waiting].flatMap((id) => {
            const account = world.model.get(id);
            const steps = account ? endings(account, id, world.now) : [];
            return steps.length > 0 ? [{ id, steps }] : [];
        });
        if (ways.length === 0) {
            break;
        }
        ways.sort((one, other) => one.steps[0]!.at - other.steps[0]!.at);
        const { id, steps } = ways[0]!;
        world.now = Math.max(world.now, steps[0]!.at);
        await send(steps[0]!.message, id);
    }
    for (const { id, name } of PLACES) {
        const account = world.model.get(id);
        const over =
            account === undefined ||
            (account.kind === 'JobEscrow' || account.kind === 'PaymentChannel'
                ? account.state === 'Uninit'
                : account.kind !== 'ProviderStake' || account.locks.size === 0);
        guarantee(over, `${name} has not come to its end`);
    }
}

async function redeemNewest(
    account: ChannelAccount,
    id: Id,
    memory: Memory,
    send: (message: Message, to: Id, extra: bigint) => Promise<void>,
): Promise<void> {
    const vouchers = memory.signatures.filter(
        ({ by, over }) =>
            by === account.clientKey &&
            over.tag === 'voucher' &&
            over.channel === id &&
            over.openedLt === account.openedLt,
    );
    const newest = vouchers.reduce<(typeof vouchers)[number] | undefined>((best, next) => {
        const amount = (signature: typeof next) => ('amount' in signature.over ? signature.over.amount : 0n);
        return best && amount(best) >= amount(next) ? best : next;
    }, undefined);
    if (
        newest?.over.tag === 'voucher' &&
        newest.over.amount > account.claimed &&
        account.claimed < account.totalDeposited
    ) {
        // What rent may have taken of the deposit comes on top.
        const message = { op: 'Redeem', queryId, voucher: newest.over, signature: newest } as const;
        await send(message, id, account.totalDeposited - account.claimed);
    }
}
