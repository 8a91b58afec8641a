import fc from 'fast-check';
import { PRICE_SETS } from '../helpers/chain';
import { ChannelChain, SENDERS } from './channelChain';
import { PURSES } from './channelMessages';
import { KINDS, Move, takeMove } from './channelMoves';

const RUNS = 40;
const MOVES = 24;

/** What makes a channel worth the name comes more often than its end. */
const often: Move['kind'][] = ['open', 'topUp', 'pay', 'pay', 'agree', 'use', 'use', 'replay', 'pass'];
const kinds = [...often, ...often, ...often, ...KINDS, 'finalize' as const, 'haunt' as const];
const moves: fc.Arbitrary<Move> = fc.record({
    kind: fc.constantFrom(...kinds),
    // Mostly the first channel: the second is there for what can be confused with the first.
    at: fc.constantFrom(0, 0, 0, 1),
    by: fc.constantFrom('client' as const, 'client' as const, ...SENDERS),
    purse: fc.constantFrom('plenty' as const, 'plenty' as const, 'plenty' as const, 'least' as const, ...PURSES),
    pick: fc.nat({ max: 1000 }),
    twist: fc.nat({ max: 1000 }),
});

/** What has to have come about in the runs of either price set. */
const CIRCUMSTANCES = [
    ...['OpenChannel', 'TopUpChannel', 'Redeem', 'CloseChannel', 'RequestClose', 'FinalizeChannel'].flatMap((op) => [
        `${op} accepted`,
        `${op} refused`,
        `replayed ${op}`,
    ]),
    ...['Redeem', 'CloseChannel'].flatMap((op) => [
        `${op} for an earlier opening refused`,
        `${op} for the other channel refused`,
        `${op} for another purpose refused`,
    ]),
    'opened again',
    'finalized -1 s from closesAt refused',
    'finalized 0 s from closesAt accepted',
    'newest voucher redeemed',
    'rent made good',
];

describe.each(PRICE_SETS)('A channel (prices: %s)', (prices) => {
    it('pays what was vouched and refunds the rest, whatever anybody sends or repeats, and always ends', async () => {
        const fresh = await ChannelChain.open(prices);
        const seen = new Map<string, number>();
        const script = fc.array(moves, { minLength: MOVES, maxLength: MOVES });
        await fc.assert(
            fc.asyncProperty(fc.nat({ max: 6 }), script, async (first, all) => {
                const world = await fresh();
                const begin = {
                    kind: 'open',
                    at: 0,
                    by: 'client',
                    purse: 'plenty',
                    pick: first,
                    twist: first,
                } as const;
                for (const move of [begin, ...all]) {
                    await takeMove(world, move);
                }
                await world.finish(0);
                await world.finish(1);
                world.seen.forEach((count, what) => seen.set(what, (seen.get(what) ?? 0) + count));
            }),
            { seed: prices === 'default' ? 20261101 : 20260601, numRuns: RUNS, endOnFailure: true },
        );
        // Without these the runs would prove little.
        expect(CIRCUMSTANCES.filter((what) => !seen.has(what))).toEqual([]);
    }, 180_000);
});
