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
