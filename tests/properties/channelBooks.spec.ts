import fc from 'fast-check';
import * as p from '../../protocol';
import { client, hashOf, MODEL, provider } from '../unit/protocol/channelsSupport';
import { HONEST_KINDS, HOSTILE_KINDS, Step, StepKind, takeStep } from './channelSteps';
import { ChannelWorld, Opening, promise, receipted } from './channelWorld';

const steps = (kinds: readonly StepKind[]): fc.Arbitrary<Step> =>
    fc.record({
        kind: fc.constantFrom(...kinds),
        // Mostly the first opening: the others are there for their messages.
        at: fc.constantFrom(0, 0, 0, 1, 2),
        crash: fc.constantFrom('never', 'never', 'never', 'never', 'beforeCommit', 'afterCommit'),
        pick: fc.nat({ max: 400 }),
        size: fc.constantFrom(0n, 1n, 5n, 5n, 20n, 20n, 50n, 50n, 400n, 2_000n),
        twist: fc.nat({ max: 2_100 }),
    });

/** What makes a channel worth the name comes more often than its end. */
const often: StepKind[] = ['turn', 'turn', 'turn', 'pay', 'take', 'issue', 'receive', 'abandon', 'tell'];
const honest = Array<StepKind[]>(6).fill(often).flat().concat(HONEST_KINDS);
const hostile = [...honest, ...HOSTILE_KINDS, ...HOSTILE_KINDS];
const claimedBefore = fc.constantFrom(0n, 0n, 300n);
const RUNS = 200;

function auditAll(world: ChannelWorld): void {
    for (const opening of world.openings) {
        const audit = p.verifyReceiptChain(opening.issued, opening.terms);
        promise(
            audit.ok && audit.count === opening.issued.length,
            `a broken chain: ${audit.ok ? 'short' : audit.fault}`,
        );
    }
}

it('keeps every promise to both sides, whoever lies, whatever is lost, repeated or replayed, whenever it crashes', () => {
    const seen = new Map<string, number>();
    const longest: number[] = [];
    fc.assert(
        fc.property(claimedBefore, fc.array(steps(hostile), { minLength: 40, maxLength: 160 }), (claimed, script) => {
            const world = new ChannelWorld(claimed, true);
            script.forEach((step) => takeStep(world, step, seen));
            auditAll(world);
            longest.push(Math.max(...world.openings.map(({ issued }) => issued.length)));
        }),
        { numRuns: RUNS },
    );
    // The property says nothing unless all that came to pass.
    const codes: p.ChannelErrorCode[] = [
        'foreign-channel',
        'foreign-opening',
        'above-deposit',
        'closing',
        'close-agreed',
        'receipt-gap',
        'request-changed',
        'request-under-way',
        'no-request',
        'stale-receipt',
        'response-mismatch',
    ];
    const missing = [...HONEST_KINDS, ...HOSTILE_KINDS, ...codes].filter((what) => !seen.has(what));
    expect(missing).toEqual([]);
    expect(longest.reduce((sum, length) => sum + length)).toBeGreaterThan(RUNS);
});

/** What two honest sides do to go on after anything that can be lost. */
function goOn(world: ChannelWorld, opening: Opening): void {
    const now = world.now;
    const tell = <S extends p.ClientBookState | p.ProviderBookState>(state: S) => {
        const { openedLt } = opening.terms;
        const raised = p.clientBook.toppedUp(state, { openedLt, totalDeposited: opening.deposit }).state;
        return p.clientBook.seenAlive(raised, { openedLt, at: now });
    };
    world.ofClient(opening, 'never', tell);
    world.ofProvider(opening, 'never', tell);
    // A request that was cut short is given up by both.
    if (p.decodeProviderState(opening.providerRow).request) {
        world.ofProvider(opening, 'never', p.providerBook.releaseRequest);
    }
    if (p.decodeClientState(opening.clientRow).request) {
        world.ofClient(opening, 'never', p.clientBook.abandon);
    }
    const newest = p.providerBook.newestReceipt(p.decodeProviderState(opening.providerRow));
    if (newest) {
        world.ofClient(opening, 'never', (state) =>
            p.clientBook.acceptReceipt(state, { ...newest, responseHash: null }),
        );
    }
    const { abandoned } = p.decodeClientState(opening.clientRow);
    const request =
        abandoned.length === p.MAX_ABANDONED
            ? abandoned[0]!
            : { requestHash: hashOf('the next request'), modelRoot: MODEL, maxCost: 5n };
    const voucher = world.ofClient(opening, 'never', (state) =>
        p.clientBook.pay(state, { ...request, now, secretKey: client.secretKey }),
    )!;
    const cost = request.maxCost;
    world.ofProvider(opening, 'never', (state) =>
        p.providerBook.acceptVoucher(state, { ...voucher, requestHash: request.requestHash, cost, now }),
    );
    const receipt = world.ofProvider(opening, 'never', (state) =>
        p.providerBook.issueReceipt(state, {
            cost,
            requestHash: request.requestHash,
            responseHash: hashOf('the response'),
            modelRoot: request.modelRoot,
            usage: { prompt: 1, completion: 1 },
            secretKey: provider.secretKey,
        }),
    )!;
    world.ofClient(opening, 'never', (state) =>
        p.clientBook.acceptReceipt(state, { ...receipt, responseHash: hashOf('the response') }),
    );
    const [paid, earned] = [p.decodeClientState(opening.clientRow), p.decodeProviderState(opening.providerRow)];
    expect(paid.receipt.amount).toBe(receipted(earned));
    expect(paid.request).toBeNull();
}

it('lets two honest sides go on after anything was lost or crashed, as long as channel and deposit last', () => {
    const ends: StepKind[] = ['requestClose', 'executeClose', 'finalize'];
    const kinds = honest.filter((kind) => !ends.includes(kind));
    const seen = new Map<string, number>();
    let wentOn = 0;
    fc.assert(
        fc.property(claimedBefore, fc.array(steps(kinds), { maxLength: 80 }), (claimed, script) => {
            const world = new ChannelWorld(claimed, false);
            script.forEach((step) => takeStep(world, { ...step, twist: step.twist % 300 }, seen));
            // What was agreed on is void ten minutes later, and a deposit can be raised.
            world.now += 600;
            for (const opening of world.openings.filter(({ closesAt }) => world.now < closesAt - 2_000)) {
                opening.deposit += 5_000n;
                goOn(world, opening);
                wentOn++;
            }
            auditAll(world);
        }),
        { numRuns: RUNS },
    );
    expect(wentOn).toBeGreaterThan(RUNS);
});
