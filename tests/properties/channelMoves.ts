import { toNano } from '@ton/core';
import { DAY, HOUR, YEAR } from '../fixtures/channels';
import { ChannelChain, Sender } from './channelChain';
import { Act, Key, Paper } from './channelLedger';
import { Purse } from './channelMessages';

export const KINDS = [
    'open',
    'topUp',
    'pay',
    'agree',
    'ask',
    'request',
    'mislead',
    'use',
    'haunt',
    'reopen',
    'replay',
    'finalize',
    'pass',
    'year',
    'plain',
    'probe',
] as const;

/** One move of anybody. The numbers mean what the kind makes of them. */
export interface Move {
    kind: (typeof KINDS)[number];
    at: number;
    by: Sender;
    purse: Purse;
    pick: number;
    twist: number;
}

const chosen = <T>(from: readonly T[], by: number): T => from[by % from.length]!;

const PURPOSES = ['voucher', 'agreement', 'request'] as const;
const AMOUNTS = [1n, 5_000_000n, 30_000_000n, toNano('0.5'), toNano(3)];

export async function takeMove(world: ChannelChain, move: Move): Promise<void> {
    const { at, by, purse, pick, twist } = move;
    const { opening } = world.ledgers[at]!;
    const send = (act: Act) => world.send(act, { at, by, purse });

    switch (move.kind) {
        case 'open':
            // By another than the client once in eight times.
            await world.send(
                { op: 'OpenChannel', offer: offerOf(world.now, pick, twist) },
                { at, by: twist % 8 === 0 ? by : 'client', purse },
            );
            return;
        case 'topUp':
            await send({ op: 'TopUpChannel', amount: chosen([...AMOUNTS, 0n], pick) });
            return;
        case 'pay': {
            const amount = (opening?.claimed ?? 0n) + chosen([...AMOUNTS, 0n, -1n, toNano(100)], pick);
            const paper = world.sign({ ...paperOf(world, at, 'voucher'), amount: amount < 0n ? 0n : amount });
            if (twist % 3 > 0) {
                await send({ op: 'Redeem', paper, key: 'client' });
            }
            return;
        }
        case 'agree': {
            const claimed = opening?.claimed ?? 0n;
            const deposited = opening?.deposited ?? 0n;
            const amount = chosen([claimed, (claimed + deposited) / 2n, deposited, claimed - 1n, deposited + 1n], pick);
            const validUntil = world.now + chosen([60, 600, 1, 300, 0, 601], twist);
            const paper = world.sign({
                ...paperOf(world, at, 'agreement'),
                amount: amount < 0n ? 0n : amount,
                validUntil,
            });
            if (twist % 3 === 0) {
                await send({ op: 'CloseChannel', paper, first: 'client', second: 'provider' });
            }
            return;
        }
        case 'ask':
            await send({ op: 'RequestClose', paper: null, key: 'client' });
            return;
        case 'request': {
            const paper = world.sign(paperOf(world, at, 'request'));
            await send({ op: 'RequestClose', paper, key: 'client' });
            return;
        }
        case 'mislead': {
            // Signed by both, and wrong in one way: its purpose, its shape, its channel, or its opening.
            const [shape, other] = [chosen(PURPOSES, pick), chosen(PURPOSES, pick + 1 + (twist % 2))];
            const right = { ...paperOf(world, at, shape), amount: chosen(AMOUNTS, pick), validUntil: world.now + 300 };
            const wrong: Partial<Paper>[] = [
                { purpose: other },
                { purpose: other, shape: other === 'request' ? 'voucher' : other },
                { channel: 1 - at },
                { openedLt: world.openedLt(at, 1) },
            ];
            const paper = world.sign({ ...right, ...chosen(wrong, twist) });
            await send(use(paper, twist % 7 === 0 ? PURPOSES.indexOf(other) : PURPOSES.indexOf(shape), 0));
            return;
        }
        case 'use': {
            // Anything signed so far; nine times of ten as what it is, and by whom it should be.
            if (world.papers.length > 0) {
                const paper = chosen(world.papers, pick);
                const as = twist % 10 === 0 ? twist : PURPOSES.indexOf(paper.shape);
                await send(use(paper, as, twist));
            }
            return;
        }
        case 'haunt': {
            // Something that was good in an earlier life of this address, as good as ever but for that.
            const old = world.papers.filter(
                (paper) =>
                    paper.channel === at && paper.shape === paper.purpose && paper.openedLt !== opening?.openedLt,
            );
            if (old.length > 0) {
                const paper = chosen(old, pick);
                await send(use(paper, PURPOSES.indexOf(paper.shape), 0));
            }
            return;
        }
        case 'reopen': {
            // Both agree to end it, and the client opens the same address again.
            if (opening) {
                const amount = chosen([opening.claimed, opening.deposited], pick);
                const paper = world.sign({ ...paperOf(world, at, 'agreement'), amount, validUntil: world.now + 60 });
                const end = { op: 'CloseChannel', paper, first: 'client', second: 'provider' } as const;
                await world.send(end, { at, by, purse: 'least' });
            }
            const offer = offerOf(world.now, pick, twist % 7);
            await world.send({ op: 'OpenChannel', offer }, { at, by: 'client', purse: 'least' });
            return;
        }
        case 'replay': {
            if (world.sent.length > 0) {
                const { act, message } = chosen(world.sent, pick);
                world.note(`replayed ${act.op}`);
                await world.send(act, { at, by, purse, message });
            }
            return;
        }
        case 'finalize':
            await send({ op: 'FinalizeChannel' });
            return;
        case 'pass': {
            const toEnd = opening ? opening.closesAt - world.now : 0;
            world.pass(Math.max(0, chosen([1, 59, 60, 599, 600, HOUR, DAY, toEnd - 1, toEnd, toEnd, toEnd + 1], pick)));
            return;
        }
        case 'year':
            await world.passYear();
            return;
        case 'plain':
            await world.plain(at, chosen([toNano('0.01'), toNano(1)], pick), twist % 2 === 0);
            return;
        case 'probe':
            await world.probe(at);
    }
}

/** Good terms seven times of ten. */
export function offerOf(now: number, pick: number, twist: number) {
    const good = twist % 10 < 7;
    const closeDelay = chosen(good ? [HOUR, HOUR, DAY, 30 * DAY] : [HOUR, HOUR - 1, 30 * DAY + 1, DAY], pick);
    const lives = good ? [closeDelay, 2 * closeDelay, 40 * DAY, YEAR] : [closeDelay - 1, YEAR + 1, 0, YEAR];
    const closesAt = now + chosen(lives, twist);
    const deposit = chosen([20_000_000n, 50_000_000n, toNano(1), 1n, toNano(2), good ? 1n : 0n], pick + twist);
    return { deposit, closesAt, closeDelay };
}

function paperOf(world: ChannelChain, at: number, shape: Paper['shape']): Paper {
    const openedLt = world.openedLt(at, 0);
    return { shape, purpose: shape, channel: at, openedLt, amount: 0n, validUntil: 0 };
}

/** A paper sent as one of the three that it might be, with keys that are right four times of five. */
function use(paper: Paper, as: number, twist: number): Act {
    const key: Key = chosen(['client', 'client', 'client', 'provider', 'stranger'], twist);
    switch (chosen(PURPOSES, as)) {
        case 'voucher':
            return { op: 'Redeem', paper, key };
        case 'request':
            return { op: 'RequestClose', paper, key };
        case 'agreement': {
            const second: Key = chosen(['provider', 'provider', 'provider', 'client', 'stranger'], twist >> 2);
            return { op: 'CloseChannel', paper, first: key, second };
        }
    }
}
