import { Address, Transaction } from '@ton/core';
import { Channel, DAY } from '../tests/fixtures/channels';
import { Job } from '../tests/helpers/jobs';
import { body, deployNetwork } from '../tests/helpers/network';
import { PriceSet } from '../tests/helpers/prices';
import { expectTrace, gasUsed, Trace } from '../tests/helpers/traces';
import { channelRent, gasLimits, loadPrices, registryRent, stakeRent, storageFee, tillRent } from '../wrappers';

/** What five years of silence do to a contract, at one price set. */
export interface MeasuredIdle {
    contract: string;
    /** The message that ends the silence. */
    message: string;
    /** Gas of that message at this contract without the silence, and after it. */
    gas: { fresh: number; idle: number };
    /** nanoTON of rent that the message finds due. */
    rent: number;
    /** nanoTON of rent that was paid in advance when the contract was opened. */
    prepaid: number;
}

const YEAR = 365 * DAY;
/** The silence. */
export const IDLE_SECONDS = 5 * YEAR;
/** More than any step costs, rent that is missing included. */
const PLENTY = 5_000_000_000n;

/** Everything open, then nothing for five years, then one message to each. */
export async function measureIdle(prices: PriceSet): Promise<MeasuredIdle[]> {
    const { chain, network, provider } = await deployNetwork({ prices });
    const job = await Job.prepare(provider);
    await job.postQuoted();
    const channel = await Channel.prepare(provider, { offer: { closesAt: chain.now + YEAR } });
    await channel.open();
    const { stranger } = channel;
    const { deadline, lockUntil } = { ...(await job.data()), lockUntil: job.lockUntil };
    const opened = chain.now;

    const sync = async () => {
        const message = body('SyncParams').storeAddress(provider.owner.address).endCell();
        const trace = await chain.send(stranger, { to: network.registry, value: PLENTY, body: message });
        return expectOps(trace, 'SyncParams', 'UpdateParams', 'Excesses', 'TillParams', 'Excesses');
    };
    const expire = async () =>
        expectOps(
            await chain.send(stranger, { to: job.escrow, value: PLENTY, body: body('ExpireJob').endCell() }),
            ...['ExpireJob', 'SlashCollateral', 'JobClosed', 'SlashShare', 'SlashShare'],
        );
    const finalize = async () =>
        expectOps(await channel.tell(stranger, channel.finalizeBody(), PLENTY), 'FinalizeChannel', 'ChannelClosed');
    const at = async (moment: number, step: () => Promise<Trace>) =>
        await chain.rewinding(async () => {
            chain.at(moment);
            return await step();
        });

    const now = opened + IDLE_SECONDS;
    const loaded = loadPrices(chain.blockchain.config);
    const kept = BigInt(lockUntil - opened + YEAR);
    const synced = [await at(opened, sync), await at(now, sync)] as const;
    const expired = [await at(deadline, expire), await at(now, expire)] as const;
    const finalized = [await at(opened + YEAR, finalize), await at(now, finalize)] as const;
    const { ESCROW_CELLS, ESCROW_BITS } = gasLimits;
    return [
        row('Registry', 'SyncParams', network.registry, synced, registryRent(loaded)),
        row('ProviderStake', 'UpdateParams', provider.stake, synced, stakeRent(loaded)),
        row('PayoutSettlement', 'TillParams', provider.till, synced, tillRent(loaded)),
        row('JobEscrow', 'ExpireJob', job.escrow, expired, storageFee(loaded, ESCROW_CELLS, ESCROW_BITS, kept)),
        row('PaymentChannel', 'FinalizeChannel', channel.address, finalized, channelRent(loaded, BigInt(YEAR))),
    ];
}

function row(
    contract: string,
    message: string,
    address: Address,
    [fresh, idle]: readonly [Trace, Trace],
    prepaid: bigint,
): MeasuredIdle {
    return {
        contract,
        message,
        gas: { fresh: Number(gasUsed(firstAt(fresh, address))), idle: Number(gasUsed(firstAt(idle, address))) },
        rent: Number(rentIn(firstAt(idle, address))),
        prepaid: Number(prepaid),
    };
}

function firstAt({ transactions }: Trace, { hash }: Address): Transaction {
    return transactions.find(({ address }) => address === BigInt(`0x${hash.toString('hex')}`))!;
}

function rentIn({ description }: Transaction): bigint {
    return description.type === 'generic' ? (description.storagePhase?.storageFeesCollected ?? 0n) : 0n;
}

/** A step that took another way than it is measured for must not be measured. */
function expectOps(trace: Trace, ...ops: string[]): Trace {
    expectTrace(
        trace,
        ops.map((op) => ({ op })),
    );
    return trace;
}
