import { reportData, StakeState, StateError } from '../wrappers';
import { asDate } from './lib/output';
import { certificateOf, forecastOf, quoteFlag } from './lib/quotes';
import { Context, flag, ownerFlag, script, Values } from './lib/script';
import { verifierOf } from './lib/verifiers';

const flags = {
    quote: quoteFlag("Quote that the provider's machine made, raw or in hexadecimal"),
    owner: ownerFlag,
    remember: flag.on('Has the certificate remembered for you, with five years of rent'),
};

/** Has the chain verify a quote. */
export const run = script('attestProvider', {
    about:
        "Has the chain verify a quote of a provider's Intel TDX machine: its tier is then Attested until image, floor or certificate " +
        'end; anybody may. With --remember later quotes of the same machine, sent by you, cost half; forgetCertificate returns the rent.',
    example: '--quote quote.bin --remember',
    flags,
    async reached(context) {
        const { stake, until, certificate } = await look(context);
        if (stake.attestedUntil < until || (context.flags.remember && !certificate.info)) {
            return null;
        }
        const remembered = certificate.info ? ', and the certificate is remembered for you' : '';
        return `The provider is Attested until ${asDate(stake.attestedUntil).words}${remembered}.`;
    },
    async act(context) {
        const { packed, verifier, stakeAddress, certificate } = await look(context);
        const { via, flags, sending } = context;
        const options = { ...sending, stake: stakeAddress, quote: packed.quote };
        return certificate.info
            ? certificate.contract.sendAttestWithPck(via, options)
            : verifier.contract.sendAttestQuote(via, {
                  ...options,
                  chain: packed.chain,
                  remember: flags.remember,
              });
    },
});

/** Provider, verifier and quote, which has to be good as far as can be seen from here. */
async function look(context: Context<Values<typeof flags>>) {
    const verifier = await verifierOf(context);
    const { stake, stakeAddress } = await context.openedProvider(context.flags.owner);
    if (stake.state !== StakeState.Registered || !stake.profile) {
        throw new StateError('wrong-state', 'The stake is not registered; a provider can be attested once it is');
    }
    if (!stake.verifier?.equals(verifier.contract.address)) {
        throw new StateError('wrong-state', "The stake does not know the network's verifier yet; run syncParams first");
    }
    const { signingKey, encryptionKey } = stake.profile;
    const keys = reportData(stakeAddress, signingKey, encryptionKey);
    const { failed, packed, until } = forecastOf(context.flags.quote, verifier, keys, context.now);
    if (failed.length > 0) {
        throw new StateError('wrong-state', `The chain would not take this quote: ${failed.join('; ')}`);
    }
    const certificate = await certificateOf(context, verifier.contract.address, packed);
    return { verifier, stake, stakeAddress, packed, until, certificate };
}
