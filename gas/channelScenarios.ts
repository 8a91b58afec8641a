import { Address, toNano } from '@ton/core';
import { Channel } from '../tests/fixtures/channels';
import { body, Provider } from '../tests/helpers/network';
import { expectTrace, Trace } from '../tests/helpers/traces';
import { PaymentChannel, sendBatches, TxParams } from '../wrappers';
import { measureOpenings } from './libraryScenarios';
import { Cost, costOf } from './measure';
import { openWalletV5 } from './walletV5';

/** No sum reaches it: the till waits for its owner. */
const NEVER = (1n << 64n) - 1n;
const MANY = 100;

/** The scenarios of payment channels with this provider, each on a chain that is rewound behind it. */
export async function measureChannels(
    provider: Provider,
    enter: (scenario: string, cost: Cost) => void,
): Promise<void> {
    const { chain } = provider.network;
    const { till, operator } = provider;
    const channel = await Channel.prepare(provider);
    const { address, client, stranger } = channel;
    const of = (...traces: Trace[]) => traces.map((trace) => costOf(trace, [address, till])).reduce(sum);

    await chain.rewinding(async () => {
        enter('channel.open', of(await channel.open()));
        enter(
            'channel.topUp',
            of(
                expectOps(
                    await channel.tell(stranger, channel.topUpBody(toNano(1)), toNano(2)),
                    'TopUpChannel',
                    'Excesses',
                ),
            ),
        );
        await chain.rewinding(async () => {
            enter(
                'channel.redeemPaidThrough',
                of(expectOps(await channel.redeem(toNano(1)), 'Redeem', 'Settle', 'Payout')),
            );
        });
        await chain.rewinding(async () => {
            const close = channel.closeBody(await channel.agreement(toNano(3)));
            enter(
                'channel.closeCooperative',
                of(expectOps(await channel.tell(operator, close), 'CloseChannel', 'Settle', 'ChannelClosed', 'Payout')),
            );
        });
        await chain.rewinding(async () => {
            const request = expectOps(
                await channel.tell(client, channel.requestCloseBody()),
                'RequestClose',
                'Excesses',
            );
            chain.at((await channel.data()).closesAt);
            const end = expectOps(
                await channel.tell(stranger, channel.finalizeBody()),
                'FinalizeChannel',
                'ChannelClosed',
            );
            enter('channel.closeUnilateral', of(request, end));
        });
        await keepInTill(provider);
        await chain.rewinding(async () => {
            enter('channel.redeem', of(expectOps(await channel.redeem(toNano(1)), 'Redeem', 'Settle')));
        });
        const first = await channel.voucher(toNano(1));
        await channel.tell(operator, channel.redeemBody(first));
        enter(
            'reject.replayedVoucher',
            of(expectRefused(await channel.tell(operator, channel.redeemBody(first)), 0x403)),
        );
        const forged = channel.redeemBody(await channel.voucher(toNano(2)), Buffer.alloc(64, 3));
        enter('reject.badSignature', of(expectRefused(await channel.tell(operator, forged), 0x401)));
    });

    await chain.rewinding(async () => {
        await keepInTill(provider);
        enter('channel.redeemMany100', await redeemMany(provider));
    });
    await measureOpenings(provider, enter);
}

/** A hundred channels redeemed by one external message of a wallet v5; what one of them costs, rounded up. */
async function redeemMany(provider: Provider): Promise<Cost> {
    const { chain } = provider.network;
    const addresses: Address[] = [];
    const messages: TxParams[] = [];
    for (let index = 0; index < MANY; index++) {
        const channel = await Channel.prepare(provider, { nonce: 1000n + BigInt(index) });
        await channel.open();
        const voucher = await channel.voucher(toNano(1));
        addresses.push(channel.address);
        messages.push(
            PaymentChannel.createFromAddress(channel.address).getRedeemTxParams({
                voucher,
                signature: channel.sign(voucher),
                value: toNano('0.05'),
            }),
        );
    }
    const { contract: wallet, key } = await openWalletV5(chain, provider.owner, 'watchtower');
    const traces: Trace[] = [];
    const counts = await sendBatches(
        {
            address: wallet.address,
            init: wallet.init,
            getSeqno: () => wallet.getSeqno(),
            createTransfer: (args) => wallet.createTransfer({ ...args, authType: 'external' }),
            send: async (message) => void traces.push(await wallet.send(message)),
        },
        messages,
        { secretKey: key.secretKey },
    );
    if (counts.length !== 1 || traces[0]!.transactions.length !== 1 + 2 * MANY) {
        throw new Error(`${counts.join(' + ')} messages caused ${traces[0]?.transactions.length} transactions`);
    }
    const all = costOf(traces[0]!, [...addresses, provider.till]);
    const each = (value: bigint) => (value + BigInt(MANY) - 1n) / BigInt(MANY);
    return { gas: each(all.gas), transactions: all.transactions / MANY, fees: each(all.fees) };
}

/** From now on a settlement pays nothing out by itself. */
async function keepInTill({ network, owner, till }: Provider): Promise<void> {
    const message = body('SetPayees').storeUint(NEVER, 64).storeMaybeRef(null).endCell();
    expectOps(await network.chain.send(owner, { to: till, value: toNano(1), body: message }), 'SetPayees', 'Excesses');
}

function sum(a: Cost, b: Cost): Cost {
    return { gas: a.gas + b.gas, transactions: a.transactions + b.transactions, fees: a.fees + b.fees };
}

/** A scenario that took another way than it is named for must not be measured. */
function expectOps(trace: Trace, ...ops: string[]): Trace {
    expectTrace(
        trace,
        ops.map((op) => ({ op })),
    );
    return trace;
}

function expectRefused(trace: Trace, exitCode: number): Trace {
    expectTrace(trace, [{ op: 'Redeem', exitCode }, { op: 'bounced Redeem' }]);
    return trace;
}
