import { AttestationVerifier, INTEL_ROOT } from '../wrappers';
import { written } from './lib/deployments';
import { requireRootFit, RootKey, rootFlag, rootInWords } from './lib/roots';
import { byDefault, Context, script } from './lib/script';
import { verifierAt } from './lib/verifiers';

/** Deploys a verifier for the network. */
export const run = script('deployVerifier', {
    about:
        'Deploys the contract that verifies Intel TDX quotes for this network; anybody may, and nobody owns it. It begins with a policy ' +
        'that allows no image: see proposePolicy and submitTcbInfo. The network believes it once its parameters name it.',
    example: '--root intel',
    flags: {
        root: byDefault(
            rootFlag('The root it pins: intel, or a file with the certificate (DER or PEM) of a test network'),
            INTEL_ROOT as RootKey,
            'intel',
        ),
    },
    keepsAll: true,
    async reached(context) {
        requireRootFit(context.flags.root, context.chain);
        const { address } = await verifierFor(context);
        if (!(await context.exists('attestationVerifier', address))) {
            return null;
        }
        const { root } = await verifierAt(context, address);
        const named = (await context.market.network()).params?.verifier?.equals(address);
        const next = named
            ? "The network's parameters name it."
            : `The network does not believe it yet: run proposeParams --verifier ${written(address)}.`;
        return `The verifier is deployed; its root is ${rootInWords(root)}. ${next}`;
    },
    async act(context) {
        const verifier = await verifierFor(context);
        await context.connection.open(verifier).sendDeploy(context.via, context.sending);
    },
});

function verifierFor({ market, flags, chain }: Context<{ root: RootKey }>): Promise<AttestationVerifier> {
    return AttestationVerifier.createFromConfig({ registry: market.registry, root: flags.root }, chain.prices);
}
