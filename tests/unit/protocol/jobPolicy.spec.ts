import * as p from '../../../protocol';
import * as w from '../../../wrappers';
import { addressOf, NOW, signingKeys, termsWith } from '../wrappers/fixtures';

const salt = Buffer.alloc(32, 3);
const bytes = Buffer.from('the input');
const registry = addressOf('registry');
const provider = addressOf('owner');
const client = addressOf('client');
const nonce = 5n;

const termsFor = (change: Partial<w.JobTerms> = {}) =>
    termsWith({ inputCommitment: p.inputCommitment(salt, bytes), ...change });

const policy: p.JobPolicy = {
    arbiters: [termsWith().arbiter],
    models: new Set([7n]),
    encryptionKey: termsWith().encryptionKey,
    tier: w.Tier.Open,
    minPrice: 2_000_000_000n,
    maxCollateral: 1_000_000_000n,
    minDeliverWithin: 3_600,
    maxChallengeWindow: 3_600,
    minResponseWindow: 7_200,
    maxArbitrationWindow: 86_400,
    minChallengeBond: 300_000_000n,
    maxLateSlashBps: 1_000,
    maxToClientBps: 5_000,
    maxAcceptAhead: 3_600,
    maxInputBytes: bytes.length,
    maxJobsPerClient: 2,
    maxCollateralPerClient: 2_000_000_000n,
};

let escrow: w.Derived;
let codeHash: bigint;
beforeAll(async () => {
    const stake = await w.stakeAddress(registry, provider);
    escrow = await w.deriveEscrow({ client, stake, nonce });
    codeHash = (await w.codeHashes()).jobEscrow;
});

function requestWith(change: Partial<p.JobRequest> = {}, terms: Partial<w.JobTerms> = {}): p.JobRequest {
    return {
        registry,
        provider,
        client,
        nonce,
        escrow: escrow.address,
        terms: w.packJobTerms(termsFor(terms)),
        input: { salt, bytes },
        clientJobs: 1,
        clientCollateral: 1_000_000_000n,
        now: NOW,
        ...change,
    };
}

function openingOf(terms = termsFor()): p.Opening {
    const termsHash = w.termsHashOf(terms);
    return {
        state: w.JobState.Open,
        codeHash,
        openedLt: 9n,
        termsHash,
        jobKey: w.jobKey(escrow.address, termsHash, 9n),
    };
}

async function accept(request = requestWith()): Promise<p.AcceptedTerms> {
    const decision = await p.acceptJobTerms(request, policy);
    if (!decision.ok) {
        throw new Error(decision.reasons.map(({ code }) => code).join());
    }
    return decision.accepted;
}

async function reasonsFor(request: p.JobRequest, changed: Partial<p.JobPolicy> = {}): Promise<p.JobRefusalCode[]> {
    const decision = await p.acceptJobTerms(request, { ...policy, ...changed });
    return decision.ok ? [] : decision.reasons.map(({ code }) => code);
}

it('takes a job that is exactly at every limit', async () => {
    const accepted = await accept();
    expect(accepted.escrow.equals(escrow.address)).toBe(true);
    expect(accepted.termsHash).toBe(w.termsHashOf(termsFor()));
    expect(accepted.lockUntil).toBe(w.lockUntilOf(termsFor()));
    expect(accepted.jobKey).toBeNull();
    expect(accepted.input).toEqual(bytes);
});

describe('one step beyond a limit it gives exactly that reason', () => {
    it.each<[p.JobRefusalCode, Partial<w.JobTerms>]>([
        ['unknown-model', { modelRoot: 8n }],
        ['foreign-encryption-key', { encryptionKey: 12_345n }],
        ['input-mismatch', { inputCommitment: 1n }],
        ['foreign-arbiter', { arbiter: addressOf('somebody') }],
        ['tier', { tier: w.Tier.Attested }],
        ['collateral', { requiredCollateral: 1_000_000_001n }],
        ['price', { price: 1_999_999_999n }],
        ['late-slash', { lateSlashBps: 1_001 }],
        ['challenge-bond', { challengeBond: 299_999_999n }],
        ['deliver-within', { deliverWithin: 3_599 }],
        ['challenge-window', { challengeWindow: 3_601 }],
        ['response-window', { responseWindow: 7_199 }],
        ['arbitration-window', { arbitrationWindow: 86_401 }],
        ['accept-by', { acceptBy: NOW + 3_601 }],
        ['accept-by', { acceptBy: NOW }],
    ])('%s: %j', async (code, change) => {
        const lenient = code === 'collateral' ? { maxCollateralPerClient: 1n << 63n } : {};
        expect(await reasonsFor(requestWith({}, change), lenient)).toEqual([code]);
    });

    it('to-client', async () => {
        expect(await reasonsFor(requestWith(), { maxToClientBps: 4_999 })).toEqual(['to-client']);
    });

    it('input-missing', async () => {
        expect(await reasonsFor(requestWith({ input: null }))).toEqual(['input-missing']);
    });

    it('input-mismatch, by salt, by bytes and by a short salt', async () => {
        for (const input of [
            { salt: Buffer.alloc(32, 4), bytes },
            { salt, bytes: Buffer.from('the innut') },
            { salt: salt.subarray(1), bytes },
        ]) {
            expect(await reasonsFor(requestWith({ input }))).toEqual(['input-mismatch']);
        }
    });

    it('input-too-long', async () => {
        expect(await reasonsFor(requestWith(), { maxInputBytes: bytes.length - 1 })).toEqual(['input-too-long']);
    });

    it('price of this very job', async () => {
        expect(await reasonsFor(requestWith(), { priceOf: () => 2_000_000_001n })).toEqual(['price']);
        expect(await reasonsFor(requestWith(), { priceOf: () => 2_000_000_000n })).toEqual([]);
    });

    it('lock-window, of a job that holds the collateral for more than 120 days', async () => {
        const ahead = { maxAcceptAhead: 10_000_000 };
        const room = 10_368_000 - (w.lockUntilOf(termsFor()) - NOW) + 3_600;
        expect(await reasonsFor(requestWith({}, { acceptBy: NOW + room }), ahead)).toEqual([]);
        expect(await reasonsFor(requestWith({}, { acceptBy: NOW + room + 1 }), ahead)).toEqual(['lock-window']);
    });

    it('foreign-escrow', async () => {
        expect(await reasonsFor(requestWith({ escrow: addressOf('elsewhere') }))).toEqual(['foreign-escrow']);
        expect(await reasonsFor(requestWith({ nonce: 6n }))).toEqual(['foreign-escrow']);
        expect(await reasonsFor(requestWith({ registry: addressOf('another') }))).toEqual(['foreign-escrow']);
    });

    it.each<[p.JobRefusalCode, Partial<p.Opening>]>([
        ['foreign-code', { codeHash: 1n }],
        ['job-state', { state: w.JobState.Accepted }],
        ['job-key', { jobKey: 1n }],
        ['job-key', { openedLt: 10n }],
        ['job-key', { termsHash: 1n }],
    ])('%s: %j', async (code, change) => {
        expect(await reasonsFor(requestWith({ opening: { ...openingOf(), ...change } }))).toEqual([code]);
    });

    it('client-jobs and client-collateral', async () => {
        expect(await reasonsFor(requestWith({ clientJobs: 2 }))).toEqual(['client-jobs']);
        expect(await reasonsFor(requestWith({ clientCollateral: 1_000_000_001n }))).toEqual(['client-collateral']);
    });

    it('malformed-terms, with what the wrapper says about them', async () => {
        const decision = await p.acceptJobTerms(
            requestWith({ terms: w.packJobTerms(termsFor({ deliverWithin: 1 })) }),
            policy,
        );
        expect(decision).toMatchObject({ ok: false, reasons: [{ code: 'malformed-terms' }] });
        expect(!decision.ok && decision.reasons[0]!.message).toContain('deliverWithin');
        expect(await reasonsFor(requestWith({ terms: escrow.init.data }))).toEqual(['malformed-terms']);
        const byArbiter = requestWith({ client: termsFor().arbiter });
        expect(await reasonsFor(byArbiter)).toEqual(['malformed-terms']);
    });
});

it('lists all reasons at once', async () => {
    const reasons = await reasonsFor(requestWith({ input: null, clientJobs: 9 }, { price: 1n, modelRoot: 9n }));
    expect(reasons.sort()).toEqual(['client-jobs', 'input-missing', 'price', 'unknown-model']);
});

describe('nothing skips the examination', () => {
    const codeOf = async (act: () => unknown) => {
        try {
            await act();
        } catch (error) {
            return (error as w.MarketError).code;
        }
        return null;
    };
    const issue = { secretKey: signingKeys.secretKey, now: NOW };

    it('a copy of accepted terms is none', async () => {
        const copy = { ...(await accept()) } as p.AcceptedTerms;
        expect(await codeOf(() => p.issueQuote(copy, issue))).toBe('policy-refused');
        expect(await codeOf(() => p.acceptOptions(copy))).toBe('policy-refused');
        expect(await codeOf(() => p.serveAccepted(copy, { ...openingOf(), deadline: 0 }))).toBe('policy-refused');
    });

    it('accepted terms cannot be changed afterwards', async () => {
        const accepted = await accept();
        expect(() => Object.assign(accepted, { termsHash: 1n })).toThrow(TypeError);
        expect(() => Object.assign(accepted.terms, { price: 1n })).toThrow(TypeError);
    });

    it('a quote is signed over what was examined, for two minutes at most', async () => {
        const accepted = await accept();
        for (const [validFor, validUntil] of [
            [undefined, NOW + 60],
            [120, NOW + 120],
            [1, NOW + 1],
        ] as const) {
            const quote = p.issueQuote(accepted, { ...issue, validFor });
            expect(quote.validUntil).toBe(validUntil);
            const fields = {
                escrow: escrow.address,
                termsHash: accepted.termsHash,
                collateral: 1_000_000_000n,
                validUntil,
            };
            expect(w.verifyHash(w.quoteHash(fields), quote.signature, signingKeys.publicKey)).toBe(true);
        }
        for (const validFor of [121, 0, -1, 1.5]) {
            expect(await codeOf(() => p.issueQuote(accepted, { ...issue, validFor }))).toBe('out-of-range');
        }
    });

    it('a quote ends at acceptBy, and none is signed from then on', async () => {
        const accepted = await accept();
        expect(p.issueQuote(accepted, { ...issue, now: NOW + 3_590 }).validUntil).toBe(NOW + 3_600);
        expect(await codeOf(() => p.issueQuote(accepted, { ...issue, now: NOW + 3_600 }))).toBe('policy-refused');
    });

    it('an acceptance by hand needs the opening that was examined', async () => {
        expect(await codeOf(async () => p.acceptOptions(await accept()))).toBe('policy-refused');
        const opening = openingOf();
        expect(p.acceptOptions(await accept(requestWith({ opening })))).toEqual({
            client,
            nonce,
            jobKey: opening.jobKey,
            collateral: 1_000_000_000n,
            lockUntil: w.lockUntilOf(termsFor()),
        });
    });

    it('a job is served once its escrow is Accepted, also a reopened one', async () => {
        const accepted = await accept();
        const onChain = { ...openingOf(), state: w.JobState.Accepted, deadline: NOW + 3_600 };
        expect(await p.serveAccepted(accepted, onChain)).toMatchObject({
            jobKey: onChain.jobKey,
            deliverBy: NOW + 3_600,
        });
        const reopened = { ...onChain, openedLt: 20n, jobKey: w.jobKey(escrow.address, accepted.termsHash, 20n) };
        expect((await p.serveAccepted(accepted, reopened)).jobKey).toBe(reopened.jobKey);
        for (const change of [
            { state: w.JobState.Quoting },
            { codeHash: 1n },
            { termsHash: 1n },
            { jobKey: 1n },
            { termsHash: null },
        ]) {
            expect(await codeOf(() => p.serveAccepted(accepted, { ...onChain, ...change }))).toBe('policy-refused');
        }
    });
});
