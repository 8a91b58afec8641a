import '@ton/test-utils';
import { Address, beginCell, Dictionary, toNano } from '@ton/core';
import { Blockchain, BlockchainSnapshot, BlockchainTransaction, SandboxContract, TreasuryContract } from '@ton/sandbox';
import * as w from '../../../wrappers';
import { watch } from '../../helpers/watch';
import { clientKeys, keysOf, NOW, params, profile, signingKeys, termsWith } from './fixtures';

// The facade alone, as a user writes it: no other way to the contracts than its methods.
describe('market', () => {
    const NETWORK_ID = -3;
    let chain: Blockchain;
    let opened: BlockchainSnapshot;
    let market: w.Market;
    let governor: SandboxContract<TreasuryContract>;
    let owner: SandboxContract<TreasuryContract>;
    let operator: SandboxContract<TreasuryContract>;
    let client: SandboxContract<TreasuryContract>;
    let arbiter: SandboxContract<TreasuryContract>;
    let treasury: SandboxContract<TreasuryContract>;
    const result = beginCell().storeBuffer(Buffer.alloc(100, 7)).endCell();
    const resultCommitment = w.toUint256('result', result.hash());
    const terms = (change: Partial<w.JobTerms> = {}) => termsWith({ arbiter: arbiter.address, ...change });
    const codeOf = (promise: Promise<unknown>) =>
        promise.then(
            () => null,
            (error: w.MarketError) => error.code,
        );
    const succeeded = (receipt: w.Receipt) =>
        expect((receipt.sent as { transactions: BlockchainTransaction[] }).transactions).not.toHaveTransaction({
            success: false,
        });

    beforeAll(async () => {
        chain = await Blockchain.create();
        watch(chain);
        const config = Dictionary.loadDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell(), chain.config);
        config.set(19, beginCell().storeInt(NETWORK_ID, 32).endCell());
        chain.setConfig(beginCell().storeDictDirect(config).endCell());
        chain.now = NOW;
        const wallets = ['governor', 'owner', 'operator', 'client', 'arbiter', 'treasury'].map((name) =>
            chain.treasury(name),
        );
        [governor, owner, operator, client, arbiter, treasury] = (await Promise.all(wallets)) as [
            typeof governor,
            typeof governor,
            typeof governor,
            typeof governor,
            typeof governor,
            typeof governor,
        ];
        const reach = { connection: chain, config: chain.config, now: () => chain.now! };
        const founded = await w.Market.openNetwork(governor.getSender(), {
            ...reach,
            networkId: NETWORK_ID,
            governor: governor.address,
            salt: 1n,
            params: { ...params, arbiter: arbiter.address, treasury: treasury.address },
        });
        market = await w.Market.connect({ ...reach, registry: founded.registry });
        expect(await market.registerStatus(owner.address)).toEqual({ state: w.StakeState.Uninit, refusal: null });
        const opening = await market.openStake(owner.getSender(), {
            amount: toNano(200),
            profile: { ...profile, operator: operator.address },
        });
        succeeded(opening);
        opened = chain.snapshot();
    });

    async function rewind() {
        await chain.loadFrom(opened);
        chain.now = NOW;
    }

    beforeEach(rewind);

    async function quoted(change: Partial<w.JobTerms> = {}, validFor = 60) {
        const draft = await market.draftJob({ client: client.address, provider: owner.address, terms: terms(change) });
        const quote = w.signQuote(
            { ...draft, collateral: draft.terms.requiredCollateral, validUntil: chain.now! + validFor },
            signingKeys.secretKey,
        );
        return { draft, quote };
    }

    async function accepted() {
        const { draft, quote } = await quoted();
        const posted = await market.postJob(client.getSender(), { ...draft, quote });
        succeeded(posted);
        return (await market.job(posted.escrow))!;
    }

    async function submitted() {
        const job = await accepted();
        succeeded(
            await market.submitResult(operator.getSender(), job, {
                jobKey: job.jobKey,
                amount: toNano(1),
                resultCommitment,
            }),
        );
        return (await market.job(job))!;
    }

    it('registers a provider and reads it back', async () => {
        expect(await market.registerStatus(owner.address)).toEqual({ state: w.StakeState.Registered, refusal: null });
        const provider = await market.provider(owner.address);
        expect(provider.stake!.stake).toBe(toNano(200));
        expect(provider.till!.owner).toEqualAddress(owner.address);
        expect(provider.stake!.settlement).toEqualAddress(provider.settlementAddress);
        expect((await market.provider(client.address)).stake).toBeNull();
    });

    it('tells why a registration was refused, and gives the stake back', async () => {
        await market.openStake(client.getSender(), { amount: toNano(1), profile });
        expect(await market.registerStatus(client.address)).toEqual({
            state: w.StakeState.Unregistered,
            refusal: w.RefusalReason.BelowMinStake,
        });
        succeeded(await market.topUpStake(client.getSender(), { amount: toNano(99) }));
        succeeded(await market.retryRegister(client.getSender()));
        expect((await market.registerStatus(client.address)).state).toBe(w.StakeState.Registered);

        await market.openStake(governor.getSender(), { amount: toNano(1), profile });
        succeeded(await market.withdrawUnregistered(governor.getSender()));
        expect((await market.registerStatus(governor.address)).state).toBe(w.StakeState.Uninit);
    });

    it('runs a quoted job to its approval, with the price before and the amount after a result', async () => {
        const first = await accepted();
        expect(first.state).toBe(w.JobState.Accepted);
        succeeded(await market.approve(client.getSender(), first));
        expect(await market.job(first)).toBeNull();

        const second = await submitted();
        const expected = { resultCommitment, amount: toNano(1) };
        expect(
            await codeOf(market.approve(client.getSender(), second, { expected: { ...expected, amount: 1n } })),
        ).toBe('wrong-state');
        expect(await codeOf(market.approve(operator.getSender(), second))).toBe('malformed-signature');
        succeeded(
            await market.approve(operator.getSender(), second, { clientSecretKey: clientKeys.secretKey, expected }),
        );
        expect(await market.job(second.escrow)).toBeNull();
        const { stake } = await market.provider(owner.address);
        expect(stake!.record.settled).toBe(2);
        expect(stake!.locked).toBe(0n);

        succeeded(await market.setPayees(owner.getSender(), { payees: [], threshold: 0n }));
        succeeded(await market.flushFees(client.getSender(), { owner: owner.address }));
        expect((await market.provider(owner.address)).till!.feesDue).toBe(0n);
    });

    it('runs an open job by hand to its finalization, not a second early', async () => {
        const posted = await market.postJob(client.getSender(), { provider: owner.address, terms: terms() });
        const open = (await market.job(posted))!;
        expect(await codeOf(market.acceptJob(operator.getSender(), posted, { jobKey: 1n }))).toBe('wrong-state');
        succeeded(await market.acceptJob(operator.getSender(), posted, { jobKey: open.jobKey }));
        await market.submitResult(operator.getSender(), posted, { jobKey: open.jobKey, amount: 5n, resultCommitment });
        const { deadline } = (await market.job(posted))!;
        chain.now = deadline - 1;
        expect(await codeOf(market.finalize(governor.getSender(), posted))).toBe('too-early');
        chain.now = deadline;
        succeeded(await market.finalize(governor.getSender(), posted));
        expect(await market.job(posted)).toBeNull();
    });

    it('cancels what nobody took', async () => {
        const posted = await market.postJob(client.getSender(), { provider: owner.address, terms: terms() });
        expect(await codeOf(market.expire(client.getSender(), posted))).toBe('wrong-state');
        succeeded(await market.cancel(client.getSender(), posted));
        expect(await codeOf(market.cancel(client.getSender(), posted))).toBe('not-found');
    });

    it('expires whatever was not done in time, by the state of the job', async () => {
        const late = await accepted();
        chain.now = late.deadline;
        succeeded(await market.expire(governor.getSender(), late));
        await rewind();

        const silent = await submitted();
        succeeded(await market.demandResult(client.getSender(), silent));
        chain.now = (await market.job(silent))!.deadline;
        succeeded(await market.expire(governor.getSender(), silent));
        expect((await market.provider(owner.address)).stake!.record.undelivered).toBe(1);
        await rewind();

        const unjudged = await submitted();
        succeeded(await market.challenge(client.getSender(), unjudged));
        chain.now = (await market.job(unjudged))!.deadline;
        succeeded(await market.expire(governor.getSender(), unjudged));
        expect((await market.provider(owner.address)).stake!.record.arbiterSilent).toBe(1);
    });

    it('publishes what was demanded, and nothing else', async () => {
        const job = await submitted();
        await market.demandResult(client.getSender(), job);
        const other = beginCell().storeUint(1, 8).endCell();
        expect(await codeOf(market.publishResult(client.getSender(), job, { ciphertext: other }))).toBe('wrong-state');
        succeeded(await market.publishResult(client.getSender(), job, { ciphertext: result }));
        expect((await market.job(job))!.state).toBe(w.JobState.Submitted);
    });

    it('lets the arbiter slash', async () => {
        const job = await submitted();
        await market.challenge(client.getSender(), job);
        succeeded(await market.giveVerdict(arbiter.getSender(), job, { wrong: true, slashBps: 5_000 }));
        const { stake } = await market.provider(owner.address);
        expect(stake!.record.wrong).toBe(1);
        expect(stake!.stake).toBe(toNano(200) - terms().requiredCollateral / 2n);
        succeeded(await market.resetAllowanceUsed(owner.getSender()));
        expect((await market.provider(owner.address)).stake!.allowanceUsed).toBe(0n);
    });

    it('unbonds and withdraws, and syncs', async () => {
        succeeded(await market.unbond(owner.getSender(), { amount: toNano(50) }));
        succeeded(await market.cancelUnbond(owner.getSender()));
        succeeded(await market.unbond(owner.getSender(), { amount: toNano(60) }));
        chain.now = (await market.provider(owner.address)).stake!.unlockAt;
        succeeded(await market.withdrawStake(owner.getSender()));
        expect((await market.provider(owner.address)).stake!.stake).toBe(toNano(140));
        succeeded(await market.syncParams(client.getSender(), { owner: owner.address }));
    });

    it('refuses what is not of this network, before money moves', async () => {
        const before = await client.getBalance();
        const { draft, quote } = await quoted();
        const post = (change: object) => codeOf(market.postJob(client.getSender(), { ...draft, quote, ...change }));
        expect(await post({ stake: client.address })).toBe('foreign-address');
        expect(await post({ terms: terms({ arbiter: governor.address }) })).toBe('foreign-arbiter');
        expect(await post({ nonce: undefined })).toBe('out-of-range');
        expect(await post({ nonce: draft.nonce ^ 1n })).toBe('malformed-signature');
        expect(await post({ terms: terms({ price: 1n }) })).toBe('malformed-signature');
        expect(await post({ provider: client.address })).toBe('foreign-address');
        expect(await post({ provider: client.address, stake: undefined })).toBe('not-found');
        const foreign = w.signQuote({ ...draft, collateral: toNano(1), validUntil: NOW + 60 }, keysOf('x').secretKey);
        expect(await post({ quote: foreign })).toBe('malformed-signature');
        expect(await post({ quote: (await quoted({}, 121)).quote })).toBe('wrong-state');
        expect(await post({ quote: (await quoted({}, 0)).quote })).toBe('wrong-state');
        expect(await post({ terms: terms({ acceptBy: NOW }) })).toBe('out-of-range');
        expect(await client.getBalance()).toBe(before);
        const posted = await market.postJob(client.getSender(), {
            provider: owner.address,
            terms: terms({ arbiter: governor.address }),
            arbiters: [governor.address],
        });
        succeeded(posted);
    });

    it('refuses an escrow whose stake is not of this network', async () => {
        const registry = (await w.deriveRegistry({ networkId: NETWORK_ID, governor: client.address, salt: 9n }))
            .address;
        const stake = await w.stakeAddress(registry, owner.address);
        const escrow = await w.JobEscrow.createFromConfig(
            { client: client.address, stake, nonce: 1n },
            w.loadPrices(chain.config),
        );
        await chain.openContract(escrow).sendPostJob(client.getSender(), { terms: terms(), now: NOW });
        expect(await codeOf(market.job(escrow.address))).toBe('foreign-address');
        expect(await codeOf(market.approve(client.getSender(), escrow.address))).toBe('foreign-address');
    });

    it('connects to nothing but a Registry', async () => {
        const connect = (registry: Address) => codeOf(w.Market.connect({ connection: chain, registry }));
        expect(await connect(client.address)).toBe('foreign-address');
        expect(await connect(new Address(0, Buffer.alloc(32, 5)))).toBe('foreign-address');
        expect(await connect(new Address(-1, Buffer.alloc(32)))).toBe('wrong-workchain');
        expect(await connect(market.registry)).toBeNull();
    });
});
