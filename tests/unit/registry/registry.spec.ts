import { Address, beginCell, Cell, contractAddress, Dictionary, toNano } from '@ton/core';
import * as fees from '../../../wrappers/fees';
import { Registry } from '../../../wrappers/Registry';
import { hashNamed, networkParamsCell, registryInit } from '../../helpers/cells';
import { PRICE_SETS, strayAddress } from '../../helpers/chain';
import { Job } from '../../helpers/jobs';
import { NetworkParams, parseGovernance, parseNetworkParams, parseProposal } from '../../helpers/layout';
import { body, openStakeBody, prepareProvider } from '../../helpers/network';
import { expectTrace, received } from '../../helpers/traces';
import {
    CELL_UNDERFLOW,
    DAY,
    errorCode,
    From,
    inMasterchain,
    libraryCell,
    Market,
    PLENTY,
    stored,
    toRegistry,
    toStake,
    UNKNOWN_MESSAGE,
    useMarket,
} from '../../fixtures/stakes';

const FORTNIGHT = 14 * DAY;
const DELAY = 2 * DAY;
const WEEK = 7 * DAY;
const bytes = (count: number) => beginCell().storeBuffer(Buffer.alloc(count, 'm')).endCell();
const zeros = (bits: number) => {
    const builder = beginCell();
    for (let i = 0; i < bits; i++) {
        builder.storeBit(0);
    }
    return builder.endCell();
};

const govern = (m: Market, message: Cell) => m.stepped(m.governor, { to: m.registry, value: PLENTY, body: message });
const governRefused = (m: Market, message: Cell, error: string | number) =>
    m.refused(m.governor, { to: m.registry, value: PLENTY, body: message }, error);
const executing = (m: Market) => ({ to: m.registry, value: PLENTY, body: toRegistry.execute() });
const changed = (m: Market, change: Partial<NetworkParams>) => networkParamsCell({ ...m.network.params, ...change });
const governance = async (m: Market) => parseGovernance((await m.registryData()).governance!);

async function passProposal(m: Market, message: Cell) {
    await govern(m, message);
    m.chain.pass(DELAY);
    await m.stepped(m.stranger, executing(m));
}

const notTheGovernor: [who: string, from: (m: Market) => From][] = [
    ['a stranger', (m) => m.stranger],
    ['a provider', (m) => m.owner],
    ['the treasury', (m) => m.network.treasury],
    ['the arbiter', (m) => m.network.arbiter],
    ['a stake', (m) => m.stake],
    ['the Registry itself', (m) => m.registry],
    ['the governor’s namesake in the masterchain', (m) => inMasterchain(m.governor.address)],
];

/** Params that no Registry takes, whether at the opening or as a proposal. */
const unsound: [what: string, params: (sound: NetworkParams) => Cell, error: string | number][] = [
    ['a fee of 501 bps', (p) => networkParamsCell({ ...p, feeBps: 501 }), 'FEE_BPS'],
    ['no minimum stake', (p) => networkParamsCell({ ...p, minStake: 0n }), 'MIN_STAKE'],
    ['a minimum stake of 2^63', (p) => networkParamsCell({ ...p, minStake: 1n << 63n }), 'MIN_STAKE'],
    [
        'a second less than a day to unbond',
        (p) => networkParamsCell({ ...p, unbondingPeriod: DAY - 1 }),
        'UNBONDING_PERIOD',
    ],
    [
        'a second more than 60 days to unbond',
        (p) => networkParamsCell({ ...p, unbondingPeriod: 60 * DAY + 1 }),
        'UNBONDING_PERIOD',
    ],
    [
        'a timelock of a second less than a day',
        (p) => networkParamsCell({ ...p, timelockDelay: DAY - 1 }),
        'TIMELOCK_DELAY',
    ],
    [
        'a timelock of a second more than 30 days',
        (p) => networkParamsCell({ ...p, timelockDelay: 30 * DAY + 1 }),
        'TIMELOCK_DELAY',
    ],
    [
        'a treasury in the masterchain',
        (p) => networkParamsCell({ ...p, treasury: inMasterchain(p.treasury) }),
        'NOT_BASECHAIN',
    ],
    [
        'an arbiter in the masterchain',
        (p) => networkParamsCell({ ...p, arbiter: inMasterchain(p.arbiter) }),
        'NOT_BASECHAIN',
    ],
    [
        'a verifier in the masterchain',
        (p) => networkParamsCell({ ...p, verifier: inMasterchain(p.treasury) }),
        'NOT_BASECHAIN',
    ],
    [
        'a trailing bit',
        (p) => beginCell().storeSlice(networkParamsCell(p).beginParse()).storeBit(0).endCell(),
        CELL_UNDERFLOW,
    ],
    [
        'a reference',
        (p) => beginCell().storeSlice(networkParamsCell(p).beginParse()).storeRef(new Cell()).endCell(),
        'MALFORMED_CELL',
    ],
    ['nothing in it', () => new Cell(), 'MALFORMED_CELL'],
    ['zeros', () => zeros(680), CELL_UNDERFLOW],
    ['everything hidden in a library', () => libraryCell(), 'MALFORMED_CELL'],
    [
        'no treasury, and bits that make up for it',
        (p) =>
            beginCell()
                .storeUint(p.feeBps, 16)
                .storeUint(p.minStake, 64)
                .storeUint(p.unbondingPeriod, 32)
                .storeUint(p.timelockDelay, 32)
                .storeAddress(null)
                .storeAddress(p.arbiter)
                .storeAddress(p.treasury)
                .endCell(),
        'MALFORMED_CELL',
    ],
];

const edges: [what: string, change: Partial<NetworkParams>][] = [
    ['no fee', { feeBps: 0 }],
    ['a fee of 500 bps', { feeBps: 500 }],
    ['a minimum stake of one nanoTON', { minStake: 1n }],
    ['a day to unbond', { unbondingPeriod: DAY }],
    ['60 days to unbond', { unbondingPeriod: 60 * DAY }],
    ['a timelock of a day', { timelockDelay: DAY }],
    ['a timelock of 30 days', { timelockDelay: 30 * DAY }],
    ['a verifier', { verifier: strayAddress(0x77) }],
];

describe.each(PRICE_SETS)('Values that a Registry asks for at %s prices', (prices) => {
    const m = useMarket({ prices });

    it('opens for exactly the opening value, and not for one nanoTON less', async () => {
        const { address, init } = registryInit({
            networkId: m.chain.globalId,
            governor: m.governor.address,
            salt: 5n,
        });
        const least = fees.networkOpeningValue(m.prices);
        const message = { to: address, init, body: toRegistry.open(networkParamsCell(m.network.params)) };
        await m.refused(m.governor, { ...message, value: least - 1n }, 'INSUFFICIENT_VALUE');
        await m.stepped(m.governor, { ...message, value: least });
        expect(await m.chain.balance(address)).toBe(fees.registryRent(m.prices));
        const getter = m.chain.blockchain.openContract(Registry.createFromAddress(address, m.prices));
        expect(await getter.getOpeningValue()).toBe(least);
        expect(await getter.getSyncingValue()).toBe(fees.syncingValue(m.prices));
        expect(networkParamsCell((await getter.getRegistry()).params!)).toEqualCell(
            networkParamsCell(m.network.params),
        );
    });

    it('carries parameters to stake and till for exactly the syncing value, and not for one nanoTON less', async () => {
        const least = fees.syncingValue(m.prices);
        const message = { to: m.registry, body: toRegistry.sync(m.owner.address) };
        await m.refused(m.stranger, { ...message, value: least - 1n }, 'INSUFFICIENT_VALUE');
        expectTrace(await m.send(m.stranger, { ...message, value: least }), [
            { from: m.stranger, to: m.registry, op: 'SyncParams' },
            { from: m.registry, to: m.stake, op: 'UpdateParams' },
            { from: m.registry, to: m.stranger, op: 'Excesses' },
            { from: m.stake, to: m.provider.till, op: 'TillParams' },
            { from: m.provider.till, to: m.stranger, op: 'Excesses' },
        ]);
    });

    const steps: [what: string, from: (market: Market) => From, message: (market: Market) => Cell][] = [
        ['ProposeParams', (market) => market.governor, (market) => toRegistry.proposeParams(changed(market, {}))],
        ['ProposeModel', (market) => market.governor, () => toRegistry.proposeModel(1n, bytes(127))],
        ['Pause', (market) => market.governor, (market) => toRegistry.pause(market.now + DAY)],
        ['ProposeGovernor', (market) => market.governor, (market) => toRegistry.proposeGovernor(market.owner.address)],
    ];
    it.each(steps)('runs %s for exactly a step, and not for one nanoTON less', async (_, from, message) => {
        const least = fees.registryStepValue(m.prices);
        const all = { to: m.registry, body: message(m) };
        await m.refused(from(m), { ...all, value: least - 1n }, 'INSUFFICIENT_VALUE');
        await m.stepped(from(m), { ...all, value: least });
    });

    it('runs AcceptGovernor, CancelProposal and ExecuteProposal for exactly their value, not for one nanoTON less', async () => {
        const both = async (from: From, message: Cell, least = fees.registryStepValue(m.prices)) => {
            const all = { to: m.registry, body: message };
            await m.refused(from, { ...all, value: least - 1n }, 'INSUFFICIENT_VALUE');
            await m.stepped(from, { ...all, value: least });
        };
        await govern(m, toRegistry.proposeModel(1n, bytes(1)));
        await both(m.governor, toRegistry.cancel());
        await govern(m, toRegistry.proposeModel(1n, bytes(1)));
        m.chain.pass(DELAY);
        await both(m.stranger, toRegistry.execute(), fees.executingValue(m.prices));
        await govern(m, toRegistry.proposeGovernor(m.stranger.address));
        await both(m.stranger, toRegistry.acceptGovernor());
    });
});

describe('Opening a network', () => {
    const m = useMarket();
    const identity = () => ({ networkId: m.chain.globalId, governor: m.governor.address, salt: 5n });
    const opening = (of: Parameters<typeof registryInit>[0], params: Cell) => {
        const { address, init } = registryInit(of);
        return { to: address, init, value: PLENTY, body: toRegistry.open(params) };
    };

    it.each([-239, -3 + 1, 0, -(2 ** 31), 2 ** 31 - 1])('of id %i on another chain is refused', async (networkId) => {
        await m.refused(
            m.governor,
            opening({ ...identity(), networkId }, networkParamsCell(m.network.params)),
            'WRONG_NETWORK',
        );
    });

    it.each(notTheGovernor)('by %s is refused', async (_, from) => {
        await m.refused(from(m), opening(identity(), networkParamsCell(m.network.params)), 'WRONG_SENDER');
    });

    it('for a governor in the masterchain, or at an address there, is refused', async () => {
        const governor = inMasterchain(m.governor.address);
        await m.refused(
            governor,
            opening({ ...identity(), governor }, networkParamsCell(m.network.params)),
            'NOT_BASECHAIN',
        );
        const message = opening(identity(), networkParamsCell(m.network.params));
        const to = contractAddress(-1, message.init);
        await m.refused(m.governor, { ...message, to, value: toNano(50) }, 'NOT_BASECHAIN');
    });

    it('twice is refused', async () => {
        await governRefused(m, toRegistry.open(networkParamsCell(m.network.params)), 'WRONG_STATE');
    });

    it.each(unsound)('with %s is refused', async (_, params, error) => {
        await m.refused(m.governor, opening(identity(), params(m.network.params)), error);
    });

    it.each(edges)('with %s is possible', async (_, change) => {
        const message = opening(identity(), networkParamsCell({ ...m.network.params, ...change }));
        await m.stepped(m.governor, message);
    });

    it('with the largest minimum stake is possible', async () => {
        const params = { ...m.network.params, minStake: (1n << 63n) - 1n };
        await m.stepped(m.governor, opening(identity(), networkParamsCell(params)));
    });

    it('comes before every other message', async () => {
        const { to, init } = opening(identity(), new Cell());
        const bodies: [Cell, string | number][] = [
            [toRegistry.register(1n, toNano(100), m.owner.address), 'WRONG_STATE'],
            [toRegistry.sync(m.owner.address), 'WRONG_STATE'],
            [toRegistry.proposeParams(networkParamsCell(m.network.params)), 'WRONG_STATE'],
            [toRegistry.proposeModel(1n, bytes(1)), 'WRONG_STATE'],
            [toRegistry.execute(), 'WRONG_STATE'],
            [toRegistry.cancel(), 'WRONG_STATE'],
            [toRegistry.pause(m.now + 1), 'WRONG_STATE'],
            [toRegistry.proposeGovernor(m.owner.address), 'WRONG_STATE'],
            [toRegistry.acceptGovernor(), 'WRONG_STATE'],
            [new Cell(), UNKNOWN_MESSAGE],
        ];
        for (const [message, error] of bodies) {
            await m.refused(m.governor, { to, init, value: PLENTY, body: message }, error);
        }
        await m.stepped(m.governor, opening(identity(), networkParamsCell(m.network.params)));
    });
});

describe('Registering', () => {
    const m = useMarket();

    it('is refused from anybody but the stake of that owner', async () => {
        const forged = (owner: Address | null) => toRegistry.register(1n, toNano(1000), owner);
        const senders: From[] = [m.stranger, m.owner, m.governor, m.provider.till, inMasterchain(m.stake)];
        for (const from of senders) {
            await m.refused(from, { to: m.registry, value: PLENTY, body: forged(m.owner.address) }, 'WRONG_SENDER');
        }
        for (const owner of [m.stranger.address, m.stake, inMasterchain(m.owner.address), null]) {
            const message = { to: m.registry, value: PLENTY, body: forged(owner) };
            await m.refused(m.stranger, message, 'WRONG_SENDER');
        }
    });
});

describe('A sync', () => {
    const m = useMarket();
    const sync = (owner: Address | null, value = PLENTY) => ({ to: m.registry, value, body: toRegistry.sync(owner) });

    it('for an owner without a stake comes back to the Registry, which keeps only what it sent', async () => {
        const before = await m.dataHash(m.registry);
        const balance = await m.chain.balance(m.registry);
        const nowhere = await m.chain.blockchain
            .openContract(Registry.createFromAddress(m.registry))
            .getStakeAddress(m.stranger.address);
        const trace = await m.send(m.stranger, sync(m.stranger.address));
        expectTrace(trace, [
            { from: m.stranger, to: m.registry, op: 'SyncParams' },
            { from: m.registry, to: nowhere, op: 'UpdateParams', exitCode: 'skipped' },
            { from: m.registry, to: m.stranger, op: 'Excesses' },
            { from: nowhere, to: m.registry, op: 'bounced UpdateParams', messagesOut: 0 },
        ]);
        expect(await m.dataHash(m.registry)).toBe(before);
        expect(await m.chain.balance(m.registry)).toBeGreaterThanOrEqual(balance);
        expect(received(trace, m.stranger, 'Excesses')).toBeGreaterThan(PLENTY - fees.syncingValue(m.prices));
    });

    it('is refused for no owner, one in the masterchain, or from there', async () => {
        await m.refused(m.stranger, sync(null), 'NOT_BASECHAIN');
        await m.refused(m.stranger, sync(inMasterchain(m.owner.address)), 'NOT_BASECHAIN');
        await m.refused(inMasterchain(m.stranger.address), sync(m.owner.address), 'NOT_BASECHAIN');
    });
});

describe('A proposal', () => {
    const m = useMarket();

    it.each(notTheGovernor)('is not for %s to make, to drop, nor is a pause or the office', async (_, from) => {
        for (const message of [
            toRegistry.proposeParams(changed(m, { feeBps: 1 })),
            toRegistry.proposeModel(1n, bytes(1)),
            toRegistry.cancel(),
            toRegistry.pause(m.now + 1),
            toRegistry.proposeGovernor(m.stranger.address),
        ]) {
            await m.refused(from(m), { to: m.registry, value: PLENTY, body: message }, 'WRONG_SENDER');
        }
    });

    it.each(unsound)('of parameters with %s is refused', async (_, params, error) => {
        await governRefused(m, toRegistry.proposeParams(params(m.network.params)), error);
    });

    it.each(edges)('of parameters with %s becomes real', async (_, change) => {
        await passProposal(m, toRegistry.proposeParams(changed(m, change)));
        const data = await m.registryData();
        expect(networkParamsCell(parseNetworkParams(data.params!))).toEqualCell(changed(m, change));
        expect(data.version).toBe(2);
        expect((await governance(m)).proposal).toBeNull();
    });

    it('may double the minimum stake, and not one nanoTON more', async () => {
        const { minStake } = m.network.params;
        await governRefused(m, toRegistry.proposeParams(changed(m, { minStake: 2n * minStake + 1n })), 'MIN_STAKE');
        await passProposal(m, toRegistry.proposeParams(changed(m, { minStake: 2n * minStake })));
        expect(parseNetworkParams((await m.registryData()).params!).minStake).toBe(2n * minStake);
    });

    it('is executed by anybody from the end of its timelock until 14 days later', async () => {
        const proposed = m.now;
        await govern(m, toRegistry.proposeParams(changed(m, { feeBps: 300 })));
        const waiting = parseProposal((await governance(m)).proposal!);
        expect(waiting).toMatchObject({ kind: 1, executableAt: proposed + DELAY, modelRoot: 0n });
        m.chain.at(proposed + DELAY - 1);
        await m.refused(m.stranger, executing(m), 'TIMELOCK_RUNNING');
        await m.refused(m.governor, executing(m), 'TIMELOCK_RUNNING');
        await m.chain.rewinding(async () => {
            m.chain.at(proposed + DELAY + FORTNIGHT);
            await m.refused(m.stranger, executing(m), 'PROPOSAL_EXPIRED');
        });
        m.chain.at(proposed + DELAY + FORTNIGHT - 1);
        await m.stepped(m.stranger, executing(m));
        await m.refused(m.stranger, executing(m), 'NO_PROPOSAL');
        expect((await m.registryData()).version).toBe(2);
    });

    it('is executed in the first second after its timelock', async () => {
        await passProposal(m, toRegistry.proposeParams(changed(m, { feeBps: 300 })));
        expect((await m.registryData()).version).toBe(2);
    });

    it('blocks the next until it expires or is dropped', async () => {
        const proposed = m.now;
        const other = toRegistry.proposeModel(5n, bytes(3));
        await govern(m, toRegistry.proposeParams(changed(m, { feeBps: 300 })));
        await governRefused(m, other, 'PROPOSAL_PENDING');
        m.chain.at(proposed + DELAY + FORTNIGHT - 1);
        await governRefused(m, other, 'PROPOSAL_PENDING');
        m.chain.at(proposed + DELAY + FORTNIGHT);
        await govern(m, other);
        expect(parseProposal((await governance(m)).proposal!)).toMatchObject({ kind: 2, modelRoot: 5n });
        m.chain.pass(DELAY + FORTNIGHT);
        await govern(m, toRegistry.proposeParams(changed(m, { feeBps: 300 })));
        expect(parseProposal((await governance(m)).proposal!)).toMatchObject({ kind: 1, modelRoot: 0n });
        await govern(m, toRegistry.cancel());
        await governRefused(m, toRegistry.cancel(), 'NO_PROPOSAL');
        await govern(m, toRegistry.proposeParams(changed(m, { feeBps: 300 })));
        expect((await m.registryData()).version).toBe(1);
    });

    it('of another delay waits out the old one, and only the next waits the new', async () => {
        const proposed = m.now;
        await govern(m, toRegistry.proposeParams(changed(m, { timelockDelay: DAY })));
        m.chain.at(proposed + DAY);
        await m.refused(m.stranger, executing(m), 'TIMELOCK_RUNNING');
        m.chain.at(proposed + DELAY);
        await m.stepped(m.stranger, executing(m));
        await govern(m, toRegistry.proposeModel(1n, bytes(1)));
        m.chain.at(proposed + DELAY + DAY - 1);
        await m.refused(m.stranger, executing(m), 'TIMELOCK_RUNNING');
        m.chain.at(proposed + DELAY + DAY);
        await m.stepped(m.stranger, executing(m));
    });

    it('changes nothing but the parameters: no balance, no pause, no governor', async () => {
        const others = async () => {
            const data = await m.registryData();
            return stored.registry({ ...data, params: null, governance: null, version: 0 });
        };
        const before = await others();
        await passProposal(m, toRegistry.proposeParams(changed(m, { treasury: m.stranger.address })));
        expect(await others()).toEqualCell(before);
    });
});

describe('The catalogue', () => {
    const m = useMarket();
    const root = hashNamed('a model');
    const models = async () => (await governance(m)).models;

    it('lists, renames and removes a model', async () => {
        await passProposal(m, toRegistry.proposeModel(root, bytes(10)));
        expect((await models()).get(root)).toEqualCell(bytes(10));
        await passProposal(m, toRegistry.proposeModel(root, bytes(20)));
        expect((await models()).get(root)).toEqualCell(bytes(20));
        expect((await governance(m)).modelCount).toBe(1);
        await passProposal(m, toRegistry.proposeModel(root, null));
        expect((await models()).size).toBe(0);
        expect((await governance(m)).modelCount).toBe(0);
        expect((await m.registryData()).version).toBe(1);
    });

    it('cannot remove what it does not list', async () => {
        await govern(m, toRegistry.proposeModel(root, null));
        m.chain.pass(DELAY);
        await m.refused(m.stranger, executing(m), 'UNKNOWN_MODEL');
        await govern(m, toRegistry.cancel());
    });

    it.each([1, 127])('takes a descriptor of %i bytes', async (count) => {
        await passProposal(m, toRegistry.proposeModel(root, bytes(count)));
        expect((await models()).get(root)).toEqualCell(bytes(count));
    });

    it.each([
        ['of no bytes', () => new Cell()],
        ['above 127 bytes', () => zeros(1023)],
        [
            'of 128 bytes in two cells',
            () => beginCell().storeSlice(bytes(127).beginParse()).storeRef(bytes(1)).endCell(),
        ],
        ['of seven bits', () => zeros(7)],
        ['of nine bits', () => zeros(9)],
        ['hidden in a library', libraryCell],
    ])('refuses a descriptor %s', async (_, descriptor) => {
        await governRefused(m, toRegistry.proposeModel(root, descriptor()), 'MALFORMED_CELL');
    });

    it('holds 64 models, renames one of them, and takes no other until one is removed', async () => {
        const data = await m.registryData();
        const all = Dictionary.empty(Dictionary.Keys.BigUint(256), Dictionary.Values.Cell());
        for (let index = 0n; index < 63n; index++) {
            all.set(index << 200n, bytes(1));
        }
        const cell = beginCell().storeAddress(null).storeUint(63, 8).storeMaybeRef(null).storeDict(all).endCell();
        await m.chain.setData(m.registry, stored.registry({ ...data, governance: cell }));
        await passProposal(m, toRegistry.proposeModel(root, bytes(2)));
        expect((await governance(m)).modelCount).toBe(64);
        await passProposal(m, toRegistry.proposeModel(root, bytes(3)));
        await govern(m, toRegistry.proposeModel(root + 1n, bytes(2)));
        m.chain.pass(DELAY);
        await m.refused(m.stranger, executing(m), 'CATALOGUE_FULL');
        await govern(m, toRegistry.cancel());
        await passProposal(m, toRegistry.proposeModel(root, null));
        await passProposal(m, toRegistry.proposeModel(root + 1n, bytes(2)));
        expect((await models()).size).toBe(64);
    });
});

describe('A pause', () => {
    const m = useMarket();

    it.each([
        ['that ends now', 0],
        ['that ended', -1],
        ['of a second more than seven days', WEEK + 1],
    ])('%s is refused', async (_, seconds) => {
        await governRefused(m, toRegistry.pause(m.now + seconds), 'PAUSE_WINDOW');
    });

    it.each([1, WEEK])('of %i seconds is followed by a cool-down as long', async (seconds) => {
        const start = m.now;
        await govern(m, toRegistry.pause(start + seconds));
        expect(await m.registryData()).toMatchObject({
            version: 2,
            pausedUntil: start + seconds,
            pausableFrom: start + 2 * seconds,
        });
        m.chain.at(start + seconds);
        await governRefused(m, toRegistry.pause(start + seconds + 1), 'PAUSE_COOLDOWN');
        m.chain.at(start + 2 * seconds - 1);
        await governRefused(m, toRegistry.pause(start + 2 * seconds), 'PAUSE_COOLDOWN');
        m.chain.at(start + 2 * seconds);
        await govern(m, toRegistry.pause(start + 2 * seconds + WEEK));
        expect(await m.registryData()).toMatchObject({ version: 3, pausedUntil: start + 2 * seconds + WEEK });
    });

    it('cannot be prolonged or cut short while it runs', async () => {
        await govern(m, toRegistry.pause(m.now + DAY));
        m.chain.pass(1);
        for (const until of [m.now + 1, m.now + DAY, m.now + WEEK]) {
            await governRefused(m, toRegistry.pause(until), 'PAUSE_COOLDOWN');
        }
    });

    it('stops acceptances once synced, and nothing that somebody has a right to', async () => {
        const { arbiter } = m.network;
        const jobs = [];
        for (const nonce of [1n, 2n, 3n, 4n, 5n, 6n]) {
            const job = await Job.prepare(m.provider, { nonce });
            await job.post();
            jobs.push(job);
        }
        const [approved, finalized, expired, cancelled, demanded, disputed] = jobs as [Job, Job, Job, Job, Job, Job];
        for (const job of [approved, finalized, expired, demanded, disputed]) {
            await job.accept();
        }
        await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(toNano(100)) });
        m.chain.pass(1);
        await govern(m, toRegistry.pause(m.now + WEEK));
        await m.send(m.stranger, { to: m.registry, value: PLENTY, body: toRegistry.sync(m.owner.address) });
        expect((await m.config()).pausedUntil).toBe(m.now + WEEK);

        for (const from of [m.operator, m.owner]) {
            await m.refused(from, { to: m.stake, value: PLENTY, body: await cancelled.acceptBody() }, 'PAUSED');
        }
        const ends = async (job: Job, from: From, op: string) => {
            const trace = await m.send(from, { to: job.escrow, value: PLENTY, body: body(op).endCell() });
            expect(received(trace, m.client, 'JobClosed')).toBeGreaterThan(0n);
            expect(await m.chain.isGone(job.escrow)).toBe(true);
        };
        await ends(cancelled, m.client, 'CancelJob');
        await ends(approved, m.client, 'ApproveFull');
        await finalized.submit();
        await demanded.submit();
        await demanded.demand();
        await disputed.submit();
        await disputed.challenge();
        const verdict = body('Verdict').storeBit(true).storeUint(5000, 16).endCell();
        await m.send(arbiter, { to: disputed.escrow, value: PLENTY, body: verdict });
        expect(await m.chain.isGone(disputed.escrow)).toBe(true);
        m.chain.pass(expired.terms.deliverWithin);
        await ends(expired, m.stranger, 'ExpireJob');
        m.chain.pass(DAY);
        await ends(finalized, m.stranger, 'FinalizeJob');
        await ends(demanded, m.stranger, 'ExpireDemand');
        expect((await m.data()).locks.size).toBe(0);

        for (const message of [
            toStake.cancelUnbond(),
            toStake.requestUnbond(toNano(900)),
            toStake.resetAllowance(),
            toStake.topUp(toNano(1)),
        ]) {
            await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: message });
        }
        await m.send(m.owner, { to: m.provider.till, value: PLENTY, body: body('Withdraw').endCell() });

        // At the end of the longest pause after the longest cool-down the unbonding has ended too.
        m.chain.pass(WEEK * 2 - DAY);
        await govern(m, toRegistry.pause(m.now + WEEK));
        await m.send(m.stranger, { to: m.registry, value: PLENTY, body: toRegistry.sync(m.owner.address) });
        m.chain.pass(DAY + 1);
        const back = await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdraw() });
        expect(received(back, m.owner, 'Excesses')).toBeGreaterThan(toNano(900));
    });

    it('does not keep an unregistered provider’s money', async () => {
        const late = await prepareProvider(m.network, { name: 'late' });
        await govern(m, toRegistry.pause(m.now + WEEK));
        expectTrace(
            await m.send(late.owner, {
                to: late.stake,
                value: late.amount + PLENTY,
                init: late.stakeInit,
                body: openStakeBody(late.amount, m.profile()),
            }),
            [{ op: 'OpenStake' }, { op: 'RegisterMe' }, { op: 'RegistrationRefused' }],
        );
        const back = await m.send(late.owner, { to: late.stake, value: PLENTY, body: toStake.withdrawUnregistered() });
        expect(received(back, late.owner, 'Excesses')).toBeGreaterThan(late.amount);
    });
});

describe('The office of the governor', () => {
    const m = useMarket();
    const accept = () => ({ to: m.registry, value: PLENTY, body: toRegistry.acceptGovernor() });

    it('passes in two steps, and then the old governor is nobody', async () => {
        await m.refused(m.stranger, accept(), 'WRONG_SENDER');
        await govern(m, toRegistry.proposeGovernor(m.stranger.address));
        expect((await m.registryData()).governor).toEqualAddress(m.governor.address);
        for (const from of [m.governor, m.owner, inMasterchain(m.stranger.address)]) {
            await m.refused(from, accept(), 'WRONG_SENDER');
        }
        await m.stepped(m.stranger, accept());
        expect((await m.registryData()).governor).toEqualAddress(m.stranger.address);
        await governRefused(m, toRegistry.pause(m.now + 1), 'WRONG_SENDER');
        await m.stepped(m.stranger, { to: m.registry, value: PLENTY, body: toRegistry.pause(m.now + 1) });
        await m.refused(m.stranger, accept(), 'WRONG_SENDER');
        expect((await governance(m)).pendingGovernor).toBeNull();
    });

    it('can be offered to another before it is taken', async () => {
        await govern(m, toRegistry.proposeGovernor(m.stranger.address));
        await govern(m, toRegistry.proposeGovernor(m.owner.address));
        await m.refused(m.stranger, accept(), 'WRONG_SENDER');
        await m.stepped(m.owner, accept());
    });

    it('cannot go to nobody or to the masterchain', async () => {
        await governRefused(m, toRegistry.proposeGovernor(null), 'NOT_BASECHAIN');
        await governRefused(m, toRegistry.proposeGovernor(inMasterchain(m.stranger.address)), 'NOT_BASECHAIN');
    });

    it('leaves a proposal under way as it is', async () => {
        await govern(m, toRegistry.proposeModel(1n, bytes(1)));
        await govern(m, toRegistry.proposeGovernor(m.stranger.address));
        await m.stepped(m.stranger, accept());
        m.chain.pass(DELAY);
        await m.stepped(m.owner, executing(m));
        expect((await governance(m)).modelCount).toBe(1);
    });
});

describe('A Registry', () => {
    const m = useMarket();

    it('refuses what it does not know, and has no use for plain money', async () => {
        for (const message of [new Cell(), beginCell().storeUint(0xdeadbeef, 32).endCell()]) {
            await m.refused(m.stranger, { to: m.registry, value: PLENTY, body: message }, UNKNOWN_MESSAGE);
        }
        expect(errorCode('WRONG_NETWORK')).toBe(0x701);
    });

    it('brings its rent back to five years out of the next message of its governor', async () => {
        const rent = fees.registryRent(m.prices);
        await m.chain.setBalance(m.registry, rent / 2n);
        await govern(m, toRegistry.proposeModel(1n, bytes(1)));
        expect(await m.chain.balance(m.registry)).toBe(rent);
    });

    it('gives the same address for a stake as the network does', async () => {
        const registry = m.chain.blockchain.openContract(Registry.createFromAddress(m.registry));
        expect(await registry.getStakeAddress(m.owner.address)).toEqualAddress(m.stake);
    });
});
