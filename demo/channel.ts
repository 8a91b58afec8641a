import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PaidResult, PayingChannel } from '../client';
import { priceOf, ReceiptAudit, termsOf, verifyReceiptChain } from '../protocol';
import { openStore } from '../store';
import { createRefereeEngine } from '../worker/node';
import { Digits, usageOf } from './digits';
import { Entry } from './journal';
import { measure, NamedBalances } from './play';
import { TierName } from './provider';
import { Stage } from './stage';
import { TEST_TRUST } from './testAuthority';

/** Paid requests that one channel carries, a digit each. */
export const CHANNEL_REQUESTS = 1_000;

/** What became of a channel. */
export interface ChannelReport {
    readonly tierName: TierName;
    readonly requests: number;
    /** Responses that are the referee's. */
    readonly equalReferee: number;
    /** The client's audit of all receipts. */
    readonly audit: ReceiptAudit;
    /** nanoTON that all requests cost by the receipts. */
    readonly cost: bigint;
    /** Everything that happened on chain. */
    readonly entries: readonly Entry[];
    readonly before: NamedBalances;
    readonly after: NamedBalances;
    /** nanoTON that the provider's accounts gained, the network's fees not counted. */
    readonly providerDelta: bigint;
    /** nanoTON that the client's wallet gained. */
    readonly clientDelta: bigint;
}

/** Messages from outside that the whole channel takes: one that opens it and one that closes it. */
export const CHANNEL_TRANSACTIONS = 2;

/** How many messages came from outside: what somebody had to sign a transaction for. */
export function transactionsOf({ entries }: ChannelReport): number {
    return entries.filter(({ from }) => from === undefined).length;
}

/** Whether every request was answered right, paid and receipted, with one transaction to open and one to close. */
export function channelWentWell(report: ChannelReport): boolean {
    const { requests, equalReferee, audit, cost } = report;
    return (
        equalReferee === requests &&
        audit.ok &&
        audit.count === requests &&
        audit.amount === cost &&
        transactionsOf(report) === CHANNEL_TRANSACTIONS
    );
}

/** Opens a channel, pays for a thousand digits one by one, audits the receipts, and closes it with the worker. */
export async function playChannel(stage: Stage, digits: Digits, modelFile: Uint8Array): Promise<ChannelReport> {
    const { world, clientKeys, provider } = stage;
    const { market, wallets, offer } = world;
    const referee = createRefereeEngine(modelFile);
    const before = await measure(world, provider);
    const first = world.journal.entries.length;
    const folder = mkdtempSync(path.join(tmpdir(), 'compute-market-demo-'));
    const store = await openStore(path.join(folder, 'client.db'));
    try {
        const inputs = Array.from({ length: CHANNEL_REQUESTS }, () => digits.next(1));
        const maxCost = priceOf(offer, usageOf(inputs[0]!));
        const channel = await PayingChannel.open(
            {
                market,
                wallet: wallets.client.getSender(),
                clientSecret: clientKeys.clientSecret,
                store: store.channels,
                now: () => world.now(),
                provider: provider.owner.address,
                tier: provider.tier,
                attestation: TEST_TRUST,
                deposit: maxCost * BigInt(CHANNEL_REQUESTS),
                nonce: 1n,
            },
            stage.connect(stage.worker),
        );
        world.names.set(channel.address, 'PaymentChannel');
        const results: PaidResult[] = [];
        for (const input of inputs) {
            results.push(await channel.request({ modelRoot: offer.modelRoot, input, maxCost }));
        }
        const audit = verifyReceiptChain(
            results.map(({ signed }) => signed),
            termsOf(channel.state),
        );
        await channel.close();

        let equalReferee = 0;
        for (const [index, input] of inputs.entries()) {
            const right = await referee.run(input);
            equalReferee += Buffer.from(right).equals(Buffer.from(results[index]!.output)) ? 1 : 0;
        }
        const after = await measure(world, provider);
        return {
            tierName: provider.tierName,
            requests: results.length,
            equalReferee,
            audit,
            cost: results.reduce((sum, { cost }) => sum + cost, 0n),
            entries: world.journal.entries.slice(first),
            before: before.balances,
            after: after.balances,
            providerDelta: after.provider - before.provider,
            clientDelta: after.client - before.client,
        };
    } finally {
        await store.close();
        rmSync(folder, { recursive: true });
    }
}
