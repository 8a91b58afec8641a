import { Address } from '@ton/core';
import { keyPairFromSeed, sha256_sync } from '@ton/crypto';
import { JobTerms, NetworkParams, ProfileInput, Tier, toUint256 } from '../../../wrappers';

export const NOW = 1_800_000_000;

export function addressOf(name: string): Address {
    return new Address(0, sha256_sync(name));
}

export const keysOf = (name: string) => keyPairFromSeed(sha256_sync(name));

export const signingKeys = keysOf('provider signing key');
export const clientKeys = keysOf('client approval key');

export const params: NetworkParams = {
    feeBps: 200,
    minStake: 100_000_000_000n,
    unbondingPeriod: 1_209_600,
    timelockDelay: 172_800,
    treasury: addressOf('treasury'),
    arbiter: addressOf('arbiter'),
    verifier: null,
};

export const profile: ProfileInput = {
    operator: addressOf('operator'),
    allowanceCap: 50_000_000_000n,
    signingKey: signingKeys.publicKey,
    encryptionKey: sha256_sync('provider encryption key'),
    endpoint: 'https://provider.example/v1',
    offers: [{ modelRoot: 7n, prompt: 1_000n, cached: 500n, completion: 4_000n, reasoning: 3_000n }],
};

export function termsWith(change: Partial<JobTerms> = {}): JobTerms {
    return {
        price: 2_000_000_000n,
        requiredCollateral: 1_000_000_000n,
        tier: Tier.Open,
        acceptBy: NOW + 3_600,
        deliverWithin: 3_600,
        challengeWindow: 3_600,
        responseWindow: 7_200,
        arbitrationWindow: 86_400,
        challengeBond: 300_000_000n,
        lateSlashBps: 1_000,
        toClientBps: 5_000,
        clientKey: toUint256('clientKey', clientKeys.publicKey),
        arbiter: params.arbiter,
        modelRoot: 7n,
        inputCommitment: 11n,
        encryptionKey: toUint256('encryptionKey', sha256_sync('provider encryption key')),
        resultRecipientKey: toUint256('resultRecipientKey', sha256_sync('client encryption key')),
        ...change,
    };
}
