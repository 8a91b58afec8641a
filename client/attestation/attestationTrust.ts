import type { Collateral } from '@phala/dcap-qvl';
import { AttestationRefusedError } from './attestationRefusedError';

/** What Intel says of a platform: as its service, or a cache of it, returns it. */
export type QuoteCollateral = Collateral;

/** How long a service may take to bring collateral, in milliseconds of this machine's clock. */
export const COLLATERAL_TIMEOUT_MS = 30_000;

/** Whom a client believes about machines. */
export interface AttestationTrust {
    /**
     * Brings Intel's word on the platform of a quote. Everything in it is verified up to the root, so a cache may bring it. It has to hold:
     *
     * - TCB info for TDX and the identity of the TD quoting enclave, to the byte as they were signed, with their signatures; the chain of
     *   either is `Intel SGX TCB Signing` and the root;
     * - the root's revocation list, and that of the very CA that issued the PCK, in DER, as bytes or as hexadecimal digits. For a PCK of
     *   the platform CA that is `pckcrl?ca=platform`: `getCollateral()` of `@phala/dcap-qvl` 0.3.9 asks for `ca=processor` always, and what
     *   it brings is refused then. Its `getCollateralForFmspc(url, fmspc, 'platform', false)` asks for the right one.
     *
     * A list or statement whose nextUpdate has passed is refused, and so is a provider while there is no fresh one.
     */
    collateral: (quote: Uint8Array) => Promise<QuoteCollateral>;
    /** How long that may take, in milliseconds; {@link COLLATERAL_TIMEOUT_MS} by default. */
    timeoutMs?: number;
    /** DER of the root certificate; Intel's SGX root CA by default. Its key has to be the one that the network's verifier pins. */
    rootCertificate?: Uint8Array;
    /**
     * SHA-256 of MRTD and RTMR0 to RTMR3 of the images that this client accepts, of those that the network allows. By default all of
     * them: then the network's governor says which software may read what is sealed.
     */
    images?: ReadonlySet<bigint>;
}

const TEXTS = [
    'tcb_info',
    'tcb_info_issuer_chain',
    'qe_identity',
    'qe_identity_issuer_chain',
    'pck_crl_issuer_chain',
] as const;
const BYTES = ['root_ca_crl', 'pck_crl', 'tcb_info_signature', 'qe_identity_signature'] as const;

/**
 * What was brought, copied once, every part of the type that it has to be and no other part: a text that were an object could be one
 * thing to who verifies its signature, and another to who reads it.
 *
 * @throws Error that names the first part which is not as it should be
 */
export function plainCollateral(brought: QuoteCollateral): QuoteCollateral {
    if (typeof brought !== 'object' || brought === null) {
        throw new Error('it is no object');
    }
    const plain: Partial<QuoteCollateral> = {};
    for (const part of TEXTS) {
        const text: unknown = brought[part];
        if (typeof text !== 'string') {
            throw new Error(`${part} is no string`);
        }
        plain[part] = text;
    }
    for (const part of BYTES) {
        const bytes: unknown = brought[part];
        if (typeof bytes === 'string') {
            plain[part] = bytes;
            continue;
        }
        const numbers =
            Array.isArray(bytes) || bytes instanceof Uint8Array ? Array.from(bytes as ArrayLike<unknown>) : [undefined];
        if (
            !numbers.every(
                (byte): byte is number => Number.isInteger(byte) && (byte as number) >= 0 && (byte as number) < 256,
            )
        ) {
            throw new Error(`${part} is neither hexadecimal digits nor bytes`);
        }
        plain[part] = numbers;
    }
    return plain as QuoteCollateral;
}

/**
 * Collateral for a quote.
 *
 * @throws AttestationRefusedError with the check `collateral` if it cannot be fetched in time
 */
export async function fetchCollateral(trust: AttestationTrust, quote: Uint8Array): Promise<QuoteCollateral> {
    const { timeoutMs = COLLATERAL_TIMEOUT_MS } = trust;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
        return await Promise.race([trust.collateral(quote), late]);
    } catch (error) {
        const text = `it cannot be fetched: ${error instanceof Error ? error.message : String(error)}`;
        throw new AttestationRefusedError([{ check: 'collateral', text }]);
    } finally {
        clearTimeout(timer);
    }
}
