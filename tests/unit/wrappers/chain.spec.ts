import { Address, Cell, Dictionary, beginCell, toNano } from '@ton/core';
import { Blockchain, SandboxContract, TreasuryContract } from '@ton/sandbox';
import { sha256_sync } from '@ton/crypto';
import '@ton/test-utils';
import * as w from '../../../wrappers';
import { watch } from '../../helpers/watch';
import { clientKeys, NOW, params, profile, signingKeys, termsWith } from './fixtures';

// The wrappers against the contracts themselves: every default value is the exact minimum at the chain's prices.
describe('wrappers on a chain', () => {
    const NETWORK_ID = -3;
    let chain: Blockchain;
    let prices: w.Prices;
    let governor: SandboxContract<TreasuryContract>;
    let owner: SandboxContract<TreasuryContract>;
    let operator: SandboxContract<TreasuryContract>;
    let client: SandboxContract<TreasuryContract>;
    let registry: SandboxContract<w.Registry>;
    let stake: SandboxContract<w.ProviderStake>;
    let till: SandboxContract<w.PayoutSettlement>;
    const terms = () => termsWith();

    beforeAll(async () => {
        chain = await Blockchain.create();
        watch(chain);
        const config = Dictionary.loadDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell(), chain.config);
        config.set(19, beginCell().storeInt(NETWORK_ID, 32).endCell());
        chain.setConfig(beginCell().storeDictDirect(config).endCell());
        chain.now = NOW;
        prices = w.loadPrices(chain.config);
        [governor, owner, operator, client] = (await Promise.all(
            ['governor', 'owner', 'operator', 'client'].map((name) => chain.treasury(name)),
        )) as [typeof governor, typeof governor, typeof governor, typeof governor];

        registry = chain.openContract(
            await w.Registry.createFromConfig({ networkId: NETWORK_ID, governor: governor.address, salt: 1n }, prices),
        );
        expect(await registry.getIsActive()).toBe(false);
        await registry.sendOpenNetwork(governor.getSender(), { params });
        stake = chain.openContract(
            await w.ProviderStake.createFromConfig({ registry: registry.address, owner: owner.address }, prices),
        );
        await stake.sendOpenStake(owner.getSender(), {
            amount: toNano(200),
            profile: { ...profile, operator: operator.address },
        });
        till = chain.openContract(await w.PayoutSettlement.createFromConfig({ stake: stake.address }, prices));
    });

    async function post(nonce: bigint, quoted: boolean) {
        const escrow = chain.openContract(
            await w.JobEscrow.createFromConfig({ client: client.address, stake: stake.address, nonce }, prices),
        );
        const quote = quoted
            ? w.signQuote(
                  {
                      escrow: escrow.address,
                      termsHash: w.termsHashOf(terms()),
                      collateral: terms().requiredCollateral,
                      validUntil: NOW + 60,
                  },
                  signingKeys.secretKey,
              )
            : null;
        const sent = await escrow.sendPostJob(client.getSender(), { terms: terms(), quote, now: NOW });
        expect(sent.transactions).not.toHaveTransaction({ success: false });
        return escrow;
    }

    it('opens the network and reads it back', async () => {
        const info = await registry.getRegistry();
        expect(info.networkId).toBe(NETWORK_ID);
        expect(info.version).toBe(1);
        expect(info.governor).toEqualAddress(governor.address);
        expect(info.params!.minStake).toBe(params.minStake);
        expect(info.params!.treasury).toEqualAddress(params.treasury);
        expect(info.params!.verifier).toBeNull();
        expect(info.proposal).toBeNull();
        expect(info.models.size).toBe(0);
    });

    it('registers the stake at the derived address, with its till', async () => {
        const info = await stake.getStake();
        expect(info.state).toBe(w.StakeState.Registered);
        expect(info.stake).toBe(toNano(200));
        expect(info.profile!.endpoint).toBe(profile.endpoint);
        expect(info.profile!.offers).toEqual(profile.offers);
        expect(info.settlement).toEqualAddress(till.address);
        expect(await registry.getStakeAddress(owner.address)).toEqualAddress(stake.address);
        expect((await till.getTill()).owner).toEqualAddress(owner.address);
    });

    it('reckons values as the contracts do', async () => {
        expect(w.networkOpeningValue(prices)).toBe(await registry.getOpeningValue());
        expect(w.syncingValue(prices)).toBe(await registry.getSyncingValue());
        expect(w.openingValue(prices)).toBe(await stake.getOpeningValue());
        expect(w.acceptingValue(prices)).toBe(await stake.getAcceptingValue());
        expect(w.settleValue(prices)).toBe(await till.getSettlementValue());
        const escrow = await post(100n, false);
        for (const quoted of [false, true]) {
            const shape = { price: 5n, lockSeconds: 1_000_000n, quoted };
            expect(w.postingValue(prices, shape)).toBe(await escrow.getPostingValue(shape));
        }
        expect(w.demandBond(prices, 1n)).toBe(await escrow.getDemandBond(1n));
        expect(w.demandBond(prices, toNano(9))).toBe(await escrow.getDemandBond(toNano(9)));
        await escrow.sendCancelJob(client.getSender());
        expect(await escrow.getIsActive()).toBe(false);
    });

    it('takes a quoted job through submission to a signed approval by a stranger', async () => {
        const escrow = await post(1n, true);
        let job = await escrow.getJob();
        expect(job.state).toBe(w.JobState.Accepted);
        expect(job.jobKey).toBe(w.jobKey(escrow.address, job.termsHash!, job.openedLt));
        expect(w.packJobTerms(job.terms!)).toEqualCell(w.packJobTerms(terms()));
        expect(job.party!.settlement).toEqualAddress(till.address);
        const lock = await stake.getLockAt(job.slot);
        expect(lock).toMatchObject({ lockId: job.lockId, collateral: terms().requiredCollateral, byHot: true });
        expect(lock!.escrow).toEqualAddress(escrow.address);
        expect(lock!.lockUntil).toBe(w.lockUntilOf(terms()));

        const cell = beginCell().storeUint(5, 8).endCell();
        const resultCommitment = w.toUint256('hash', cell.hash());
        await escrow.sendSubmitResult(operator.getSender(), {
            jobKey: job.jobKey,
            amount: toNano(1),
            resultCommitment,
            traceRoot: 3n,
        });
        job = await escrow.getJob();
        expect(job.state).toBe(w.JobState.Submitted);
        expect(job.submission).toEqual({
            amount: toNano(1),
            bond: 0n,
            demanded: false,
            resultCommitment,
            traceRoot: 3n,
        });

        await escrow.sendDemandResult(client.getSender(), { challengeBond: terms().challengeBond });
        expect((await escrow.getJob()).state).toBe(w.JobState.Demanded);
        await escrow.sendPublishResult(operator.getSender(), { ciphertext: cell });
        expect((await escrow.getJob()).state).toBe(w.JobState.Submitted);

        const signature = w.signApproveSubmitted(
            { jobKey: job.jobKey, resultCommitment, amount: toNano(1) },
            clientKeys.secretKey,
        );
        const before = (await till.getTill()).feesDue;
        const sent = await escrow.sendApproveSubmitted(governor.getSender(), {
            amount: toNano(1),
            resultCommitment,
            signature,
        });
        expect(sent.transactions).not.toHaveTransaction({ success: false });
        expect(sent.transactions).toHaveTransaction({
            from: escrow.address,
            to: client.address,
            body: w.JobEscrow.createJobClosedBody({ outcome: w.JobOutcome.Settled }),
        });
        expect(await escrow.getIsActive()).toBe(false);
        expect((await till.getTill()).feesDue - before).toBe((toNano(1) * BigInt(params.feeBps)) / 10_000n);
        const { record, locked } = await stake.getStake();
        expect(record).toMatchObject({ settled: 1, wrong: 0, weight: (toNano(1) * 200n) / 10_000n });
        expect(locked).toBe(0n);
    });

    it('takes an open job by hand, disputes it and slashes', async () => {
        const escrow = await post(2n, false);
        const posted = await escrow.getJob();
        const sent = await stake.sendAcceptJob(operator.getSender(), {
            collateral: terms().requiredCollateral,
            client: client.address,
            nonce: 2n,
            jobKey: posted.jobKey,
            lockUntil: w.lockUntilOf(terms()),
        });
        expect(sent.transactions).not.toHaveTransaction({ success: false });
        expect((await stake.getLocks()).map((lock) => lock.escrow.toString())).toEqual([escrow.address.toString()]);
        await escrow.sendSubmitResult(operator.getSender(), {
            jobKey: posted.jobKey,
            amount: toNano(1),
            resultCommitment: 9n,
            traceRoot: 0n,
        });
        await escrow.sendChallenge(client.getSender(), { challengeBond: terms().challengeBond });
        expect((await escrow.getJob()).state).toBe(w.JobState.Disputed);
        const verdict = w.JobEscrow.createVerdictBody({ wrong: true, slashBps: 10_000 });
        const refused = await escrow.sendVerdict(client.getSender(), { wrong: true, slashBps: 10_000 });
        const failed = refused.transactions.find((tx) => tx.inMessage?.body.equals(verdict))!;
        const phase = (failed.description as { computePhase?: { exitCode?: number } }).computePhase!;
        expect(w.explainExitCode(phase.exitCode!).name).toBe('ERROR_WRONG_SENDER');
        expect((await escrow.getJob()).submission!.bond).toBe(terms().challengeBond);
    });

    describe('a payment channel', () => {
        const deposit = toNano(5);
        const closesAt = NOW + 86_400;
        const offer = {
            deposit,
            closesAt,
            closeDelay: 3_600,
            clientKey: clientKeys.publicKey,
            providerKey: signingKeys.publicKey,
        };
        let channel: SandboxContract<w.PaymentChannel>;
        let openedLt: bigint;

        beforeAll(async () => {
            channel = chain.openContract(
                await w.PaymentChannel.createFromConfig(
                    { client: client.address, settlement: till.address, nonce: 9n },
                    prices,
                ),
            );
            expect(await channel.getIsActive()).toBe(false);
            const sent = await channel.sendOpenChannel(client.getSender(), { ...offer, lifetime: closesAt - NOW });
            expect(sent.transactions).not.toHaveTransaction({ success: false });
            ({ openedLt } = await channel.getChannel());
        });

        const subject = (tag: string) =>
            beginCell().storeBuffer(Buffer.from(tag)).storeBuffer(channel.address.hash).storeUint(openedLt, 64);
        const signed = (cell: Cell, { secretKey }: { secretKey: Buffer }) => w.signHash(cell.hash(), secretKey);
        const voucherOf = (amount: bigint) => {
            const voucher = subject('CM.vch.1').storeUint(amount, 64).storeUint(0, 256).endCell();
            return { voucher, signature: signed(voucher, clientKeys) };
        };
        const agreementOf = (amount: bigint) => {
            const agreement = subject('CM.cls.1')
                .storeUint(amount, 64)
                .storeUint(NOW + 60, 32)
                .endCell();
            return {
                agreement,
                clientSignature: signed(agreement, clientKeys),
                providerSignature: signed(agreement, signingKeys),
            };
        };
        const requestOf = () => {
            const { bits } = subject('CM.rcl.1').endCell();
            return { signature: w.signHash(sha256_sync(bits.subbuffer(0, 384)!), clientKeys.secretKey) };
        };

        it('is read back, and reckoned with as the contract does', async () => {
            const info = await channel.getChannel();
            expect(info.client).toEqualAddress(client.address);
            expect(info.settlement).toEqualAddress(till.address);
            expect(info).toMatchObject({
                nonce: 9n,
                clientKey: w.toUint256('key', offer.clientKey),
                providerKey: w.toUint256('key', offer.providerKey),
                totalDeposited: deposit,
                claimed: 0n,
                closesAt,
                closeDelay: 3_600,
            });
            expect(openedLt).toBeGreaterThan(0n);
            const opening = await channel.getOpeningValue(5n, 777n);
            expect(w.openingChannelValue(prices, 5n, 777n)).toBe(opening);
            expect(w.redeemingValue(prices)).toBe(await channel.getRedeemingValue());
        });

        it('asks for the least: one nanoTON below the default is refused', async () => {
            const plain = w.PaymentChannel.createFromAddress(channel.address, prices);
            const fresh = await w.PaymentChannel.createFromConfig(
                { client: client.address, settlement: till.address, nonce: 10n },
                prices,
            );
            const enough = [0, 'ERROR_INSUFFICIENT_VALUE'];
            const opening = fresh.getOpenChannelTxParams({ ...offer, lifetime: closesAt - NOW });
            expect(await exitCodes(opening, client)).toEqual(enough);
            const longest = fresh.getOpenChannelTxParams({ ...offer, closesAt: NOW + 31_536_000 });
            expect(await exitCodes(longest, client)).toEqual(enough);
            expect(await exitCodes(plain.getTopUpChannelTxParams({ amount: 5n }), owner)).toEqual(enough);
            expect(await exitCodes(plain.getRedeemTxParams(voucherOf(1n)), owner)).toEqual(enough);
            expect(await exitCodes(plain.getRequestCloseTxParams(), client)).toEqual(enough);
            expect(await exitCodes(plain.getRequestCloseTxParams(requestOf()), owner)).toEqual(enough);
        });

        it('is topped up, redeemed, asked to close, and closed by both', async () => {
            await channel.sendTopUpChannel(owner.getSender(), { amount: 5n });
            await channel.sendRedeem(owner.getSender(), voucherOf(toNano(1)));
            await channel.sendRequestClose(owner.getSender(), requestOf());
            expect(await channel.getChannel()).toMatchObject({
                totalDeposited: deposit + 5n,
                claimed: toNano(1),
                closesAt: NOW + 3_600,
            });
            const before = chain.snapshot();
            const closed = await channel.sendCloseChannel(owner.getSender(), agreementOf(toNano(2)));
            expect(closed.transactions).not.toHaveTransaction({ success: false });
            expect(await channel.getIsActive()).toBe(false);
            await chain.loadFrom(before);
            chain.now = NOW + 3_600;
            const finalized = await channel.sendFinalizeChannel(owner.getSender());
            expect(finalized.transactions).not.toHaveTransaction({ success: false });
            expect(await channel.getIsActive()).toBe(false);
            chain.now = NOW;
            await chain.loadFrom(before);
        });

        it('has the code that the wrappers record', async () => {
            const { state } = await chain.provider(channel.address).getState();
            const code = state.type === 'active' ? Cell.fromBoc(state.code!)[0]! : Cell.EMPTY;
            expect(w.toUint256('code', code.hash())).toBe((await w.codeHashes()).paymentChannel);
        });
    });

    const exitCodes = async (tx: w.TxParams, from: SandboxContract<TreasuryContract>) => {
        const before = chain.snapshot();
        const exitCodeOf = async (value: bigint) => {
            const sent = await from.send({ ...tx, value, bounce: true });
            const hit = sent.transactions.find(
                (transaction) => transaction.inMessage?.info.dest?.toString() === tx.to.toString(),
            );
            const phase = (hit!.description as { computePhase?: { exitCode?: number } }).computePhase;
            await chain.loadFrom(before);
            return phase?.exitCode;
        };
        return [await exitCodeOf(tx.value), w.explainExitCode((await exitCodeOf(tx.value - 1n))!).name];
    };

    it('asks for the least: one nanoTON below the default is refused', async () => {
        const enough = [0, 'ERROR_INSUFFICIENT_VALUE'];
        const plainStake = w.ProviderStake.createFromAddress(stake.address, prices);
        const plainTill = w.PayoutSettlement.createFromAddress(till.address, prices);
        const plainRegistry = w.Registry.createFromAddress(registry.address, prices);
        const newRegistry = await w.Registry.createFromConfig(
            { networkId: NETWORK_ID, governor: governor.address, salt: 2n },
            prices,
        );
        const newStake = await w.ProviderStake.createFromConfig(
            { registry: registry.address, owner: client.address },
            prices,
        );
        const newEscrow = await w.JobEscrow.createFromConfig(
            { client: client.address, stake: stake.address, nonce: 50n },
            prices,
        );
        const quote = w.signQuote(
            {
                escrow: newEscrow.address,
                termsHash: w.termsHashOf(terms()),
                collateral: terms().requiredCollateral,
                validUntil: NOW + 60,
            },
            signingKeys.secretKey,
        );
        const at = { terms: terms(), now: NOW };
        expect(await exitCodes(newRegistry.getOpenNetworkTxParams({ params }), governor)).toEqual(enough);
        expect(await exitCodes(newStake.getOpenStakeTxParams({ amount: toNano(100), profile }), client)).toEqual(
            enough,
        );
        expect(await exitCodes(newEscrow.getPostJobTxParams(at), client)).toEqual(enough);
        expect(await exitCodes(newEscrow.getPostJobTxParams({ ...at, quote }), client)).toEqual(enough);
        expect(await exitCodes(plainRegistry.getSyncParamsTxParams({ owner: owner.address }), client)).toEqual(enough);
        expect(await exitCodes(plainRegistry.getProposeParamsTxParams({ params }), governor)).toEqual(enough);
        expect(await exitCodes(plainStake.getTopUpStakeTxParams({ amount: 5n }), client)).toEqual(enough);
        expect(await exitCodes(plainStake.getRequestUnbondTxParams({ amount: 5n }), owner)).toEqual(enough);
        expect(await exitCodes(plainStake.getUpdateProfileTxParams({ profile }), owner)).toEqual(enough);
        expect(await exitCodes(plainTill.getSetPayeesTxParams({ payees: [], threshold: 0n }), owner)).toEqual(enough);

        const escrow = await post(51n, false);
        const { jobKey } = await escrow.getJob();
        const acceptance = plainStake.getAcceptJobTxParams({
            collateral: terms().requiredCollateral,
            client: client.address,
            nonce: 51n,
            jobKey,
            lockUntil: w.lockUntilOf(terms()),
        });
        expect(await exitCodes(acceptance, operator)).toEqual(enough);
        await operator.send(acceptance);
        const plain = w.JobEscrow.createFromAddress(escrow.address, prices);
        const result = { jobKey, amount: 1n, resultCommitment: 9n, traceRoot: 0n };
        expect(await exitCodes(plain.getSubmitResultTxParams(result), operator)).toEqual(enough);
        await operator.send(plain.getSubmitResultTxParams(result));
        const { challengeBond } = terms();
        expect(await exitCodes(plain.getDemandResultTxParams({ challengeBond }), client)).toEqual(enough);
        expect(await exitCodes(plain.getChallengeTxParams({ challengeBond }), client)).toEqual(enough);
        await client.send(plain.getDemandResultTxParams({ challengeBond }));
        expect(await exitCodes(plain.getPublishStorageIdTxParams({ storageId: 'bag' }), operator)).toEqual(enough);
        await operator.send(plain.getPublishStorageIdTxParams({ storageId: 'bag' }));
        await client.send(plain.getApproveSubmittedTxParams(result));
        expect(await escrow.getIsActive()).toBe(false);
    });

    it('hands out the parameters for a wallet, equal to what it sends itself', async () => {
        const wrapper = await w.JobEscrow.createFromConfig({ client: client.address, stake: stake.address, nonce: 3n });
        const tx = wrapper.getPostJobTxParams({ terms: terms(), now: NOW, queryId: 5n });
        expect(tx.to).toEqualAddress(wrapper.address);
        expect(tx.init).toEqual(wrapper.init);
        expect(tx.body).toEqualCell(w.JobEscrow.createPostJobBody({ terms: terms(), queryId: 5n }));
        const finalize = wrapper.getFinalizeJobTxParams({ value: 77n });
        expect(finalize.value).toBe(77n);
        expect(finalize.init).toBeUndefined();
        expect(finalize.body).toEqualCell(w.JobEscrow.createFinalizeJobBody());
    });

    it('derives the addresses that the contracts derive', async () => {
        const hashes = await w.codeHashes();
        const codeAt = async (address: Address) => {
            const { state } = await chain.provider(address).getState();
            return state.type === 'active' ? w.toUint256('code', Cell.fromBoc(state.code!)[0]!.hash()) : null;
        };
        expect(await codeAt(registry.address)).toBe(hashes.registry);
        expect(await codeAt(stake.address)).toBe(hashes.providerStake);
        expect(await codeAt(till.address)).toBe(hashes.payoutSettlement);
        expect(await w.stakeAddress(registry.address, owner.address)).toEqualAddress(stake.address);
        expect(await w.settlementAddress(stake.address)).toEqualAddress(till.address);
    });

    it('attests keys over the report data of both sides', async () => {
        const body = w.ProviderStake.createAttestationVerdictBody({
            measurement: 1n,
            validUntil: NOW + 1_000,
            reportData: w.reportData(stake.address, profile.signingKey, profile.encryptionKey),
        });
        expect(body.bits.length).toBe(32 + 64 + 256 + 32 + 512);
    });
});
