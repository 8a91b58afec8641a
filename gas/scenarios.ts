import { Cell, toNano } from '@ton/core';
import { sign } from '@ton/crypto';
import { approveFullHash, JobEscrow, PayoutSettlement } from '../wrappers';
import { PriceSet } from '../tests/helpers/prices';
import { Job } from '../tests/helpers/jobs';
import { openNetwork, openProvider, openStakeBody, prepareProvider, Provider } from '../tests/helpers/network';
import { Chain, Wallet } from '../tests/helpers/chain';
import { profileCell } from '../tests/helpers/cells';
import { expectTrace, Trace } from '../tests/helpers/traces';
import { measureAttestations } from './attestationScenarios';
import { measureChannels } from './channelScenarios';
import { Cost, costOf } from './measure';

/** More than any step costs under either price set; what is left returns. */
const PLENTY = toNano(1);

/** Quotes take these slots; the owner has the others to himself. */
const HOT_SLOTS = 224;
const OWNER_SLOTS = 32;

/** Every scenario of {@link file://./chains.json} at one price set, in the order of the file. */
export async function measureAll(
    prices: PriceSet,
    progress: (scenario: string) => void = () => undefined,
): Promise<Map<string, Cost>> {
    const costs = new Map<string, Cost>();
    const chain = await Chain.create({ prices });
    const network = await openNetwork(chain);
    const measure = (name: string, trace: Trace, provider: Provider, ...escrows: Job[]) => {
        progress(name);
        costs.set(
            name,
            costOf(trace, [network.registry, provider.stake, provider.till, ...escrows.map(({ escrow }) => escrow)]),
        );
    };

    const stranger = await chain.wallet('stranger');
    const newcomer = await prepareProvider(network, { name: 'newcomer' });
    await chain.rewinding(async () => {
        const { owner, stake, stakeInit, profile, amount } = newcomer;
        const trace = await chain.send(owner, {
            to: stake,
            value: amount + toNano(5),
            init: stakeInit,
            body: openStakeBody(amount, profileCell(profile)),
        });
        expectOps(trace, 'OpenStake', 'RegisterMe', 'Initialise', 'TillParams', 'Excesses');
        measure('stake.open', trace, newcomer);
    });

    const provider = await openProvider(network, {
        amount: toNano(10_000),
        profile: { allowanceCap: toNano(10_000) },
    });
    let nonce = 0n;
    const prepare = async () => await Job.prepare(provider, { nonce: ++nonce });
    const accepted = async () => {
        const job = await prepare();
        await job.postQuoted();
        return job;
    };

    /** The scenarios of a job while `locks` others are open. */
    const jobScenarios = async (suffix: string) => {
        const job = await prepare();
        await chain.rewinding(async () => {
            measure(`job.postQuoted${suffix}`, await job.postQuoted(), provider, job);
        });
        await chain.rewinding(async () => {
            await job.post();
            measure(
                `job.cancel${suffix}`,
                await send(job, job.client, JobEscrow.createCancelJobBody(), ['CancelJob', 'JobClosed']),
                provider,
                job,
            );
        });
        await job.postQuoted();
        await chain.rewinding(async () => {
            const trace = await send(job, job.client, JobEscrow.createApproveFullBody(), SETTLED('ApproveFull'));
            measure(`job.approve${suffix}`, trace, provider, job);
        });
        await chain.rewinding(async () => {
            const signature = sign(approveFullHash(await job.jobKey()), job.clientKey.secretKey);
            const body = JobEscrow.createApproveFullBody({ signature });
            const trace = await send(job, provider.operator, body, SETTLED('ApproveFull'));
            measure(`job.approveSigned${suffix}`, trace, provider, job);
        });
        await chain.rewinding(async () => {
            measure(`job.submit${suffix}`, await job.submit(), provider, job);
            chain.at((await job.data()).deadline);
            const trace = await send(job, stranger, JobEscrow.createFinalizeJobBody(), SETTLED('FinalizeJob'));
            measure(`job.finalize${suffix}`, trace, provider, job);
        });
        await chain.rewinding(async () => {
            chain.at((await job.data()).deadline);
            const trace = await send(job, stranger, JobEscrow.createExpireJobBody(), [
                'ExpireJob',
                'SlashCollateral',
                'JobClosed',
                'SlashShare',
                'SlashShare',
            ]);
            measure(`job.expire${suffix}`, trace, provider, job);
        });
        return job;
    };

    await accepted();
    const job = await chain.rewinding(async () => {
        const measured = await jobScenarios('');
        const trace = await chain.send(stranger, {
            to: measured.escrow,
            value: PLENTY,
            body: JobEscrow.createApproveFullBody(),
        });
        expectTrace(trace, [
            { op: 'ApproveFull', exitCode: 0x101 },
            { op: 'bounced ApproveFull', to: stranger },
        ]);
        measure('reject.wrongSender', trace, provider, measured);
        return measured;
    });

    await chain.rewinding(async () => {
        // A plain transfer is the provider's, and waits in the till.
        await chain.send(stranger, { to: provider.till, value: toNano(3) });
        const trace = await chain.send(provider.owner, {
            to: provider.till,
            value: PLENTY,
            body: PayoutSettlement.createWithdrawBody(),
        });
        expectOps(trace, 'Withdraw', 'Payout', 'Excesses');
        measure('till.withdraw', trace, provider, job);
    });

    await measureChannels(provider, (name, cost) => {
        progress(name);
        costs.set(name, cost);
    });

    await measureAttestations(prices, (name, cost) => {
        progress(name);
        costs.set(name, cost);
    });

    for (let taken = 1; taken < HOT_SLOTS - 1; taken++) {
        await accepted();
    }
    for (let taken = 0; taken < OWNER_SLOTS; taken++) {
        const byHand = await prepare();
        await byHand.post();
        await byHand.accept('owner');
    }
    await jobScenarios('.full');
    return costs;
}

const SETTLED = (op: string) => [op, 'Settle', 'ReleaseCollateral', 'JobClosed', 'Payout'];

async function send(job: Job, from: Wallet, body: Cell, ops: string[]): Promise<Trace> {
    const trace = await job.chain.send(from, { to: job.escrow, value: PLENTY, body });
    expectOps(trace, ...ops);
    return trace;
}

/** A scenario that took another way than it is named for must not be measured. */
function expectOps(trace: Trace, ...ops: string[]): void {
    expectTrace(
        trace,
        ops.map((op) => ({ op })),
    );
}
