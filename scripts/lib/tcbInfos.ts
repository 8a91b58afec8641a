import { certificatesOfPem, SignedTcbInfo } from '../../protocol/attestation';
import { ScriptError } from './errors';
import { contentOf, Flag } from './flags';
import { count, fmspc, moment, within } from './parsers';

/** A signed TCB info, and what its JSON says; nobody has verified that here. */
export interface TcbInfo extends SignedTcbInfo {
    /** Kind of platform, 48 bits. */
    readonly fmspc: bigint;
    /** Unix seconds. */
    readonly issuedAt: number;
    /** Unix seconds: nextUpdate. */
    readonly validUntil: number;
    /** tcbEvaluationDataNumber. */
    readonly evaluation: number;
}

/** What a file of a TCB info holds: JSON to the byte, signature, and in collateral the chain of certificates. */
type Signed = Pick<SignedTcbInfo, 'json' | 'signature'> & { chain?: string };

/** A file with a TCB info: as Intel's service answers, or as caches return it with all other collateral of a quote. */
export function tcbInfoFlag(about: string): Flag<Signed> {
    return { form: 'file', about, parse: (path) => signedOf(contentOf(String(path)).toString('utf8')) };
}

/**
 * A TCB info to submit.
 *
 * @param issuerChain - PEM, the signer's certificate first; as it stands or as a header of HTTP, where it is escaped
 * @throws ScriptError `missing-argument` without the chain, `bad-argument` for JSON without the fields that tell one from another
 * @throws AttestationError `malformed-certificate`
 */
export function tcbInfoOf({ json, signature, chain }: Signed, issuerChain: Buffer | undefined): TcbInfo {
    const pem = issuerChain?.toString('latin1') ?? chain;
    if (pem === undefined) {
        throw new ScriptError(
            'missing-argument',
            'Intel sends the certificate of who signed it in the header TCB-Info-Issuer-Chain; pass that as --issuer-chain',
        );
    }
    const [certificate] = certificatesOfPem(pem.includes('%') ? decodeURIComponent(pem) : pem);
    if (!certificate) {
        throw new ScriptError('bad-argument', '--issuer-chain: holds no certificate in PEM');
    }
    const fields = JSON.parse(json) as Record<string, unknown>;
    return within('--tcb-info', () => ({
        json,
        signature,
        certificate,
        fmspc: within('fmspc', () => fmspc(fields.fmspc)),
        issuedAt: within('issueDate', () => moment(fields.issueDate)),
        validUntil: within('nextUpdate', () => moment(fields.nextUpdate)),
        evaluation: within('tcbEvaluationDataNumber', () => count(fields.tcbEvaluationDataNumber)),
    }));
}

/** Intel signs the JSON to the byte, so it is cut out and not written anew. */
function signedOf(text: string): Signed {
    const [, json, signature] = /^\s*\{"tcbInfo":(\{.*\}),"signature":"([0-9a-f]{128})"\}\s*$/is.exec(text) ?? [];
    if (json !== undefined && signature !== undefined && isObject(json)) {
        return { json, signature };
    }
    const collateral = isObject(text) ? (JSON.parse(text) as Record<string, unknown>) : {};
    const { tcb_info: info, tcb_info_signature: signed, tcb_info_issuer_chain: chain } = collateral;
    if (typeof info === 'string' && typeof signed === 'string' && typeof chain === 'string' && isObject(info)) {
        return { json: info, signature: signed, chain };
    }
    throw new ScriptError(
        'bad-argument',
        "is no TCB info; pass the answer of Intel's service as it came, or a quote's collateral with tcb_info in it",
    );
}

function isObject(text: string): boolean {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null;
    } catch {
        return false;
    }
}
