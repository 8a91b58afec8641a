import { beginCell, Cell, contractAddress, StateInit, toNano } from '@ton/core';
import { ForeignAddressError, Market } from '../../wrappers';
import { Channel } from '../fixtures/channels';
import { approveFullBody } from '../fixtures/jobs';
import { errorCode, PLENTY, stored, toRegistry, toStake } from '../fixtures/stakes';
import { escrowInit, stakeInit, uint256Of } from '../helpers/cells';
import { Job } from '../helpers/jobs';
import { parseStakeData, STAKE_REGISTERED, StakeData } from '../helpers/layout';
import { body, Provider } from '../helpers/network';
import { codeOf, CONTRACT_NAMES } from '../helpers/sources';
import { expectTrace, received, withoutWallets } from '../helpers/traces';
import { namesakes, useScene } from './scene';
import { forgeriesOf, genuineOf } from './stateInits';

// Accounts that are not what they say, really deployed and really talking: what they reach of the genuine market, and that wrappers do
// not take them for a part of it.

const held = useScene();

const connect = async () => {
    const { chain, registry } = held.scene.market;
    const { blockchain } = chain;
    const now = () => chain.now;
    return await Market.connect({ connection: blockchain, config: blockchain.config, now, registry });
};

describe('A forged StateInit', () => {
    it.each(CONTRACT_NAMES)('of %s is at an address of its own, and nowhere else', async (contract) => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('network');
        const genuine = genuineOf(scene, contract);
        const forgeries = forgeriesOf(scene, contract);
        expect(forgeries.length).toBeGreaterThan(15);
        const addresses = forgeries.map(({ address }) => address.toRawString());
        expect(new Set([...addresses, genuine.address.toRawString()]).size).toBe(addresses.length + 1);
        if (await market.chain.isActive(genuine.address)) {
            return;
        }
        // Sent to the genuine address it deploys nothing: the message finds no account and comes back.
        for (const { init } of forgeries.slice(0, 5)) {
            const message = { to: genuine.address, value: PLENTY, body: body('Excesses').endCell(), init };
            expectTrace(await market.send(market.stranger.address, message), [
                { to: genuine.address, exitCode: 'skipped', success: false, messagesOut: 1 },
                { to: market.stranger, op: 'bounced Excesses' },
            ]);
            expect(await market.chain.isActive(genuine.address)).toBe(false);
        }
    });
});

describe('A forged escrow', () => {
    const fieldsOf = (job: Job, state: number, progress: Cell | null, lock: { lockId: bigint; slot: number }) => {
        const { client, provider, nonce, lockUntil, terms, termsCell } = job;
        const data = beginCell()
            .storeUint(state, 4)
            .storeUint(1, 32)
            .storeUint(lock.lockId, 64)
            .storeUint(lock.slot, 8)
            .storeAddress(provider.stake)
            .storeAddress(client.address)
            .storeUint(terms.price, 64)
            .storeUint(1, 64)
            .storeUint(lockUntil, 32)
            .storeUint(nonce, 64);
        if (state !== 0) {
            data.storeRef(termsCell);
        }
        if (progress !== null) {
            data.storeRef(progress);
        }
        const init = { code: codeOf('JobEscrow'), data: data.endCell() };
        return { init, address: contractAddress(0, init) };
    };

    it.each([
        ['releases', 'ApproveFull', 'ReleaseCollateral'],
        ['slashes', 'ExpireJob', 'SlashCollateral'],
    ] as const)('that was born Accepted %s nothing of the job that it looks like', async (_, op, consequence) => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('accepted');
        const lock = await job.data();
        const party = beginCell()
            .storeAddress(market.stranger.address)
            .storeAddress(market.stranger.address)
            .storeAddress(market.stranger.address)
            .endCell();
        const { init, address } = fieldsOf(job, 3, party, lock);
        const before = await market.dataHash(market.stake);
        await market.chain.send(market.stranger, { to: address, value: toNano(20), init, bounce: false });
        const from = op === 'ApproveFull' ? market.client : market.stranger;
        const message = op === 'ApproveFull' ? approveFullBody() : body(op).endCell();
        const trace = withoutWallets(await market.send(from, { to: address, value: PLENTY, body: message }));
        const atStake = trace.find(({ inMessage }) => inMessage!.info.dest!.toString() === market.stake.toString());
        expect(atStake!.inMessage!.body.beginParse().loadUint(32)).toBe(
            body(consequence).endCell().beginParse().loadUint(32),
        );
        expect(atStake!.description).toMatchObject({ computePhase: { exitCode: 0 } });
        expect(atStake!.outMessagesCount).toBe(0);
        expect(await market.dataHash(market.stake)).toBe(before);
    });

    it('that asks with a genuine quote is refused, and refunds its own money', async () => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('channel');
        const { init, address } = fieldsOf(job, 0, null, { lockId: 0n, slot: 0 });
        const value = job.terms.price + PLENTY;
        const posting = job.postBody(job.quote());
        expectTrace(await market.send(market.client, { to: address, value, init, body: posting }), [
            { from: market.client, to: address, op: 'PostJob' },
            { from: address, to: market.stake, op: 'AcceptQuote', exitCode: errorCode('WRONG_SENDER') },
            { from: market.stake, to: address, op: 'bounced AcceptQuote', destroyed: true },
            { from: address, to: market.client, op: 'JobClosed' },
        ]);
    });

    it('is no job of the market to its users', async () => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('accepted');
        const users = await connect();
        expect((await users.job(job.escrow))!.provider).toEqualAddress(market.owner.address);
        const lock = await job.data();
        const { init, address } = fieldsOf(job, 3, lock.progress, lock);
        await market.chain.send(market.stranger, { to: address, value: toNano(20), init, bounce: false });
        await expect(users.job(address)).rejects.toThrow(ForeignAddressError);
    });
});

describe('A fake stake', () => {
    it('is accepted by the escrow that named it, pays whom it likes out of that, and touches nothing of the market', async () => {
        const { scene } = held;
        const { market, till } = scene;
        await scene.enter('channel');
        // A wallet in a stake's place; the client has named it himself, which the wrappers would not do.
        const fake = market.stranger;
        const provider: Provider = { ...market.provider, stake: fake.address, owner: fake, operator: fake };
        const job = await Job.prepare(provider);
        await market.send(job.client, {
            to: job.escrow,
            init: job.init,
            value: job.terms.price + PLENTY,
            body: job.postBody(job.quote()),
        });
        const party = beginCell().storeAddress(till).storeAddress(fake.address).storeAddress(fake.address).endCell();
        const accepted = body('JobAccepted', 1n)
            .storeUint(0, 8)
            .storeUint(await job.jobKey(), 256)
            .storeUint(job.terms.requiredCollateral, 64)
            .storeUint(job.lockUntil, 32)
            .storeUint(0, 8 + 32)
            .storeRef(party)
            .endCell();
        // The genuine stake knows nothing of this job, whoever asks.
        await market.refused(market.stake, { to: job.escrow, value: PLENTY, body: accepted }, 'WRONG_SENDER');
        const before = await scene.world();
        expectTrace(await market.send(fake, { to: job.escrow, value: PLENTY, body: accepted }), [
            { from: fake, to: job.escrow, op: 'JobAccepted' },
        ]);
        expect(await scene.world()).toEqual(before);
        const users = await connect();
        await expect(users.job(job.escrow)).rejects.toThrow(ForeignAddressError);

        // It names the genuine till: that is paid, and the genuine stake is not asked.
        const trace = await market.send(job.client, { to: job.escrow, value: PLENTY, body: approveFullBody() });
        expectTrace(trace, [
            { to: job.escrow, op: 'ApproveFull', destroyed: true },
            { to: till, op: 'Settle' },
            { to: fake, op: 'ReleaseCollateral' },
            { to: job.client, op: 'JobClosed' },
            { from: till, to: market.owner, op: 'Payout' },
        ]);
        expect(received(trace, till)).toBeGreaterThanOrEqual(job.terms.price);
    });

    it('of genuine code, born Registered and rich, gets no lock, no till and no escrow of the market', async () => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('open');
        const data = await market.data();
        const forged: StakeData = { ...data, stake: toNano(1_000), record: 1n };
        const init = { code: codeOf('ProviderStake'), data: stored.stake(forged) };
        const address = contractAddress(0, init);
        const before = await scene.world();
        await market.chain.send(market.stranger, { to: address, value: toNano(1_002), init, bounce: false });
        expect(parseStakeData((await market.chain.data(address))!)).toMatchObject({ state: STAKE_REGISTERED });

        // Its own operator accepts the genuine job: what it says goes to the address that follows from it.
        const accept = { to: address, value: PLENTY, body: await job.acceptBody() };
        const elsewhere = escrowInit({ client: job.client.address, providerStake: address, nonce: job.nonce }).address;
        expectTrace(await market.send(market.operator.address, accept), [
            { to: address, op: 'AcceptJob' },
            { from: address, to: elsewhere, op: 'JobAccepted', exitCode: 'skipped' },
            { from: address, to: market.operator, op: 'Excesses' },
            { from: elsewhere, to: address, op: 'bounced JobAccepted' },
        ]);
        expect(await scene.world()).toEqual(before);
        const sync = toRegistry.sync(market.owner.address);
        const synced = await market.send(market.stranger.address, { to: market.registry, value: PLENTY, body: sync });
        expect(received(synced, address)).toBe(0n);
    });
});

describe('A fake Registry', () => {
    it('admits a stake with any parameters: one of its own, that no genuine contract and no user knows', async () => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('channel');
        const { owner, stranger: fake, network, provider } = market;
        const before = await scene.world();
        const { address: stake, init } = stakeInit({ registry: fake.address, owner: owner.address });
        const open = toStake.open(toNano(1), market.profile());
        const next = await market.step(owner, { to: stake, value: toNano(1) + PLENTY, init, body: open });
        const opening = await next();
        const attempt = opening.outMessages.get(0)!.body.beginParse().skip(32).loadUintBig(64);
        const params = { ...network.params, feeBps: 65535, minStake: 1n, treasury: fake.address };
        const admit = { to: stake, value: PLENTY, body: toStake.initialise(attempt, params, 2 ** 32 - 1) };
        const [admitted] = withoutWallets(await market.send(fake, admit));
        expect(admitted!.description).toMatchObject({ computePhase: { exitCode: 0 } });
        expect(parseStakeData((await market.chain.data(stake))!).state).toBe(STAKE_REGISTERED);
        expect(await scene.world()).toEqual(before);

        // The genuine Registry does not know it, the genuine till takes no parameters of it, and its job is no job.
        const register = toRegistry.register(attempt, toNano(1_000), owner.address);
        await market.refused(stake, { to: market.registry, value: PLENTY, body: register }, 'WRONG_SENDER');
        const job = await Job.prepare({ ...provider, stake });
        await market.send(job.client, {
            to: job.escrow,
            init: job.init,
            value: job.terms.price + PLENTY,
            body: job.postBody(),
        });
        const users = await connect();
        await expect(users.job(job.escrow)).rejects.toThrow(ForeignAddressError);
        expect(await scene.world()).toEqual(before);
    });

    it('is no Registry to its users', async () => {
        const { market } = held.scene;
        await held.scene.enter('channel');
        const { blockchain } = market.chain;
        const reach = { connection: blockchain, config: blockchain.config, now: () => market.now };
        const others = [market.stranger.address, market.stake, held.scene.till];
        for (const registry of [
            ...others,
            ...namesakes(market.registry)
                .slice(1)
                .map(([, address]) => address),
        ]) {
            await expect(Market.connect({ ...reach, registry })).rejects.toThrow(ForeignAddressError);
        }
    });
});

describe('A fake till', () => {
    it('is paid by the channel that named it, out of that alone; no user and no worker finds the channel', async () => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('channel');
        const fake = market.stranger;
        const channel = await Channel.prepare(market.provider, { settlement: fake.address });
        const before = await scene.world();
        await channel.open();
        const trace = await channel.redeem(toNano(3));
        expectTrace(trace, [
            { to: channel.address, op: 'Redeem' },
            { from: channel.address, to: fake, op: 'Settle' },
        ]);
        expect(await scene.world()).toEqual(before);
        const users = await connect();
        await expect(users.channels.findAt(channel.address, market.owner.address)).rejects.toThrow(ForeignAddressError);
        const known = await users.channels.findAt(scene.channel.address, market.owner.address);
        expect(known!.address).toEqualAddress(scene.channel.address);
    });
});

describe('A forged channel', () => {
    it('that was born with a fortune has only what it was given', async () => {
        const { scene } = held;
        const { market, till, channel } = scene;
        await scene.enter('channel');
        const opened = (await market.chain.data(channel.address))!.beginParse().skip(64 + 64 + 32);
        const data = beginCell()
            .storeUint(toNano(1_000_000), 64)
            .storeUint(0, 64)
            .storeUint(market.now + 86400, 32)
            .storeSlice(opened)
            .endCell();
        const init: StateInit = { code: codeOf('PaymentChannel'), data };
        const address = contractAddress(0, init);
        // No opening leaves that, and the checker of solvency says so.
        const born = market.chain.send(market.stranger, { to: address, value: toNano(2), init, bounce: false });
        await expect(born).rejects.toThrow('solvency');
        market.chain.checks.takeViolations();
        const before = await scene.world();
        const own = { channel: uint256Of(address.hash) };
        const redeem = async (amount: bigint) => {
            const voucher = await channel.voucher(amount, own);
            return { to: address, value: PLENTY, body: channel.redeemBody(voucher) };
        };
        await market.refused(market.stranger.address, await redeem(toNano(1_000_000)), 'INSUFFICIENT_VALUE');
        const genuine = { ...(await redeem(toNano(1))), to: channel.address };
        await market.refused(market.stranger.address, genuine, 'BAD_VOUCHER_SIGNATURE');
        expect(await scene.world()).toEqual(before);
        expectTrace(await market.send(market.stranger.address, await redeem(toNano(1))), [
            { to: address, op: 'Redeem' },
            { from: address, to: till, op: 'Settle' },
            { from: till, to: market.owner, op: 'Payout' },
        ]);
    });
});
