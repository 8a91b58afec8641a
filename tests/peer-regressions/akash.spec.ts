/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { toNano } from '@ton/core';
import { PayingChannel, WorkerConnection } from '../../client';
import { channelRequest, EncryptionKeyPair, packRequest, seal } from '../../protocol/envelope';
import { createVoucherCell, signVoucher, termsOf } from '../../protocol';
import { IMAGE_BYTES } from '../../worker/models/digits/dataset';
import { Tier } from '../../wrappers';
import { ask, COST, digit, payer, Served, serving } from '../flow/channelStage';
import { describeFlow, digits, root, Stage, work } from '../flow/stage';
import { expectTrace } from '../helpers/traces';
import { FAILURES } from './failures';

/** What the worker of this stage keeps before closesAt. */
const REDEEM_MARGIN = 1_800;

/** A worker of which every computation is counted. */
async function counted(stage: Stage): Promise<Served & { run: jest.Mock; line: WorkerConnection }> {
    const run = jest.fn(stage.engine.run);
    const served = await serving(stage, { engine: { ...stage.engine, run } });
    return { ...served, run, line: stage.connect(served.worker) };
}

let requests = 0n;

/** Sends a request with a voucher for any amount: what a client does that does not keep to its book. */
async function demand(
    { keys, market, provider }: Stage,
    channel: PayingChannel,
    line: WorkerConnection,
    amount: bigint,
) {
    const requestId = ++requests;
    const receiptHead = channel.state.receipt.head;
    const voucher = signVoucher({ ...termsOf(channel.state), amount, receiptHead }, keys.clientSecret);
    const { openedLt } = termsOf(channel.state);
    const seq = channel.state.receipt.seq + 1n;
    const place = { networkId: await market.networkId(), channel: channel.address, openedLt, seq, modelRoot: root };
    const { publicKey: recipient } = await EncryptionKeyPair.create();
    const payload = packRequest({ recipient, salt: Buffer.alloc(32, Number(requestId)), input: digit(0) });
    const options = { recipient: provider.encryption.publicKey, binding: channelRequest(place) };
    const sealedInput = await seal(payload, options);
    return await line.ask(
        {
            kind: 'paidRequest',
            requestId,
            channel: channel.address,
            modelRoot: root,
            seq,
            tier: Tier.Open,
            sealedInput,
            voucher,
        },
        [`paidResponse:${requestId}`, `newestReceipt:${requestId}`, `refusal:${requestId}`],
    );
}

// There a lease goes on until something happens to its account. Here a request is paid before it is computed, the end of a channel
// is noticed by the clock, and whatever is due anybody can settle: guarantees 4 and 6.
describeFlow(FAILURES.akash.unnoticedExhaustion, (play) => {
    it('computes nothing that the deposit does not cover', () =>
        play(async (stage) => {
            const { run, line, worker } = await counted(stage);
            const deposit = toNano(1);
            const channel = await PayingChannel.open({ ...payer(stage), deposit }, line);
            const input = digits().subarray(0, 10 * IMAGE_BYTES);
            await channel.request({ modelRoot: root, input, maxCost: deposit });
            expect(run).toHaveBeenCalledTimes(1);

            await expect(ask(channel, 0)).rejects.toMatchObject({ code: 'above-deposit' });
            for (const [amount, code] of [
                [deposit, 'not-covering'],
                [deposit + COST, 'above-deposit'],
            ] as const) {
                expect(await demand(stage, channel, line, amount)).toMatchObject({
                    kind: 'refusal',
                    reasons: [{ code }],
                });
            }
            expect(run).toHaveBeenCalledTimes(1);

            await channel.topUp(COST);
            await work(worker);
            expect(await demand(stage, channel, line, deposit + COST)).toMatchObject({ kind: 'paidResponse' });
            expect(run).toHaveBeenCalledTimes(2);
        }));

    it('stops before the channel ends although nothing tells the worker', () =>
        play(async (stage) => {
            const { run, line } = await counted(stage);
            const channel = await PayingChannel.open(payer(stage), line);
            stage.chain.at(channel.state.terms.closesAt - REDEEM_MARGIN);
            const late = await demand(stage, channel, line, COST);
            expect(late).toMatchObject({ kind: 'refusal', reasons: [{ code: 'closing' }] });
            expect(run).not.toHaveBeenCalled();
            stage.chain.pass(-1);
            expect(await demand(stage, channel, line, COST)).toMatchObject({ kind: 'paidResponse' });
            expect(run).toHaveBeenCalledTimes(1);
        }));

    it('is settled and ended by somebody who is neither client nor provider', () =>
        play(async (stage) => {
            const { chain, market, provider, wallet } = stage;
            const { line } = await counted(stage);
            const channel = await PayingChannel.open(payer(stage), line);
            await ask(channel, 0);
            await ask(channel, 1);
            const { amount, receiptHead, signature } = channel.state.voucher!;
            const voucher = createVoucherCell({ ...termsOf(channel.state), amount, receiptHead });
            const watchtower = await chain.wallet('a watchtower');
            stage.take();
            await market.channels.redeem(watchtower.getSender(), channel.name, { voucher, signature });
            expectTrace(stage.take(), [
                { from: watchtower, to: channel.address, op: 'Redeem' },
                { from: channel.address, to: provider.till, op: 'Settle' },
                { from: provider.till, to: provider.owner, op: 'Payout' },
            ]);
            expect((await channel.refresh()).claimed).toBe(2n * COST);
            chain.at(channel.state.terms.closesAt);
            await market.channels.finalize(watchtower.getSender(), channel.name);
            expectTrace(stage.take(), [
                { from: watchtower, to: channel.address, op: 'FinalizeChannel', destroyed: true },
                { from: channel.address, to: wallet, op: 'ChannelClosed' },
            ]);
        }));
});
