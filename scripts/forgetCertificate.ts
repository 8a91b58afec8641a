import { StateError } from '../wrappers';
import { packQuote } from '../protocol/attestation';
import { written } from './lib/deployments';
import { CertificateAccount, certificateAt, certificateOf, quoteFlag } from './lib/quotes';
import { Context, flag, optional, script, ScriptError, Values } from './lib/script';
import { verifierOf } from './lib/verifiers';

const flags = {
    certificate: optional(flag.address('Address of the PckCertificate, as attestProvider showed it')),
    quote: optional(quoteFlag('Instead of --certificate: a quote under it, raw or in hexadecimal')),
};

/** Ends a remembered certificate. */
export const run = script('forgetCertificate', {
    about:
        'Ends the account that remembers a certificate for you, and returns its rent. What was attested stays so until its end; the next ' +
        'quote brings its certificates again.',
    example: '--quote quote.bin',
    flags,
    async reached(context) {
        const { info, contract } = await accountOf(context);
        if (!info) {
            return `Nothing is remembered at ${written(contract.address)}.`;
        }
        if (!info.holder.equals(context.me)) {
            throw new StateError('wrong-state', `It is remembered for ${written(info.holder)}, who alone can end it`);
        }
        return null;
    },
    async act(context) {
        const { contract } = await accountOf(context);
        return contract.sendForgetPck(context.via, context.sending);
    },
});

async function accountOf(context: Context<Values<typeof flags>>): Promise<CertificateAccount> {
    const { certificate, quote } = context.flags;
    if ((certificate === undefined) === (quote === undefined)) {
        throw new ScriptError('missing-argument', 'Which certificate? Pass either --certificate or --quote');
    }
    if (certificate) {
        return certificateAt(context, certificate);
    }
    const { contract } = await verifierOf(context);
    return certificateOf(context, contract.address, packQuote(quote!));
}
