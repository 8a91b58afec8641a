import { beginCell, contractAddress, toNano } from '@ton/core';
import * as fees from '../../../wrappers/fees';
import { ProviderStake } from '../../../wrappers/ProviderStake';
import { profileCell, stakeInit } from '../../helpers/cells';
import { PRICE_SETS, strayAddress } from '../../helpers/chain';
import {
    parseParty,
    parseTillData,
    parseTillParties,
    STAKE_REGISTERED,
    STAKE_REGISTERING,
    STAKE_UNREGISTERED,
} from '../../helpers/layout';
import { body } from '../../helpers/network';
import { eventsOf, expectTrace, received, Trace } from '../../helpers/traces';
import {
    bouncedBody,
    DAY,
    From,
    inMasterchain,
    malformedProfiles,
    Market,
    PLENTY,
    toRegistry,
    toStake,
    UNKNOWN_MESSAGE,
    useMarket,
} from '../../fixtures/stakes';

const MIN_STAKE = toNano(100);
const AMOUNT = toNano(1000);

const opening = (m: Market, amount = AMOUNT, value = amount + PLENTY) => ({
    to: m.stake,
    value,
    init: m.provider.stakeInit,
    body: toStake.open(amount, profileCell(m.provider.profile)),
});

function expectRegistered(m: Market, trace: Trace, op: 'OpenStake' | 'RetryRegister' = 'OpenStake') {
    expectTrace(trace, [
        { from: m.owner, to: m.stake, op },
        { from: m.stake, to: m.registry, op: 'RegisterMe' },
        { from: m.registry, to: m.stake, op: 'Initialise', events: 1, messagesOut: 1 },
        { from: m.stake, to: m.provider.till, op: 'TillParams' },
        { from: m.provider.till, to: m.owner, op: 'Excesses' },
    ]);
}

function expectRefused(m: Market, trace: Trace, op: 'OpenStake' | 'RetryRegister' = 'OpenStake') {
    expectTrace(trace, [
        { from: m.owner, to: m.stake, op },
        { from: m.stake, to: m.registry, op: 'RegisterMe' },
        { from: m.registry, to: m.stake, op: 'RegistrationRefused', messagesOut: 0, events: 0 },
    ]);
}

/** Opens below the minimum: the shortest way into Unregistered. */
async function openUnregistered(m: Market, amount = MIN_STAKE - 1n) {
    expectRefused(m, await m.send(m.owner, opening(m, amount)));
}

const wrongSenders: [who: string, from: (m: Market) => From][] = [
    ['a stranger', (m) => m.stranger],
    ['the operator', (m) => m.operator],
    ['the governor', (m) => m.governor],
    ['the Registry', (m) => m.registry],
    ['its own address', (m) => m.stake],
];

describe.each(PRICE_SETS)('Opening a stake at %s prices', (prices) => {
    const m = useMarket({ prices, registered: false });

    it('takes exactly the opening value, registers, deploys the till and returns the rest', async () => {
        const least = AMOUNT + fees.openingValue(m.prices);
        const trace = await m.send(m.owner, opening(m, AMOUNT, least));
        expectRegistered(m, trace);

        const data = await m.data();
        expect(data).toMatchObject({
            state: STAKE_REGISTERED,
            stake: AMOUNT,
            unbonding: 0n,
            locked: 0n,
            hotLocked: 0n,
            hotSlashed: 0n,
            usedSlots: 0n,
            record: 0n,
            feeBps: m.network.params.feeBps,
        });
        const { profile } = m.provider;
        const config = await m.config();
        expect(config).toMatchObject({
            minStake: m.network.params.minStake,
            pausedUntil: 0,
            allowanceCap: profile.allowanceCap,
            signingKey: profile.signingKey,
            attestedUntil: 0,
        });
        const party = parseParty(config.party);
        expect(party.settlement).toEqualAddress(m.provider.till);
        expect(party.operator).toEqualAddress(m.operator.address);
        expect(party.owner).toEqualAddress(m.owner.address);
        const cold = await m.cold();
        expect(cold).toMatchObject({ version: 1, unbondingPeriod: m.network.params.unbondingPeriod, unlockAt: 0 });
        expect(cold.treasury).toEqualAddress(m.network.treasury.address);
        expect(cold.registry).toEqualAddress(m.registry);
        expect(cold.owner).toEqualAddress(m.owner.address);
        const settled = await m.settled();
        expect(settled.settlement).toEqualAddress(m.provider.till);
        expect(settled.verifier).toBeNull();
        expect(settled.profile).toEqualCell(profileCell(profile));

        const till = parseTillData((await m.chain.data(m.provider.till))!);
        expect(till).toMatchObject({ version: 1, feeBps: m.network.params.feeBps, feesDue: 0n, threshold: 0n });
        const parties = parseTillParties(till);
        expect(parties.providerStake).toEqualAddress(m.stake);
        expect(parties.owner).toEqualAddress(m.owner.address);
        expect(parties.treasury).toEqualAddress(m.network.treasury.address);

        expect(await m.chain.balance(m.provider.till)).toBe(fees.tillRent(m.prices));
        expect(await m.chain.balance(m.stake)).toBeGreaterThanOrEqual(AMOUNT + fees.stakeRent(m.prices));
        expect(received(trace, m.owner, 'Excesses')).toBeGreaterThan(0n);

        const events = eventsOf(trace);
        expect(events).toHaveLength(1);
        expect(events[0]!.from).toEqualAddress(m.stake);
        expect(events[0]!.body).toEqualCell(
            beginCell()
                .storeUint(0x53540013, 32)
                .storeAddress(m.owner.address)
                .storeUint(AMOUNT, 64)
                .storeRef(profileCell(profile))
                .endCell(),
        );
        const getter = m.chain.blockchain.openContract(ProviderStake.createFromAddress(m.stake, m.prices));
        expect(await getter.getOpeningValue()).toBe(fees.openingValue(m.prices));
    });

    it('refuses one nanoTON less and keeps nothing', async () => {
        const least = AMOUNT + fees.openingValue(m.prices);
        await m.refused(m.owner, opening(m, AMOUNT, least - 1n), 'INSUFFICIENT_VALUE');
        expect(await m.chain.balance(m.stake)).toBe(0n);
        expectRegistered(m, await m.send(m.owner, opening(m, AMOUNT, least)));
    });

    it('returns an overpayment to the owner and keeps stake and rent to the nanoTON', async () => {
        const trace = await m.send(m.owner, opening(m, AMOUNT, AMOUNT + toNano(50)));
        expectRegistered(m, trace);
        const surplus = (await m.chain.balance(m.stake)) - AMOUNT - fees.stakeRent(m.prices);
        expect(surplus).toBe(0n);
        expect(received(trace, m.owner, 'Excesses')).toBeGreaterThan(toNano(50) - fees.openingValue(m.prices));
    });

    it('counts what lay at the address before towards the value', async () => {
        await m.send(m.stranger, { to: m.stake, value: toNano(3), bounce: false, body: beginCell().endCell() });
        const least = AMOUNT + fees.openingValue(m.prices) - toNano(3);
        await m.refused(m.owner, opening(m, AMOUNT, least - 1n), 'INSUFFICIENT_VALUE');
        expectRegistered(m, await m.send(m.owner, opening(m, AMOUNT, least)));
    });

    it('is refused below the minimum stake and admitted at it', async () => {
        const snapshot = m.chain.blockchain.snapshot();
        expectRefused(m, await m.send(m.owner, opening(m, MIN_STAKE - 1n)));
        expect(await m.data()).toMatchObject({ state: STAKE_UNREGISTERED, stake: MIN_STAKE - 1n });
        expect((await m.opening()).refusal).toBe(1);
        expect(await m.chain.isActive(m.provider.till)).toBe(false);

        await m.chain.blockchain.loadFrom(snapshot);
        expectRegistered(m, await m.send(m.owner, opening(m, MIN_STAKE)));
        expect(await m.data()).toMatchObject({ state: STAKE_REGISTERED, stake: MIN_STAKE });
    });

    it('is refused while the network is paused and admitted from the second the pause ends', async () => {
        const until = m.now + DAY;
        await m.stepped(m.governor, { to: m.registry, value: PLENTY, body: toRegistry.pause(until) });
        m.chain.at(until - 1);
        expectRefused(m, await m.send(m.owner, opening(m)));
        expect((await m.opening()).refusal).toBe(2);
        expect((await m.data()).state).toBe(STAKE_UNREGISTERED);

        m.chain.at(until);
        expectRegistered(
            m,
            await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.retry() }),
            'RetryRegister',
        );
        expect(await m.config()).toMatchObject({ pausedUntil: until });
        expect((await m.cold()).version).toBe(2);
    });

    it('ends Unregistered with reason 255 where no Registry answers, and gives everything back', async () => {
        const registry = strayAddress(7);
        const { address, init } = stakeInit({ registry, owner: m.owner.address });
        const trace = await m.send(m.owner, { ...opening(m), to: address, init });
        expectTrace(trace, [
            { from: m.owner, to: address, op: 'OpenStake' },
            { from: address, to: registry, op: 'RegisterMe', exitCode: 'skipped' },
            { from: registry, to: address, op: 'bounced RegisterMe', messagesOut: 0 },
        ]);
        expect(await m.data(address)).toMatchObject({ state: STAKE_UNREGISTERED, stake: AMOUNT });
        const back = await m.send(m.owner, { to: address, value: PLENTY, body: toStake.withdrawUnregistered() });
        expectTrace(back, [
            { from: m.owner, to: address, op: 'WithdrawUnregistered', destroyed: true },
            { from: address, to: m.owner, op: 'Excesses' },
        ]);
        // Four messages' fees are all that the attempt costs.
        expect(received(back, m.owner, 'Excesses')).toBeGreaterThan(AMOUNT + PLENTY * 2n - toNano('0.5'));
        expect(await m.chain.isGone(address)).toBe(true);
    });

    it('retries for exactly the registration value, with one nanoTON less it is refused', async () => {
        await openUnregistered(m);
        const topUp = { to: m.stake, value: 1n + PLENTY, body: toStake.topUp(1n) };
        await m.stepped(m.stranger, topUp);
        const least = fees.retryingValue(m.prices);
        // What the refused attempt left would pay for the retry; without it the value alone must.
        await m.refused(m.owner, { to: m.stake, value: least - 1n, body: toStake.retry() }, 'INSUFFICIENT_VALUE');
        const trace = await m.send(m.owner, { to: m.stake, value: least, body: toStake.retry() });
        expectRegistered(m, trace, 'RetryRegister');
        expect(await m.data()).toMatchObject({ state: STAKE_REGISTERED, stake: MIN_STAKE });
        // The first attempt's leftover goes to the owner now.
        expect(received(trace, m.owner, 'Excesses')).toBeGreaterThan(toNano(4));
    });

    it('does not retry out of the rent: balance and value together have to cover it to the nanoTON', async () => {
        await openUnregistered(m, MIN_STAKE - 1n);
        const least = fees.retryingValue(m.prices);
        const needed = MIN_STAKE - 1n + fees.stakeRent(m.prices);
        await m.chain.setBalance(m.stake, needed - 1n);
        await m.refused(m.owner, { to: m.stake, value: least, body: toStake.retry() }, 'INSUFFICIENT_VALUE');
        expectRefused(
            m,
            await m.send(m.owner, { to: m.stake, value: least + 1n, body: toStake.retry() }),
            'RetryRegister',
        );
    });

    it('withdraws for exactly its gas, with one nanoTON less it is refused', async () => {
        await openUnregistered(m);
        const least = fees.stakeStepValue(m.prices);
        const message = { to: m.stake, body: toStake.withdrawUnregistered() };
        await m.refused(m.owner, { ...message, value: least - 1n }, 'INSUFFICIENT_VALUE');
        const before = await m.chain.balance(m.stake);
        const trace = await m.send(m.owner, { ...message, value: least });
        expectTrace(trace, [
            { from: m.owner, to: m.stake, op: 'WithdrawUnregistered', destroyed: true },
            { from: m.stake, to: m.owner, op: 'Excesses' },
        ]);
        expect(received(trace, m.owner, 'Excesses')).toBeGreaterThan(before);
        expect(await m.chain.isGone(m.stake)).toBe(true);
    });

    it('opens again at the same address after a withdrawal', async () => {
        await openUnregistered(m);
        const { attemptLt } = await m.opening();
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdrawUnregistered() });
        expectRegistered(m, await m.send(m.owner, opening(m)));
        expect(await m.data()).toMatchObject({ state: STAKE_REGISTERED, stake: AMOUNT });
        // An answer to the first opening is no answer to anything now.
        await m.refused(
            m.registry,
            { to: m.stake, value: PLENTY, bounce: false, body: toStake.initialise(attemptLt, m.network.params) },
            'WRONG_STATE',
        );
    });
});

describe('A stake that is not opened yet', () => {
    const m = useMarket({ registered: false });

    it.each(wrongSenders)('refuses OpenStake of %s', async (_, from) => {
        await m.refused(from(m), opening(m), 'WRONG_SENDER');
        expectRegistered(m, await m.send(m.owner, opening(m)));
    });

    it('refuses to stake nothing', async () => {
        await m.refused(m.owner, opening(m, 0n, PLENTY), 'ZERO_AMOUNT');
    });

    it('refuses every malformed profile', async () => {
        for (const [what, profile, error] of malformedProfiles(m.provider.profile)) {
            const message = { ...opening(m), body: toStake.open(AMOUNT, profile) };
            await m.refused(m.owner, message, error).catch((reason: Error) => {
                throw new Error(`a profile with ${what}: ${reason.message}`);
            });
        }
    });

    it('refuses an owner, a Registry, or itself in the masterchain', async () => {
        const owner = inMasterchain(m.owner.address);
        const ofOwner = stakeInit({ registry: m.registry, owner });
        await m.refused(owner, { ...opening(m), to: ofOwner.address, init: ofOwner.init }, 'NOT_BASECHAIN');
        const ofRegistry = stakeInit({ registry: inMasterchain(m.registry), owner: m.owner.address });
        await m.refused(m.owner, { ...opening(m), to: ofRegistry.address, init: ofRegistry.init }, 'NOT_BASECHAIN');
        const there = contractAddress(-1, m.provider.stakeInit);
        await m.refused(m.owner, { ...opening(m), to: there, value: AMOUNT + toNano(50) }, 'NOT_BASECHAIN');
    });

    it('throws at every other message, and the owner opens it all the same, whoever deployed it', async () => {
        const init = m.provider.stakeInit;
        const bodies: [error: string | number, message: ReturnType<typeof toStake.retry>][] = [
            [
                'WRONG_STATE',
                toStake.acceptQuote({
                    openedLt: 1n,
                    collateral: 0n,
                    client: m.client.address,
                    nonce: 0n,
                    lockUntil: 0,
                    quote: beginCell().endCell(),
                }),
            ],
            ['WRONG_STATE', toStake.acceptJob({ collateral: 0n, client: m.client.address, nonce: 0n, lockUntil: 0 })],
            ['LOCK_NOT_FOUND', toStake.releaseStale(0)],
            ['WRONG_STATE', toStake.release(0n, 0)],
            ['WRONG_STATE', toStake.slash(0n, 0, { amount: 1n, client: m.stranger.address, toClientBps: 5000 })],
            ['WRONG_STATE', toStake.refuse(0n, 1)],
            ['WRONG_STATE', toStake.topUp(1n)],
            ['WRONG_STATE', toStake.updateProfile(m.profile())],
            ['WRONG_STATE', toStake.resetAllowance()],
            ['WRONG_STATE', toStake.requestUnbond(1n)],
            ['WRONG_STATE', toStake.cancelUnbond()],
            ['WRONG_STATE', toStake.withdraw()],
            ['WRONG_STATE', toStake.retry()],
            ['WRONG_STATE', toStake.withdrawUnregistered()],
            ['WRONG_STATE', toStake.initialise(0n, m.network.params)],
            ['WRONG_STATE', toStake.updateParams(m.network.params, 1, m.stranger.address)],
            ['WRONG_STATE', toStake.verdict(Buffer.alloc(64), 0)],
            [UNKNOWN_MESSAGE, beginCell().storeUint(0xdeadbeef, 32).endCell()],
            [UNKNOWN_MESSAGE, beginCell().endCell()],
        ];
        for (const [error, message] of bodies) {
            for (const from of [m.owner, m.stranger, m.registry]) {
                await m.refused(from, { to: m.stake, value: PLENTY, init, body: message }, error);
            }
        }
        expectRegistered(m, await m.send(m.owner, opening(m)));
    });
});

describe('A stake whose registration is under way', () => {
    // OpenStake has run, RegisterMe has not arrived.
    const m = useMarket({ registered: false });
    let next: Awaited<ReturnType<Market['step']>>;
    beforeEach(async () => {
        next = await m.step(m.owner, opening(m));
        await next();
        expect((await m.data()).state).toBe(STAKE_REGISTERING);
    });

    it('becomes Registered by the Registry’s answer', async () => {
        await next();
        await next();
        expect((await m.data()).state).toBe(STAKE_REGISTERED);
    });

    it('refuses everything that needs another state', async () => {
        for (const message of [
            toStake.open(AMOUNT, m.profile()),
            toStake.topUp(1n),
            toStake.retry(),
            toStake.updateProfile(m.profile()),
            toStake.resetAllowance(),
            toStake.requestUnbond(1n),
            toStake.cancelUnbond(),
            toStake.withdraw(),
            toStake.acceptJob({ collateral: 0n, client: m.client.address, nonce: 0n, lockUntil: m.now + 10 * DAY }),
            toStake.release(0n, 0),
            toStake.slash(0n, 0, { amount: 1n, client: m.stranger.address, toClientBps: 5000 }),
            toStake.updateParams(m.network.params, 1, m.stranger.address),
            toStake.verdict(Buffer.alloc(64), 0),
        ]) {
            await m.refused(m.owner, { to: m.stake, value: AMOUNT + PLENTY, body: message }, 'WRONG_STATE');
        }
    });

    it('lets nobody but the Registry initialise it, and only for this attempt', async () => {
        const { attemptLt } = await m.opening();
        const right = toStake.initialise(attemptLt, m.network.params);
        for (const from of [m.owner, m.operator, m.stranger, m.governor, strayAddress(9), inMasterchain(m.registry)]) {
            await m.refused(from, { to: m.stake, value: PLENTY, body: right }, 'WRONG_SENDER');
        }
        for (const lt of [0n, attemptLt - 1n, attemptLt + 1n]) {
            const stale = toStake.initialise(lt, m.network.params);
            await m.refused(m.registry, { to: m.stake, value: PLENTY, body: stale }, 'STALE_ATTEMPT');
        }
    });

    it('stays Registering when an answer brings too little for the till', async () => {
        const { attemptLt } = await m.opening();
        const right = toStake.initialise(attemptLt, m.network.params);
        const value = fees.tillDeploymentValue(m.prices) - 1n;
        await m.refused(m.registry, { to: m.stake, value, bounce: false, body: right }, 'INSUFFICIENT_VALUE');
        expect((await m.data()).state).toBe(STAKE_REGISTERING);
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdrawUnregistered() });
        expect(await m.chain.isActive(m.stake)).toBe(false);
    });

    it('ignores refusals that are not the Registry’s or not of this attempt', async () => {
        const { attemptLt } = await m.opening();
        for (const from of [m.owner, m.stranger, m.governor, strayAddress(9), inMasterchain(m.registry)]) {
            await m.ignored(from, { to: m.stake, value: PLENTY, body: toStake.refuse(attemptLt, 1) });
        }
        for (const lt of [0n, attemptLt - 1n, attemptLt + 1n]) {
            await m.ignored(m.registry, { to: m.stake, value: PLENTY, body: toStake.refuse(lt, 1) });
        }
    });

    it('is only the owner’s to withdraw', async () => {
        for (const from of [m.operator, m.stranger, m.governor, m.registry]) {
            await m.refused(from, { to: m.stake, value: PLENTY, body: toStake.withdrawUnregistered() }, 'WRONG_SENDER');
        }
    });

    it('withdrawn in flight, it leaves the late answer’s value at the address for the next opening', async () => {
        const trace = await m.send(m.owner, {
            to: m.stake,
            value: PLENTY,
            body: toStake.withdrawUnregistered(),
        });
        expect(received(trace, m.owner, 'Excesses')).toBeGreaterThan(AMOUNT);
        expect(await m.chain.isGone(m.stake)).toBe(true);
        await next(); // RegisterMe is answered …
        await next(); // … and Initialise finds nobody
        expect(await m.chain.isActive(m.stake)).toBe(false);
        const left = await m.chain.balance(m.stake);
        expect(left).toBeGreaterThan(0n);

        const again = await m.send(m.owner, opening(m, AMOUNT, AMOUNT + fees.openingValue(m.prices) - left));
        expectRegistered(m, again);
    });

    it('withdrawn and opened again, it does not take the first attempt’s admission', async () => {
        const first = (await m.opening()).attemptLt;
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdrawUnregistered() });
        const second = await m.step(m.owner, opening(m, MIN_STAKE - 1n));
        await second();
        expect((await m.opening()).attemptLt).toBeGreaterThan(first);
        await next(); // the Registry admits the 1,000 TON of the first attempt
        const before = await m.dataHash(m.stake);
        const { description } = await next();
        expect(description).toMatchObject({ computePhase: { exitCode: 0x20d } });
        expect(await m.dataHash(m.stake)).toBe(before);
        await second(); // and refuses what is there now
        await second();
        expect(await m.data()).toMatchObject({ state: STAKE_UNREGISTERED, stake: MIN_STAKE - 1n });
    });

    it('withdrawn and opened again, it does not take the first attempt’s refusal', async () => {
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdrawUnregistered() });
        const poor = await m.step(m.owner, opening(m, MIN_STAKE - 1n));
        await poor();
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdrawUnregistered() });
        const rich = await m.step(m.owner, opening(m));
        await rich();
        await poor(); // the Registry refuses …
        const before = await m.dataHash(m.stake);
        await poor(); // … an attempt that is no more
        expect(await m.dataHash(m.stake)).toBe(before);
        await rich();
        await rich();
        expect(await m.data()).toMatchObject({ state: STAKE_REGISTERED, stake: AMOUNT });
    });
});

describe('A stake that was refused', () => {
    const m = useMarket({ registered: false }, (market) => openUnregistered(market));

    it('refuses everything that needs another state', async () => {
        for (const message of [
            toStake.open(AMOUNT, m.profile()),
            toStake.updateProfile(m.profile()),
            toStake.resetAllowance(),
            toStake.requestUnbond(1n),
            toStake.cancelUnbond(),
            toStake.withdraw(),
            toStake.acceptJob({ collateral: 0n, client: m.client.address, nonce: 0n, lockUntil: m.now + 10 * DAY }),
            toStake.release(0n, 0),
            toStake.slash(0n, 0, { amount: 1n, client: m.stranger.address, toClientBps: 5000 }),
            toStake.updateParams(m.network.params, 1, m.stranger.address),
            toStake.verdict(Buffer.alloc(64), 0),
            toStake.initialise((await m.opening()).attemptLt, m.network.params),
        ]) {
            for (const from of [m.owner, m.registry]) {
                await m.refused(from, { to: m.stake, value: AMOUNT + PLENTY, body: message }, 'WRONG_STATE');
            }
        }
    });

    it('ignores further refusals', async () => {
        const { attemptLt } = await m.opening();
        await m.ignored(m.registry, { to: m.stake, value: PLENTY, body: toStake.refuse(attemptLt, 2) });
        const bounced = bouncedBody(toRegistry.register(attemptLt, MIN_STAKE, m.owner.address));
        await m.ignored(m.registry, { to: m.stake, value: PLENTY, bounced: true, body: bounced });
        expect((await m.opening()).refusal).toBe(1);
    });

    it('is only the owner’s to retry and to withdraw', async () => {
        for (const from of [m.operator, m.stranger, m.governor, m.registry]) {
            const message = { to: m.stake, value: PLENTY };
            await m.refused(from, { ...message, body: toStake.retry() }, 'WRONG_SENDER');
            await m.refused(from, { ...message, body: toStake.withdrawUnregistered() }, 'WRONG_SENDER');
        }
    });

    it('is refused again while nothing changed, and admitted once topped up by anybody', async () => {
        const retry = { to: m.stake, value: PLENTY, body: toStake.retry() };
        expectRefused(m, await m.send(m.owner, retry), 'RetryRegister');
        expect((await m.data()).state).toBe(STAKE_UNREGISTERED);
        await m.stepped(m.stranger, { to: m.stake, value: PLENTY + 1n, body: toStake.topUp(1n) });
        expectRegistered(m, await m.send(m.owner, retry), 'RetryRegister');
        expect(await m.data()).toMatchObject({ state: STAKE_REGISTERED, stake: MIN_STAKE });
    });

    it('cannot be registered or withdrawn twice', async () => {
        await m.stepped(m.stranger, { to: m.stake, value: PLENTY + 1n, body: toStake.topUp(1n) });
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.retry() });
        for (const message of [toStake.retry(), toStake.withdrawUnregistered(), toStake.open(AMOUNT, m.profile())]) {
            await m.refused(m.owner, { to: m.stake, value: AMOUNT + PLENTY, body: message }, 'WRONG_STATE');
        }
    });

    it('takes no profile of other bits: the wrapper’s cell is the schema’s', () => {
        const { profile } = m.provider;
        const wrapped = ProviderStake.createOpenStakeBody({
            amount: AMOUNT,
            profile: { ...profile, endpoint: profile.endpoint.toString() },
        });
        expect(wrapped).toEqualCell(body('OpenStake').storeUint(AMOUNT, 64).storeRef(m.profile()).endCell());
    });
});
