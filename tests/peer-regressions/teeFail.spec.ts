/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { Cell, toNano } from '@ton/core';
import { Arbiter } from '../../demo/arbiter';
import { InferenceEngine } from '../../worker/node';
import { forwardFee, slashValue } from '../../wrappers/fees';
import { internalFrom, verdictBody } from '../fixtures/jobs';
import { DAY, PLENTY, toRegistry, toStake, useMarket } from '../fixtures/stakes';
import { requireSubstance, settled, slashed } from '../flow/expected';
import { BOND, COLLATERAL, describeFlow, modelFile, PRICE, Stage, work } from '../flow/stage';
import { networkParamsCell } from '../helpers/cells';
import { Wallet } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { JOB_ACCEPTED } from '../helpers/layout';
import { body } from '../helpers/network';
import { expectTrace, received } from '../helpers/traces';
import { attestation, VERIFIER } from './attested';
import { FAILURES } from './failures';
import { recordOf } from './support';

const ATTESTED = 1;

// There attestation is all that stands between a client and a machine. Here the thief of attestation keys still needs a stake, can
// be challenged, and is slashed by what re-execution says: guarantees 5, 8 and 9.
describe(FAILURES.teeFail.extractedKeys, () => {
    describe('on chain', () => {
        const minStake = toNano(100);
        const m = useMarket({ params: { verifier: VERIFIER, minStake }, amount: minStake }, async () => {
            const body = attestation(m.provider, m.now + 365 * DAY);
            await m.stepped(VERIFIER, { to: m.stake, value: PLENTY, body });
        });
        const terms = { tier: ATTESTED, requiredCollateral: toNano(20) };

        async function accepted(): Promise<Job> {
            const job = await Job.prepare(m.provider, { terms });
            await job.postQuoted();
            return job;
        }

        it('frees nobody from minimum stake and collateral', async () => {
            const job = await Job.prepare(m.provider, { terms });
            await job.post();
            const accept = { to: m.stake, value: PLENTY, body: await job.acceptBody() };
            await m.chain.rewinding(async () => {
                await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(1n) });
                await m.refused(m.operator, accept, 'JAILED');
            });
            await m.chain.rewinding(async () => {
                const large = await Job.prepare(m.provider, {
                    nonce: 2n,
                    terms: { ...terms, requiredCollateral: minStake + 1n },
                });
                await large.post();
                await m.refused(
                    m.operator,
                    { to: m.stake, value: PLENTY, body: await large.acceptBody() },
                    'INSUFFICIENT_STAKE',
                );
            });
            await job.accept();
            expect((await job.data()).state).toBe(JOB_ACCEPTED);
            expect((await m.data()).locked).toBe(terms.requiredCollateral);
        });

        /** The whole collateral, half to the client, or the part of it that lateness costs. */
        async function expectSlash(job: Job, by: Wallet, op: string, message: Cell, cut: bigint) {
            const { escrow, client } = job;
            const share = cut / 2n - forwardFee(m.prices);
            const trace = await m.send(by, { to: escrow, value: PLENTY, body: message });
            expectTrace(trace, [
                { from: by, to: escrow, op, destroyed: true },
                { from: escrow, to: m.stake, op: 'SlashCollateral', value: slashValue(m.prices) },
                { from: escrow, to: client, op: 'JobClosed' },
                { from: m.stake, to: client, op: 'SlashShare', value: share },
                { from: m.stake, to: m.network.treasury, op: 'SlashShare', value: share },
            ]);
            expect(received(trace, client, 'JobClosed')).toBeGreaterThan(job.terms.price);
            expect(await m.data()).toMatchObject({ stake: minStake - cut, locked: 0n });
            expect((await m.config()).attestedUntil).toBeGreaterThan(m.now);
        }

        it('saves no challenged, late or silent provider from the slash', async () => {
            const { requiredCollateral: whole } = terms;
            await m.chain.rewinding(async () => {
                const job = await accepted();
                await job.submit();
                await job.challenge();
                await expectSlash(job, m.network.arbiter, 'Verdict', verdictBody(true, 10_000), whole);
                expect(await recordOf(m.chain, m.stake)).toMatchObject({ wrong: 1, settled: 0 });
            });
            await m.chain.rewinding(async () => {
                const job = await accepted();
                m.chain.pass(job.terms.deliverWithin);
                await expectSlash(job, m.stranger, 'ExpireJob', body('ExpireJob').endCell(), whole / 10n);
            });
            const job = await accepted();
            await job.submit();
            await job.demand();
            m.chain.pass(job.terms.responseWindow);
            await expectSlash(job, m.stranger, 'ExpireDemand', body('ExpireDemand').endCell(), whole);
            expect(await recordOf(m.chain, m.stake)).toMatchObject({ undelivered: 1, settled: 0 });
        });
    });

    /** The network gets a verifier, and the verifier attests this provider's keys. */
    async function attested({ chain, network, provider }: Stage): Promise<void> {
        const params = networkParamsCell({ ...network.params, verifier: VERIFIER });
        const tell = (message: Cell) =>
            chain.send(network.governor, { to: network.registry, value: PLENTY, body: message });
        await tell(toRegistry.proposeParams(params));
        chain.pass(network.params.timelockDelay);
        await tell(toRegistry.execute());
        await tell(toRegistry.sync(provider.owner.address));
        const verdict = attestation(provider, chain.now + 365 * DAY);
        await chain.blockchain.sendMessage(internalFrom(VERIFIER, provider.stake, PLENTY, verdict));
    }

    /** One class of the batch is another one's. */
    const cheating = (engine: InferenceEngine): InferenceEngine => ({
        ...engine,
        run: async (input) => {
            const classes = await engine.run(input);
            classes[7] = (classes[7]! + 1) % 10;
            return classes;
        },
    });

    describeFlow('by re-execution', (play) => {
        it.each([
            ['slashes an attested worker whose result is wrong', true],
            ['pays an attested worker whose result is right', false],
        ])('%s', (_, wrong) =>
            play(async (stage) => {
                requireSubstance(stage);
                const { market, client, chain, network, provider, wallet } = stage;
                await attested(stage);
                const attestedUntil = chain.now + 365 * DAY;
                expect((await market.provider(provider.owner.address)).stake).toMatchObject({ attestedUntil });
                const worker = await stage.hire({ engines: [wrong ? cheating(stage.engine) : stage.engine] });
                const line = stage.connect(worker);
                const order = await stage.post(line);
                await work(worker);
                expect((await client.receive(order, line)).equalsReferee).toBe(!wrong);
                chain.pass(60);
                expect(await work(worker)).toEqual(['submit']);
                await client.challenge(order);
                stage.take();
                const arbiter = new Arbiter(market, network.arbiter.getSender(), [modelFile]);
                expect(await arbiter.judge(order, await client.evidence(order.escrow))).toBe(wrong);
                const trace = stage.take();
                expectTrace(
                    trace,
                    wrong
                        ? slashed(stage, order, network.arbiter, 'Verdict', COLLATERAL)
                        : settled(stage, order, network.arbiter, 'Verdict', PRICE + BOND),
                );
                expect(received(trace, wallet, 'JobClosed') > PRICE + BOND).toBe(wrong);
                expect((await market.provider(provider.owner.address)).stake).toMatchObject({
                    stake: provider.amount - (wrong ? COLLATERAL : 0n),
                    attestedUntil,
                    record: { wrong: wrong ? 1 : 0, disputesWon: wrong ? 0 : 1 },
                });
            }),
        );
    });
});
