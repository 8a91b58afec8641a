import { Cell, toNano } from '@ton/core';
import { internal as fromNowhere } from '@ton/sandbox';
import { Channel } from '../../fixtures/channels';
import { hashNamed, networkParamsCell, profileCell } from '../../helpers/cells';
import { useNetwork } from '../../helpers/fixture';
import { Job } from '../../helpers/jobs';
import { Addressable, addressOf as addressIn } from '../../helpers/labels';
import * as layout from '../../helpers/layout';
import { openStakeBody, prepareProvider } from '../../helpers/network';
import { transactionAt } from '../../helpers/traces';
import { digits, idOf, NONE, raw, std } from './raw';

// Account data as it lies on the chain, compared with cells written by hand from schemas/*.tlb.

const fixture = useNetwork();
const id = (of: Addressable) => idOf(addressIn(of));
const u16 = (value: number) => `x${digits(value, 16)}`;
const u32 = (value: number) => `x${digits(value, 32)}`;
const u64 = (value: bigint) => `x${digits(value, 64)}`;
const u256 = (value: bigint) => `x${digits(value, 256)}`;
const zeros = (bits: number) => `b${'0'.repeat(bits)}`;

async function expectData(of: Addressable, expected: Cell): Promise<void> {
    expect((await fixture.chain.data(of))!.toString()).toBe(expected.toString());
}

describe('Registry', () => {
    it('opened, with a proposal of parameters, a model, a pending governor, and paused', async () => {
        const { chain, network } = fixture;
        const { governor, params } = network;
        const head = `xfffffffd ${std(id(governor))} x0000000000000000`;
        const paramsRaw = raw(
            `x00c8 ${u64(params.minStake)} ${u32(params.unbondingPeriod)} ${u32(params.timelockDelay)}
             ${std(id(params.treasury))} ${std(id(params.arbiter))} ${NONE}`,
        );
        await expectData(
            network.registry,
            raw(`${head} x00000001 x00000000 x00000000 b1 b1`, paramsRaw, raw(`${NONE} x00 b0 b0`)),
        );
        const step = async (body: Cell, from = governor) => {
            await chain.send(from, { to: network.registry, value: toNano(1), body });
        };

        const proposed = networkParamsCell({ ...params, feeBps: 300, verifier: governor.address });
        await step(raw('x52470004 x0000000000000001', proposed));
        const executableAt = chain.now + params.timelockDelay;
        const proposal = raw(`x01 ${u32(executableAt)} ${zeros(256)} b1`, proposed);
        await expectData(
            network.registry,
            raw(`${head} x00000001 x00000000 x00000000 b1 b1`, paramsRaw, raw(`${NONE} x00 b1 b0`, proposal)),
        );

        chain.at(executableAt);
        await step(raw('x52470006 x0000000000000002'));
        await step(raw(`x52470005 x0000000000000003 ${u256(hashNamed('model'))} b1`, raw('x6d31')));
        chain.pass(params.timelockDelay);
        await step(raw('x52470006 x0000000000000004'));
        await step(raw(`x52470009 x0000000000000005 ${std(id(network.arbiter))}`));
        await step(raw(`x52470008 x0000000000000006 ${u32(chain.now + 3600)}`));
        // hm_edge: a label of 256 equal-length bits (hml_long$10, its length in 9 bits), then the value's reference.
        const models = raw(`b10 b100000000 ${u256(hashNamed('model'))}`, raw('x6d31'));
        await expectData(
            network.registry,
            raw(
                `${head} x00000003 ${u32(chain.now + 3600)} ${u32(chain.now + 7200)} b1 b1`,
                proposed,
                raw(`${std(id(network.arbiter))} x01 b0 b1`, models),
            ),
        );
    });

    it('with a proposal to remove a model', async () => {
        const { chain, network } = fixture;
        await chain.send(network.governor, {
            to: network.registry,
            value: toNano(1),
            body: raw(`x52470005 x0000000000000001 ${u256(hashNamed('model'))} b0`),
        });
        const data = layout.parseRegistryData((await chain.data(network.registry))!);
        const { proposal } = layout.parseGovernance(data.governance!);
        expect(proposal!.toString()).toBe(
            raw(`x02 ${u32(chain.now + network.params.timelockDelay)} ${u256(hashNamed('model'))} b0`).toString(),
        );
    });
});

/** StakeConfig of the fixture's provider. */
function stakeConfig(change: { unlockAt?: number } = {}): Cell {
    const { network, provider } = fixture;
    const { params } = network;
    const { profile } = provider;
    return raw(
        `${u64(params.minStake)} x00000000 ${u64(profile.allowanceCap)} ${u256(profile.signingKey)} x00000000`,
        raw(`${std(id(provider.till))} ${std(id(provider.operator))} ${std(id(provider.owner))}`),
        raw(
            `${std(id(params.treasury))} ${std(id(network.registry))} ${std(id(provider.owner))} x00000001
             ${u32(params.unbondingPeriod)} ${u32(change.unlockAt ?? 0)}`,
            raw(`${std(id(provider.till))} ${NONE}`, profileCell(profile)),
        ),
    );
}

describe('ProviderStake', () => {
    it('Registered', async () => {
        const { provider } = fixture;
        await expectData(
            provider.stake,
            raw(`b0 ${zeros(256 + 2 * 64 + 256)} x00c8 b11 ${u64(provider.amount)} ${zeros(2 * 64)}`, stakeConfig()),
        );
    });

    it('Registering and Unregistered', async () => {
        const { chain, network } = fixture;
        const poor = await prepareProvider(network, { name: 'poor', amount: network.params.minStake - 1n });
        const profile = profileCell(poor.profile);
        const trace = await chain.send(poor.owner, {
            to: poor.stake,
            value: poor.amount + toNano(5),
            init: poor.stakeInit,
            body: openStakeBody(poor.amount, profile),
        });
        const attemptLt = transactionAt(trace, poor.stake, 'OpenStake').lt;
        const identity = `${std(id(network.registry))} ${std(id(poor.owner))}`;
        await expectData(
            poor.stake,
            raw(
                `b0 ${zeros(256 + 2 * 64 + 256 + 16)} b10 ${u64(poor.amount)} ${zeros(2 * 64)}`,
                raw(`${identity} ${u64(attemptLt)} x01`, profile),
            ),
        );
        const opening = layout.parseStakeOpening(layout.parseStakeData((await chain.data(poor.stake))!).config);
        expect(opening).toMatchObject({ attemptLt, refusal: 1 });
    });

    it('with a hot lock, a lock of the owner, and unbonding', async () => {
        const { chain, network, provider } = fixture;
        const hot = await Job.prepare(provider);
        await hot.post();
        const hotLt = transactionAt(await hot.accept('operator'), provider.stake).lt;
        const cold = await Job.prepare(provider, { nonce: 2n, terms: { requiredCollateral: toNano(30) } });
        await cold.post();
        const coldLt = transactionAt(await cold.accept('owner'), provider.stake).lt;
        await chain.send(provider.owner, {
            to: provider.stake,
            value: toNano(1),
            body: raw(`x5354000a x0000000000000001 ${u64(toNano(400))}`),
        });
        const lock = (lt: bigint, job: Job, hotBit: string) =>
            `${std(id(job.escrow))} ${u64(lt)} ${u64(job.terms.requiredCollateral)} ${hotBit} ${u32(job.lockUntil)}`;
        // Slots 0 and 224: keys 00000000 and 11100000. The root has an empty label (hml_short$0, length 0 in unary), each
        // leaf one of seven bits: hml_same$11 0 and the length in three bits for the zeros, hml_long$10 else.
        const locks = raw(
            'b00',
            raw(`b110 b111 ${lock(hotLt, hot, 'b1')}`),
            raw(`b10 b111 b1100000 ${lock(coldLt, cold, 'b0')}`),
        );
        await expectData(
            provider.stake,
            raw(
                `b1 ${u256(1n | (1n << 224n))} ${u64(toNano(50))} ${u64(toNano(20))} ${zeros(256)}
                 x00c8 b11 ${u64(toNano(600))} x0000000000000000 ${u64(toNano(400))}`,
                locks,
                stakeConfig({ unlockAt: chain.now + network.params.unbondingPeriod }),
            ),
        );
    });

    it('with a track record and a slash in the allowance', async () => {
        const { chain, provider } = fixture;
        const settled = await Job.prepare(provider);
        await settled.post();
        await settled.accept();
        await chain.send(settled.client, {
            to: settled.escrow,
            value: toNano(1),
            body: raw('x4a450003 x0000000000000001'),
        });
        const late = await Job.prepare(provider, { nonce: 2n });
        await late.post();
        await late.accept();
        chain.at((await late.data()).deadline);
        await chain.send(late.client, { to: late.escrow, value: toNano(1), body: raw('x4a450007 x0000000000000001') });
        // weight: 2 % of 10 TON; wrong, undelivered, late, arbiter silent, dispute won, settled.
        const counter = (value: number) => `b${value.toString(2).padStart(28, '0')}`;
        const record = `x00 x${digits(toNano('0.2'), 80)} ${[0, 0, 1, 0, 0, 1].map(counter).join(' ')}`;
        await expectData(
            provider.stake,
            raw(
                `b0 ${zeros(256 + 2 * 64)} ${record} x00c8 b11 ${u64(toNano(998))} ${u64(toNano(2))} ${zeros(64)}`,
                stakeConfig(),
            ),
        );
    });
});

describe('JobEscrow', () => {
    /** What stays as the opening wrote it. */
    function opening(job: Job, openedLt: bigint): string {
        return `${std(id(fixture.provider.stake))} ${std(id(job.client))}
            ${u64(job.terms.price)} ${u64(openedLt)} ${u32(job.lockUntil)} ${u64(job.nonce)}`;
    }

    function terms(job: Job): Cell {
        const { network } = fixture;
        const t = job.terms;
        return raw(
            `${u64(t.price)} ${u64(t.requiredCollateral)} x00 ${u32(t.acceptBy)} ${u32(t.deliverWithin)}
             ${u32(t.challengeWindow)} ${u32(t.responseWindow)} ${u32(t.arbitrationWindow)} ${u64(t.challengeBond)}
             ${u16(t.lateSlashBps)} ${u16(t.toClientBps)} ${u256(t.clientKey)} ${std(id(network.arbiter))}`,
            raw(`${u256(t.modelRoot)} ${u256(t.inputCommitment)}`),
            raw(`${u256(t.encryptionKey)} ${u256(t.resultRecipientKey)}`),
        );
    }

    function party(): Cell {
        const { provider } = fixture;
        return raw(`${std(id(provider.till))} ${std(id(provider.operator))} ${std(id(provider.owner))}`);
    }

    it('Quoting, when no stake answers', async () => {
        const { chain, provider } = fixture;
        const job = await Job.prepare(provider);
        const steps = await chain.blockchain.sendMessageIter(
            fromNowhere({
                from: job.client.address,
                to: job.escrow,
                value: toNano(11),
                stateInit: job.init,
                body: job.postBody(job.quote()),
            }),
            { allowParallel: true },
        );
        const { value: posted } = await steps.next();
        await expectData(
            job.escrow,
            raw(`b0010 ${u32(chain.now + 600)} ${zeros(72)} ${opening(job, posted!.lt)}`, terms(job)),
        );
        while (!(await steps.next()).done) {
            // The stake and the escrow answer.
        }
    });

    it('Open, Accepted, Submitted, Demanded, Submitted again, Disputed', async () => {
        const { chain, provider } = fixture;
        const other = await Job.prepare(provider, { nonce: 9n });
        await other.postQuoted(); // takes slot 0
        const job = await Job.prepare(provider, { nonce: 0xfedcba9876543210n });
        const openedLt = transactionAt(await job.post(), job.escrow).lt;
        await expectData(job.escrow, raw(`b0001 x00000000 ${zeros(72)} ${opening(job, openedLt)}`, terms(job)));

        const lockId = transactionAt(await job.accept(), provider.stake).lt;
        const tail = `${u64(lockId)} x01 ${opening(job, openedLt)}`;
        await expectData(
            job.escrow,
            raw(`b0011 ${u32(chain.now + job.terms.deliverWithin)} ${tail}`, terms(job), party()),
        );

        await job.submit({ amount: toNano(7) });
        const submission = (bond: bigint, demanded: string) =>
            raw(
                `${u64(toNano(7))} ${u64(bond)} ${demanded} ${u256(job.resultCommitment)} ${u256(hashNamed('trace'))}`,
                party(),
            );
        const windowEnd = chain.now + job.terms.challengeWindow;
        await expectData(job.escrow, raw(`b0100 ${u32(windowEnd)} ${tail}`, terms(job), submission(0n, 'b0')));

        chain.pass(60);
        await job.demand();
        await expectData(
            job.escrow,
            raw(`b0101 ${u32(chain.now + job.terms.responseWindow)} ${tail}`, terms(job), submission(toNano(2), 'b1')),
        );

        chain.pass(60);
        await chain.send(provider.operator, {
            to: job.escrow,
            value: toNano(1),
            body: raw('x4a45000b x0000000000000001', raw('x6261')),
        });
        await expectData(
            job.escrow,
            raw(`b0100 ${u32(chain.now + job.terms.challengeWindow)} ${tail}`, terms(job), submission(0n, 'b1')),
        );

        chain.pass(60);
        await job.challenge();
        await expectData(
            job.escrow,
            raw(
                `b0110 ${u32(chain.now + job.terms.arbitrationWindow)} ${tail}`,
                terms(job),
                submission(toNano(2), 'b1'),
            ),
        );
    });
});

describe('PaymentChannel', () => {
    it('in Uninit, open, topped up, claimed and soon to close', async () => {
        const { chain, provider } = fixture;
        const channel = await Channel.prepare(provider, { nonce: 0xfedcba9876543210n });
        const { deposit, closesAt, closeDelay, clientKey, providerKey } = channel.offer;
        const parties = `${std(id(provider.till))} ${std(id(channel.client))}`;
        const identity = `${std(id(channel.client))} ${std(id(provider.till))} xfedcba9876543210`;
        await chain.send(channel.stranger, {
            to: channel.address,
            value: toNano(1),
            init: channel.init,
            bounce: false,
        });
        await expectData(channel.address, raw(`${zeros(64 + 64 + 32)} ${identity}`));

        const openedLt = transactionAt(await channel.open(), channel.address).lt;
        const terms = `${u64(openedLt)} ${u256(clientKey)} ${parties}`;
        const closing = raw(`${u256(providerKey)} ${u32(closeDelay)} xfedcba9876543210`);
        const channelCell = (deposited: bigint, claimed: bigint, until: number) =>
            raw(`${u64(deposited)} ${u64(claimed)} ${u32(until)} ${terms}`, closing);
        const expectChannel = async (...numbers: Parameters<typeof channelCell>) =>
            expectData(channel.address, channelCell(...numbers));
        await expectChannel(deposit, 0n, closesAt);
        await channel.tell(channel.stranger, channel.topUpBody(toNano(3)), toNano(4));
        await expectChannel(toNano(13), 0n, closesAt);
        await channel.redeem(toNano(2));
        await expectChannel(toNano(13), toNano(2), closesAt);
        chain.pass(77);
        await channel.tell(channel.client, channel.requestCloseBody());
        await expectChannel(toNano(13), toNano(2), chain.now + closeDelay);
        expect(channelCell(0n, 0n, 0).bits.length).toBe(1014);
    });
});

describe('PayoutSettlement', () => {
    it('after the registration, with fees due, and with payees', async () => {
        const { chain, network, provider } = fixture;
        const parties = `${std(id(provider.owner))} ${std(id(network.treasury))} ${std(id(provider.stake))}`;
        await expectData(provider.till, raw(`${zeros(64)} x00000001 x00c8 ${zeros(64)} b0 ${parties}`));
        const payees = raw(`${std(id(provider.owner))} x1b58 b1`, raw(`${std(id(network.arbiter))} x0bb8 b0`));
        await chain.send(provider.owner, {
            to: provider.till,
            value: toNano(1),
            body: raw(`x50530004 x0000000000000001 ${u64(toNano(3))} b1`, payees),
        });
        await chain.send(provider.owner, {
            to: provider.till,
            value: toNano(51),
            body: raw(`x50530001 x0000000000000002 ${u64(toNano(50))} ${std(id(provider.owner))}`),
        });
        await expectData(
            provider.till,
            raw(`${u64(toNano(1))} x00000001 x00c8 ${u64(toNano(3))} b1 ${parties}`, payees),
        );
        expect(layout.parsePayees(payees)).toHaveLength(2);
    });
});
