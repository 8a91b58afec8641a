/** What a client looks at before it seals anything for a provider of the tier Attested; docs/attestation.md. */
export type AttestationCheck =
    | 'verifier'
    | 'tier'
    | 'quote'
    | 'root'
    | 'certificates'
    | 'collateral'
    | 'library'
    | 'tdx-module'
    | 'trust-domain'
    | 'measurement'
    | 'platform'
    | 'quoting-enclave'
    | 'revocation'
    | 'report-data';

/** One check that failed, with the sentence for people. */
export interface FailedCheck {
    readonly check: AttestationCheck;
    readonly text: string;
}

/** A provider is not attested as far as the client can see, so nothing was sealed and nothing was sent. `failed` names every check. */
export class AttestationRefusedError extends Error {
    override readonly name = 'AttestationRefusedError';

    constructor(readonly failed: readonly FailedCheck[]) {
        super(
            `Nothing was sent, the provider is not attested: ${failed.map(({ check, text }) => `${check}: ${text}`).join('; ')}. ` +
                'Take another provider, or the tier Open if its operator may read the input',
        );
    }
}
