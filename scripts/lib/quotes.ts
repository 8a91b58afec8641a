import { Address, OpenedContract } from '@ton/core';
import { checkPolicy, QuoteFacts, readQuoteFacts } from '../../client/attestation';
import { PackedQuote, packQuote, readRawQuote } from '../../protocol/attestation';
import { PckCertificate, pckCertificateAddress, PckCertificateInfo } from '../../wrappers';
import type { Context } from './context';
import { contentOf, Flag } from './flags';
import { asDate } from './output';
import { KnownVerifier } from './verifiers';

/** A file with a quote as the quoting library returns it: its bytes, or those in hexadecimal. */
export function quoteFlag(about: string): Flag<Buffer> {
    return {
        form: 'file',
        about,
        parse: (path) => {
            const content = contentOf(String(path));
            const [, digits] = /^\s*(?:0x)?((?:[0-9a-f]{2})+)\s*$/i.exec(content.toString('latin1')) ?? [];
            return digits === undefined ? content : Buffer.from(digits, 'hex');
        },
    };
}

/** What the chain would make of a quote, as far as it can be told without verifying a signature. */
export interface QuoteForecast {
    packed: PackedQuote;
    facts: QuoteFacts;
    /** Unix seconds: the earlier end of PCK and issuer. */
    certificatesUntil: number;
    /** Why it would be refused, in words; none: it would be taken if its signatures are good. */
    failed: readonly string[];
    /** Unix seconds until which the tier would be Attested; 0 if image or floor are missing. */
    until: number;
}

/**
 * Holds a quote against root and policy of a verifier, and against the keys it should be over.
 *
 * @param keys - report data that the stake asks for, 64 bytes; undefined: anybody's
 * @param now - unix seconds
 * @throws AttestationError if it is no TDX quote that the chain could verify
 */
export function forecastOf(
    bytes: Buffer,
    { root, policy }: KnownVerifier,
    keys: Buffer | undefined,
    now: number,
): QuoteForecast {
    const packed = packQuote(bytes, root);
    const [leaf, issuer, last] = readRawQuote(bytes).certificates;
    const facts = readQuoteFacts(bytes);
    const verdict = checkPolicy(facts, policy, now);
    const failed = verdict.failed.map(({ text }) => text);
    const [from, certificatesUntil] = [
        Math.max(leaf!.notBefore, issuer!.notBefore),
        Math.min(leaf!.notAfter, issuer!.notAfter),
    ];
    if (now < from || now >= certificatesUntil) {
        failed.push(
            `its certificates are good from ${asDate(from).words} until ${asDate(certificatesUntil).words} only`,
        );
    }
    if (last && (last.key.x !== root.x || last.key.y !== root.y)) {
        failed.push('its certificates lead up to another root than the one that the verifier pins');
    }
    if (keys && !keys.equals(facts.reportData)) {
        failed.push("it is over other keys than those of the profile, or another provider's");
    }
    return { packed, facts, certificatesUntil, failed, until: Math.min(verdict.until, certificatesUntil) };
}

/** An account that may remember a certificate. */
export interface CertificateAccount {
    contract: OpenedContract<PckCertificate>;
    /** null: nothing is remembered there. */
    info: PckCertificateInfo | null;
}

/** The account that remembers a quote's certificate for the wallet, or would. */
export async function certificateOf(
    context: Context,
    verifier: Address,
    { facts }: PackedQuote,
): Promise<CertificateAccount> {
    return certificateAt(context, await pckCertificateAddress({ verifier, holder: context.me, facts }));
}

/**
 * The account at this address.
 *
 * @throws ScriptError `wrong-code` if it is another contract's
 */
export async function certificateAt(context: Context, address: Address): Promise<CertificateAccount> {
    const contract = context.connection.open(PckCertificate.createFromAddress(address, context.chain.prices));
    const info = (await context.exists('pckCertificate', address)) ? await contract.getCertificate() : null;
    return { contract, info: info?.remembered ? info : null };
}
