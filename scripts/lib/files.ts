import { Address } from '@ton/core';
import { createHash } from 'node:crypto';
import { JobTerms, NetworkParams, Payee, ProfileInput, Tier } from '../../wrappers';
import { ScriptError } from './errors';
import { flag, optional, Values } from './flags';
import {
    address,
    bytes32,
    count,
    duration,
    listOf,
    moment,
    oneOf,
    orElse,
    Parsed,
    Parser,
    shape,
    text,
    ton,
} from './parsers';

/** A provider's profile: keys in hexadecimal, amounts in TON, prices in TON per million tokens. */
export const profileFile: Parser<ProfileInput> = shape({
    operator: address,
    allowanceCap: ton,
    signingKey: bytes32,
    encryptionKey: bytes32,
    endpoint: text,
    offers: orElse(
        listOf(shape({ modelRoot: bytes32, prompt: ton, cached: ton, completion: ton, reasoning: ton })),
        [],
    ),
});

/** Every flag of a network's parameters, all optional. */
export const paramsFlags = {
    feeBps: optional(flag.count("The network's fee in basis points, at most 500")),
    minStake: optional(flag.ton('Least stake of a provider')),
    unbondingPeriod: optional(flag.duration('From requestUnbond to withdrawStake, 1d to 60d')),
    timelockDelay: optional(flag.duration('How long a proposal waits, 1d to 30d')),
    treasury: optional(flag.address('Gets fees and slashes')),
    arbiter: optional(flag.address('The arbiter that clients name by default')),
    verifier: optional(flag.text('Address of the AttestationVerifier, or none')),
};

/** The given parameters, with those changed that the flags name. */
export function paramsWith(flags: Values<typeof paramsFlags>, base: NetworkParams): NetworkParams {
    const { verifier, ...rest } = flags;
    return {
        feeBps: rest.feeBps ?? base.feeBps,
        minStake: rest.minStake ?? base.minStake,
        unbondingPeriod: rest.unbondingPeriod ?? base.unbondingPeriod,
        timelockDelay: rest.timelockDelay ?? base.timelockDelay,
        treasury: rest.treasury ?? base.treasury,
        arbiter: rest.arbiter ?? base.arbiter,
        verifier: verifier === undefined ? base.verifier : verifier === 'none' ? null : address(verifier),
    };
}

const termsFields = {
    price: ton,
    requiredCollateral: orElse(ton, undefined),
    tier: orElse(oneOf('open', 'attested'), 'open' as const),
    acceptBy: orElse(moment, undefined),
    acceptWithin: orElse(duration, 3600),
    deliverWithin: orElse(duration, 3600),
    challengeWindow: orElse(duration, 86_400),
    responseWindow: orElse(duration, 86_400),
    arbitrationWindow: orElse(duration, 604_800),
    challengeBond: ton,
    lateSlashBps: orElse(count, 1000),
    toClientBps: orElse(count, 5000),
    clientKey: bytes32,
    arbiter: orElse(address, undefined),
    modelRoot: bytes32,
    inputCommitment: bytes32,
    encryptionKey: orElse(bytes32, undefined),
    resultRecipientKey: bytes32,
};

/** A job's terms as a file holds them, with a digest of what is written: the same file is the same job. */
export type TermsFile = Parsed<typeof termsFields> & { digest: Buffer };

/** A job's terms: amounts in TON, times as durations; what is left out has a default (see deployments/README.md). */
export const termsFile: Parser<TermsFile> = (value) => ({
    ...shape(termsFields)(value),
    digest: createHash('sha256').update(JSON.stringify(value)).digest(),
});

/** The terms of a file, completed with what network, provider and clock say. */
export function termsOf(
    { tier, acceptBy, acceptWithin, requiredCollateral, arbiter, encryptionKey, digest: _digest, ...rest }: TermsFile,
    defaults: { now: number; arbiter: Address; encryptionKey: bigint },
): JobTerms {
    return {
        ...rest,
        tier: tier === 'attested' ? Tier.Attested : Tier.Open,
        acceptBy: acceptBy ?? defaults.now + acceptWithin,
        requiredCollateral: requiredCollateral ?? rest.price,
        arbiter: arbiter ?? defaults.arbiter,
        encryptionKey: encryptionKey ?? defaults.encryptionKey,
    };
}

/** A payee as `address:basis points`, say `EQ…:7000`. */
export const payee: Parser<Payee> = (value) => {
    const written = text(value);
    const colon = written.lastIndexOf(':');
    if (colon < 0) {
        throw new ScriptError('bad-argument', `"${written}" is not <address>:<basis points>`);
    }
    return { address: address(written.slice(0, colon)), bps: count(written.slice(colon + 1)) };
};
