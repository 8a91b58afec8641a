import { Address, Cell, toNano } from '@ton/core';
import { Chain } from '../tests/helpers/chain';
import { Job } from '../tests/helpers/jobs';
import { Network, openNetwork, openProvider, openStakeBody, prepareProvider, Provider } from '../tests/helpers/network';
import { profileCell } from '../tests/helpers/cells';
import { expectTrace, Trace } from '../tests/helpers/traces';
import { JobEscrow } from '../wrappers';
import { Size } from './cells';
import { costOf } from './measure';

/** How far a measurement goes. */
export interface Extent {
    /** Jobs through one provider, one after another. */
    jobs: number;
    /** Jobs of one provider open at once; 256 at most. */
    open: number;
    /** Providers of one network. */
    providers: number;
}

/** The extent of gas/growth.json. */
export const FULL: Extent = { jobs: 10_000, open: 256, providers: 1_000 };

/** What the newest job costs when so many have been done, or are open with it. Gas of all contracts in the chain. */
export interface JobsRow {
    count: number;
    post: number;
    approve: number;
    /** Accounts while this job is open. */
    stake: Size;
    till: Size;
}

/** The same with the dearest ending. */
export interface OpenRow extends JobsRow {
    expire: number;
}

/** What the newest provider's opening costs, and what it leaves in the Registry. */
export interface ProvidersRow {
    count: number;
    open: number;
    registry: Size;
}

/** More than any step costs; what is left returns. */
const PLENTY = toNano(1);
/** Quotes take these slots; the owner has the others to himself. */
const HOT_SLOTS = 224;
/** As many names for jobs: an escrow that has ended can be opened again. */
const NONCES = 64n;

type Progress = (what: string) => void;

/** Powers of a base up to a limit, and the limit. */
export function checkpoints(limit: number, base: number): number[] {
    const powers: number[] = [];
    for (let power = 1; power < limit; power *= base) {
        powers.push(power);
    }
    return [...powers, limit];
}

/** One job after another through one provider, each approved by its client. */
export async function measureJobs(jobs: number, progress: Progress): Promise<JobsRow[]> {
    const { chain, provider } = await stage();
    const at = new Set(checkpoints(jobs, 10));
    const rows: JobsRow[] = [];
    for (let count = 1; count <= jobs; count++) {
        const job = await Job.prepare(provider, { nonce: BigInt(count) % NONCES });
        const post = gasOf(await job.postQuoted(), provider, job);
        const { stake, till } = await accounts(provider);
        const approve = gasOf(await approved(job), provider, job);
        if (at.has(count)) {
            rows.push({ count, post, approve, stake, till });
        }
        progress(`job ${count} of ${jobs}`);
        forget(chain);
    }
    return rows;
}

/** More and more jobs open at once; what the last of them costs. */
export async function measureOpen(open: number, progress: Progress): Promise<OpenRow[]> {
    const { chain, provider } = await stage();
    const at = new Set(checkpoints(open, 2));
    const rows: OpenRow[] = [];
    for (let count = 1; count <= open; count++) {
        const job = await Job.prepare(provider, { nonce: BigInt(count) });
        if (at.has(count)) {
            await chain.rewinding(async () => {
                const post = gasOf(await job.postQuoted(), provider, job);
                const { stake, till } = await accounts(provider);
                let expire = 0;
                await chain.rewinding(async () => {
                    chain.at((await job.data()).deadline);
                    expire = gasOf(await expired(job), provider, job);
                });
                const approve = gasOf(await approved(job), provider, job);
                rows.push({ count, post, approve, expire, stake, till });
            });
        }
        if (count < HOT_SLOTS) {
            await job.postQuoted();
        } else {
            await job.post();
            await job.accept('owner');
        }
        progress(`open job ${count} of ${open}`);
        forget(chain);
    }
    return rows;
}

/** More and more providers in one network; what the last of them costs. */
export async function measureProviders(providers: number, progress: Progress): Promise<ProvidersRow[]> {
    const chain = await Chain.create({ watched: false });
    const network = await openNetwork(chain);
    const at = new Set(checkpoints(providers, 10));
    const rows: ProvidersRow[] = [];
    for (let count = 1; count <= providers; count++) {
        const newcomer = await prepareProvider(network, { name: `provider${count}` });
        const open = gasOf(await opened(network, newcomer), newcomer);
        if (at.has(count)) {
            rows.push({ count, open, registry: await accountAt(chain, network.registry) });
        }
        progress(`provider ${count} of ${providers}`);
        forget(chain);
    }
    return rows;
}

async function stage(): Promise<{ chain: Chain; provider: Provider }> {
    const chain = await Chain.create({ watched: false });
    const network = await openNetwork(chain);
    const amount = toNano(100_000);
    return { chain, provider: await openProvider(network, { amount, profile: { allowanceCap: amount } }) };
}

async function opened({ chain }: Network, provider: Provider): Promise<Trace> {
    const { owner, stake, stakeInit, profile, amount } = provider;
    const body = openStakeBody(amount, profileCell(profile));
    const trace = await chain.send(owner, { to: stake, value: amount + 5n * PLENTY, init: stakeInit, body });
    return expectOps(trace, 'OpenStake', 'RegisterMe', 'Initialise', 'TillParams', 'Excesses');
}

async function approved(job: Job): Promise<Trace> {
    const trace = await send(job, JobEscrow.createApproveFullBody());
    return expectOps(trace, 'ApproveFull', 'Settle', 'ReleaseCollateral', 'JobClosed', 'Payout');
}

async function expired(job: Job): Promise<Trace> {
    const trace = await send(job, JobEscrow.createExpireJobBody());
    return expectOps(trace, 'ExpireJob', 'SlashCollateral', 'JobClosed', 'SlashShare', 'SlashShare');
}

async function send(job: Job, body: Cell): Promise<Trace> {
    return await job.chain.send(job.client, { to: job.escrow, value: PLENTY, body });
}

/** A step that took another way than it is measured for must not be measured. */
function expectOps(trace: Trace, ...ops: string[]): Trace {
    expectTrace(
        trace,
        ops.map((op) => ({ op })),
    );
    return trace;
}

function gasOf(trace: Trace, { network, stake, till }: Provider, job?: Job): number {
    return Number(costOf(trace, [network.registry, stake, till, ...(job ? [job.escrow] : [])]).gas);
}

async function accounts({ network, stake, till }: Provider): Promise<{ stake: Size; till: Size }> {
    return { stake: await accountAt(network.chain, stake), till: await accountAt(network.chain, till) };
}

/** An account's size as rent is reckoned. */
export async function accountAt(chain: Chain, address: Address): Promise<Size> {
    const { cells, bits } = (await chain.blockchain.getContract(address)).account.account!.storageStats.used;
    return { cells: Number(cells), bits: Number(bits) };
}

/** The sandbox keeps every transaction for those who ask; nobody asks here. */
function forget(chain: Chain): void {
    (chain.blockchain as unknown as { transactions: unknown[] }).transactions = [];
}
