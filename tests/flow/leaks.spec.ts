/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { toNano } from '@ton/core';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { resultCell } from '../../protocol';
import { createRefereeEngine } from '../../worker/node';
import { attest, certificateOf, FLOOR, packed, quoteOf, withPckBody } from '../fixtures/attestation/stage';
import { quoteBytes } from '../fixtures/attestation/quotes';
import { LeakSearch, Secret } from '../helpers/leaks';
import { attestationOf, describeAttestedFlow } from './attestedStage';
import { keyOf, planted, PROMPT, Run } from './leaks/run';
import { Traces } from './leaks/traces';
import { describeFlow, modelFile, Stage } from './stage';

/** What nobody but client and worker may have. */
async function secretsOf({ provider, keys }: Stage): Promise<{ secrets: Secret[]; right: Uint8Array }> {
    const right = await createRefereeEngine(modelFile).run(planted());
    const secrets = [
        { name: 'the prompt', bytes: PROMPT },
        { name: 'the result', bytes: right },
        { name: 'the wrong result', bytes: Uint8Array.from(right).reverse() },
        { name: "the worker's encryption key", bytes: provider.encryption.stored().subarray(2) },
        { name: "the worker's signing key", bytes: provider.signing.secretKey.subarray(0, 32) },
        { name: "the client's key", bytes: keys.clientSecret.subarray(0, 32) },
    ];
    return { secrets, right };
}

/** Plays everything, and looks everywhere. */
async function expectSilence(
    stage: Stage,
    quote?: Uint8Array,
    before: (run: Run) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
    const traces = new Traces();
    try {
        const { secrets, right } = await secretsOf(stage);
        const search = new LeakSearch(secrets);
        const run = await Run.prepare(stage, traces, search, quote);
        await before(run);
        expect(Buffer.compare(await run.jobs(), right)).toBe(0);
        expect(Buffer.compare(await run.requests(), right)).toBe(0);
        if (quote) {
            await run.refusals();
        }
        await run.look();
        expect(run.transactions).toBeGreaterThan(quote ? 55 : 40);

        // The client's own file holds what is the client's, until he lets go of it.
        const orders = await run.stores.client.orders.all();
        const own = new LeakSearch([...secrets, ...orders.map(keyOf)]);
        own.folder('the file', join(traces.folder, 'client'));
        expect(own.found.map((finding) => finding.replace(/\/client\.db(-wal)?$/, ''))).toContain(
            'the prompt in the file',
        );
        expect(own.found.filter((finding) => finding.startsWith('the key of'))).not.toEqual([]);
        expect(own.found.filter((finding) => /the client's key|the worker's|the result/.test(finding))).toEqual([]);
        const lasting = new LeakSearch([...secrets, ...orders.map(keyOf)]);
        for (const order of orders) {
            await run.client.forget(order);
        }
        lasting.folder('the file, forgotten', join(traces.folder, 'client'));
        await run.close();
        for (const side of ['client', 'worker']) {
            lasting.folder(`${side}'s closed file`, join(traces.folder, side));
        }

        expect(traces.wire.length).toBeGreaterThan(quote ? 40 : 20);
        expect(traces.kinds.has('attestationReply')).toBe(quote !== undefined);
        expect(traces.errors.length).toBeGreaterThan(quote ? 18 : 6);
        traces.search(search);
        search.text('a printed key', inspect(stage.provider.encryption, { depth: 9, showHidden: true }));
        expect([search.found, lasting.found]).toEqual([[], []]);
        expect(search.searched).toBeGreaterThan(1_000_000);

        // It would have been noticed: the result as it lay in its cell before there were envelopes.
        search.cell('a plain result', resultCell(Buffer.concat([Buffer.alloc(32), right])));
        expect(search.found).toEqual(['the result in a plain result']);
    } finally {
        traces.end();
    }
}

describeFlow('a full run', (play) => {
    it('shows prompt, result and keys to nobody but client and worker', () => play((stage) => expectSilence(stage)));
});

describeAttestedFlow('a full run with an attested provider', (play) => {
    it('shows prompt, result and keys to nobody but client and worker', () =>
        play(async (stage) => {
            const { chain, provider, market } = stage;
            const spec = quoteOf(provider);
            await expectSilence(stage, quoteBytes(spec), async (run) => {
                const attestation = await attestationOf(stage);
                const quote = packed(spec);
                const first = await attest(attestation, quote, { remember: true });
                const again = await chain.send(attestation.submitter, {
                    to: certificateOf(attestation, quote.facts),
                    value: toNano(3),
                    body: withPckBody(provider, quote.quote),
                });
                await run.look([...first.transactions, ...again.transactions]);
                const { stake } = await market.provider(provider.owner.address);
                expect(stake?.attestedUntil).toBe(FLOOR.validUntil);
            });
        }));
});
