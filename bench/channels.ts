import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { Address, toNano } from '@ton/core';
import { keyPairFromSeed, sha256_sync } from '@ton/crypto';
import { WalletContractV5R1 } from '@ton/ton';
import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
    acceptChannel,
    clientBook,
    decodeClientState,
    decodeProviderState,
    encodeClientState,
    encodeProviderState,
    inputCommitment,
    providerBook,
    resultDigest,
} from '../protocol';
import { ChannelBook, createMemoryStore, openStore, Store } from '../store';
import { Channel } from '../tests/fixtures/channels';
import { Chain } from '../tests/helpers/chain';
import { openNetwork, openProvider } from '../tests/helpers/network';
import { codeHashes, loadPrices, PaymentChannel, redeemingValue, sendBatches } from '../wrappers';
import { Samples } from './samples';

/** nanoTON that a request costs. */
const COST = toNano('0.001');
const DAY = 86_400;
const MODEL = BigInt(`0x${sha256_sync('model').toString('hex')}`);

interface Options {
    channels: number;
    vouchers: number;
    store: 'sql' | 'memory';
    json: boolean;
}

/** One channel with the books of both sides. */
interface Pair {
    readonly channel: Channel;
    readonly client: ChannelBook<ReturnType<typeof clientBook.open>>;
    readonly provider: ChannelBook<ReturnType<typeof providerBook.open>>;
}

const CLIENT = { side: 'client', encode: encodeClientState, decode: decodeClientState } as const;
const PROVIDER = { side: 'provider', encode: encodeProviderState, decode: decodeProviderState } as const;

async function main(): Promise<void> {
    const options = new Command('npm run bench:channels --')
        .description(
            'Opens channels on one chain, pays requests over all of them at once with the books of both sides kept in stores, and ' +
                'redeems them by a wallet v5. Computes nothing but the payments: what they cost beside the work they pay for.',
        )
        .option('--channels <number>', 'how many channels', whole, 1_000)
        .option('--vouchers <number>', 'paid requests in each', whole, 100)
        .addOption(new Option('--store <kind>', 'where books are kept').choices(['sql', 'memory']).default('sql'))
        .option('--json', 'print one JSON object instead of the table', false)
        .parse()
        .opts<Options>();

    const folder = mkdtempSync(path.join(tmpdir(), 'bench-channels-'));
    const open = (side: string) =>
        options.store === 'sql' ? openStore(path.join(folder, `${side}.db`)) : createMemoryStore();
    const stores = { client: await open('client'), provider: await open('provider') };
    try {
        await run(options, stores);
    } finally {
        await stores.client.close();
        await stores.provider.close();
        rmSync(folder, { recursive: true });
    }
}

async function run(options: Options, stores: { client: Store; provider: Store }): Promise<void> {
    const chain = await Chain.create({ prices: '2026-06' });
    const network = await openNetwork(chain);
    const provider = await openProvider(network);

    const opening = new Samples();
    const pairs: Pair[] = [];
    for (let index = 0; index < options.channels; index++) {
        progress(`opening channels: ${index} of ${options.channels}`);
        const channel = await Channel.prepare(provider, { nonce: BigInt(index) });
        await opening.time(() => channel.open());
        pairs.push(await booksOf(channel, stores));
    }

    const requests = new Samples();
    const started = performance.now();
    for (let round = 0; round < options.vouchers; round++) {
        progress(`paying: round ${round} of ${options.vouchers}`);
        // All at once, as a worker with many clients has it.
        await Promise.all(pairs.map((pair) => requests.time(() => payOnce(pair, chain.now))));
    }
    const payingSeconds = (performance.now() - started) / 1000;
    const memory = process.memoryUsage();

    progress('redeeming');
    const redeeming = new Samples();
    const batches = await redeeming.time(() => redeemAll(chain, provider.owner, pairs));
    let claimed = 0n;
    for (const { channel } of pairs) {
        claimed += (await channel.data()).claimed;
    }
    const expected = COST * BigInt(options.channels * options.vouchers);
    if (claimed !== expected) {
        throw new Error(`${claimed} nanoTON were claimed instead of ${expected}`);
    }
    progress();
    const count = options.channels * options.vouchers;
    const result = {
        channels: options.channels,
        vouchers: count,
        store: options.store,
        cpu: cpus()[0]?.model ?? 'unknown',
        openingMsP50: round(opening.percentile(50)),
        requestsPerSecond: round(count / payingSeconds),
        requestMsP50: round(requests.percentile(50)),
        requestMsP95: round(requests.percentile(95)),
        redeemMessages: batches.reduce((sum, size) => sum + size, 0),
        redeemTransactionsOfTheWallet: batches.length,
        redeemSeconds: round(redeeming.percentile(50) / 1000),
        rssMiB: round(memory.rss / 2 ** 20),
        heapMiB: round(memory.heapUsed / 2 ** 20),
        claimedNanoton: String(claimed),
    };
    if (options.json) {
        process.stdout.write(`${JSON.stringify(result)}\n`);
        return;
    }
    const table = new Table({ head: ['Payment channels', ''], colAligns: ['left', 'right'] });
    Object.entries(result).forEach(([name, value]) => table.push([name, String(value)]));
    process.stdout.write(
        `${table.toString()}\nA request here is: voucher signed and kept, checked and kept, receipt signed and kept, checked and kept.\n`,
    );
}

async function booksOf(channel: Channel, stores: { client: Store; provider: Store }): Promise<Pair> {
    const terms = await channel.terms();
    const { totalDeposited, claimed, closesAt } = await channel.data();
    const place = { channel: channel.address, openedLt: terms.openedLt };
    const known = {
        ...place,
        clientKey: terms.clientKey,
        providerKey: terms.ending.providerKey,
        totalDeposited,
        claimed,
        closesAt,
        closeDelay: terms.ending.closeDelay,
    };
    const { paymentChannel } = await codeHashes();
    const decision = acceptChannel(
        {
            ...known,
            derived: channel.address,
            codeHash: paymentChannel,
            expectedCodeHash: paymentChannel,
            form: 'full',
            client: terms.client,
            settlement: terms.settlement,
            clientChannels: 0,
            now: channel.chain.now,
        },
        {
            settlement: channel.provider.till,
            signingKey: known.providerKey,
            minDeposit: 1n,
            minRemaining: DAY,
            minCloseDelay: 3_600,
            redeemMargin: 1_800,
            maxChannelsPerClient: 1,
            codeLibraryPaidUntil: 0,
        },
    );
    if (!decision.ok) {
        throw new Error(decision.reasons.map(({ message }) => message).join('; '));
    }
    return {
        channel,
        client: await ChannelBook.create(stores.client.channels, CLIENT, place, clientBook.open(known)),
        provider: await ChannelBook.create(
            stores.provider.channels,
            PROVIDER,
            place,
            providerBook.open(decision.accepted),
        ),
    };
}

/** One paid request, as client and worker do it, without the computation. */
async function payOnce({ channel, client, provider }: Pair, now: number): Promise<void> {
    const salt = randomBytes(32);
    const requestHash = inputCommitment(salt, salt);
    const responseHash = resultDigest(salt, salt);
    const payment = { maxCost: COST, requestHash, modelRoot: MODEL, now, secretKey: channel.clientKey.secretKey };
    const voucher = await client.apply((state) => clientBook.pay(state, payment));
    await provider.apply((state) => providerBook.acceptVoucher(state, { ...voucher, requestHash, cost: COST, now }));
    const receipt = await provider.apply((state) =>
        providerBook.issueReceipt(state, {
            cost: COST,
            requestHash,
            responseHash,
            modelRoot: MODEL,
            usage: { prompt: 1, completion: 1 },
            secretKey: channel.provider.signing.secretKey,
        }),
    );
    await client.apply((state) => clientBook.acceptReceipt(state, { ...receipt, responseHash }));
}

async function redeemAll(chain: Chain, owner: { address: Address } & Channel['client'], pairs: readonly Pair[]) {
    const key = keyPairFromSeed(sha256_sync('watchtower'));
    const wallet = chain.blockchain.openContract(
        WalletContractV5R1.create({ publicKey: key.publicKey, walletId: { networkGlobalId: chain.globalId } }),
    );
    await chain.send(owner, { to: wallet.address, value: toNano(1_000), bounce: false });
    const prices = loadPrices(chain.blockchain.config);
    const messages = pairs.map(({ channel, provider }) => {
        const { cell, signature } = providerBook.redeemable(provider.state)!.voucher;
        return PaymentChannel.createFromAddress(channel.address, prices).getRedeemTxParams({
            voucher: cell,
            signature,
            value: redeemingValue(prices),
        });
    });
    return await sendBatches(
        {
            address: wallet.address,
            init: wallet.init,
            getSeqno: () => wallet.getSeqno(),
            createTransfer: (args) => wallet.createTransfer({ ...args, authType: 'external' }),
            send: async (message) => void (await wallet.send(message)),
        },
        messages,
        { secretKey: key.secretKey },
    );
}

let shown = 0;

/** At most once a second; without a text the line is cleared. */
function progress(text?: string): void {
    const interactive = process.stderr.isTTY;
    if (text !== undefined && Date.now() - shown > (interactive ? 200 : 5_000)) {
        shown = Date.now();
        process.stderr.write(interactive ? `\r\x1b[2K${text}` : `${text}\n`);
    } else if (text === undefined && interactive) {
        process.stderr.write('\r\x1b[2K');
    }
}

function round(value: number): number {
    return Number(value.toPrecision(3));
}

function whole(text: string): number {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 1) {
        throw new InvalidArgumentError('pass a whole number of at least 1');
    }
    return value;
}

void main();
