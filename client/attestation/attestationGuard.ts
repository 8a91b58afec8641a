import { Address } from '@ton/core';
import { WireMessage } from '../../protocol/wire';
import {
    Account,
    AttestationVerifier,
    codeHashes,
    InputError,
    Market,
    openThrough,
    reportData,
    stakeAddress,
} from '../../wrappers';
import { RefusedError, WorkerConnection } from '../connection';
import { AttestationRefusedError, FailedCheck } from './attestationRefusedError';
import { AttestationTrust, fetchCollateral } from './attestationTrust';
import { examineQuote } from './examineQuote';

/** So long a quote that was found good is not looked at again; revocations since then go unseen. Seconds. */
export const RECHECK_SECONDS = 600;

/** What a guard is made of. */
export interface AttestationGuardOptions {
    market: Market;
    /** Without it nothing of the tier Attested can be sent. */
    trust: AttestationTrust | undefined;
    /** Unix seconds by the chain's clock. */
    now: () => number;
}

/** Stands between a client's plaintext and a provider that has to be attested: asks the chain, fetches the quote, verifies it again. */
export class AttestationGuard {
    private readonly good = new Map<string, number>();

    constructor(private readonly options: AttestationGuardOptions) {}

    /**
     * Returns if an encryption key lives in an attested trust domain of a provider, by the chain and by the client's own check.
     *
     * @param provider - owner of the stake
     * @param encryptionKey - what will be sealed to, by the name in the profile
     * @throws AttestationRefusedError with every check that failed; a worker that serves no quote fails `quote`
     * @throws InputError `not-found` without {@link AttestationGuardOptions.trust}
     * @throws NoAnswerError if the worker does not answer
     */
    async require(provider: Address, encryptionKey: bigint, worker: WorkerConnection): Promise<void> {
        const name = `${provider.toRawString()} ${encryptionKey}`;
        if (this.options.now() < (this.good.get(name) ?? 0)) {
            return;
        }
        this.good.delete(name);
        this.good.set(name, await this.examine(provider, encryptionKey, worker));
    }

    /** Unix seconds until which it need not be looked at again. */
    private async examine(provider: Address, encryptionKey: bigint, worker: WorkerConnection): Promise<number> {
        const { market, trust, now } = this.options;
        if (!trust) {
            const missing = 'is missing; the tier Attested asks for whom to believe about machines';
            throw new InputError('not-found', 'attestation', missing);
        }
        const { stake } = await market.provider(provider);
        const { params } = await market.network();
        if (!params?.verifier || !stake?.profile) {
            const text = params?.verifier
                ? 'there is no such provider'
                : 'this network has none, so nobody is attested';
            throw new AttestationRefusedError([{ check: 'verifier', text }]);
        }
        if (!(await isVerifier(market, params.verifier))) {
            const text = 'its account has other code than that of this version; use the client that the network names';
            throw new AttestationRefusedError([{ check: 'verifier', text }]);
        }
        const failed: FailedCheck[] = [];
        if (stake.attestedUntil <= now()) {
            const text = stake.attestedUntil > 0 ? `Attested ended at ${stake.attestedUntil}` : 'the provider is Open';
            failed.push({ check: 'tier', text });
        }
        const address = AttestationVerifier.createFromAddress(params.verifier);
        const { root, policy } = await openThrough(market.connection, address).getVerifier();
        const quote = await fetchQuote(worker);
        if (!quote) {
            throw new AttestationRefusedError([...failed, { check: 'quote', text: 'the worker shows none' }]);
        }
        const examined = examineQuote(quote, {
            rootCertificate: trust.rootCertificate,
            collateral: await fetchCollateral(trust, quote),
            root,
            policy,
            images: trust.images,
            reportData: reportData(
                await stakeAddress(market.registry, provider),
                stake.profile.signingKey,
                encryptionKey,
            ),
            now: now(),
        });
        failed.push(...examined.failed);
        if (failed.length > 0) {
            throw new AttestationRefusedError(failed);
        }
        return Math.min(now() + RECHECK_SECONDS, stake.attestedUntil, examined.until);
    }
}

/** Whether an account's code is that of a verifier, which no root and no policy changes. */
async function isVerifier({ connection }: Market, account: Address): Promise<boolean> {
    const found = await openThrough(connection, new Account(account)).getCodeHash();
    return found === (await codeHashes()).attestationVerifier;
}

/** The quote that a worker shows; undefined if it says that it has none. */
async function fetchQuote(worker: WorkerConnection): Promise<Uint8Array | undefined> {
    const requestId = globalThis.crypto.getRandomValues(new BigUint64Array(1))[0]!;
    const answer = await worker.ask({ kind: 'attestationRequest', requestId }, [
        `attestationReply:${requestId}`,
        `refusal:${requestId}`,
    ]);
    if (answer.kind === 'refusal') {
        if (answer.reasons.some(({ code }) => code === 'not-attested')) {
            return undefined;
        }
        throw new RefusedError(answer.reasons);
    }
    return (answer as Extract<WireMessage, { kind: 'attestationReply' }>).quote;
}
