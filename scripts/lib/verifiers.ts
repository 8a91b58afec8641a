import { Address, OpenedContract } from '@ton/core';
import { AttestationVerifier, StateError, VerifierInfo } from '../../wrappers';
import type { Context } from './context';
import { written } from './deployments';
import { ScriptError } from './errors';
import { asHex, Shown } from './output';
import { shownPolicy } from './policies';
import { isIntels, rootInWords } from './roots';

/** A verifier that is there, with its root and its policy of now. */
export interface KnownVerifier extends VerifierInfo {
    contract: OpenedContract<AttestationVerifier>;
}

/**
 * The verifier that the network's parameters name.
 *
 * @throws StateError `not-found` if they name none, or it is not deployed yet
 * @throws ScriptError `wrong-code` or `wrong-deployment` if what is there serves no one here
 */
export async function verifierOf(context: Context): Promise<KnownVerifier> {
    const { params } = await context.market.network();
    if (!params?.verifier) {
        throw new StateError(
            'not-found',
            'This network has no verifier, so every provider is Open; run deployVerifier, then proposeParams --verifier',
        );
    }
    return verifierAt(context, params.verifier);
}

/**
 * A verifier that may be this network's.
 *
 * @throws as {@link verifierOf}
 */
export async function verifierAt(context: Context, address: Address): Promise<KnownVerifier> {
    if (!(await context.exists('attestationVerifier', address))) {
        throw new StateError('not-found', `No verifier is at ${written(address)} yet; run deployVerifier`);
    }
    const contract = context.connection.open(AttestationVerifier.createFromAddress(address, context.chain.prices));
    const info = await contract.getVerifier();
    if (!info.registry.equals(context.market.registry)) {
        throw new ScriptError(
            'wrong-deployment',
            `The verifier ${written(address)} obeys the Registry ${written(info.registry)}, not this one; run deployVerifier`,
        );
    }
    return { ...info, contract };
}

/** The network's verifier with root and policy for output, or in words why nobody can be attested. */
export async function shownVerifier(context: Context): Promise<object> {
    try {
        const { contract, root, policy } = await verifierOf(context);
        return {
            verifier: contract.address,
            root: new Shown(isIntels(root) ? 'intel' : 'other', rootInWords(root)),
            rootX: asHex(root.x),
            rootY: asHex(root.y),
            ...shownPolicy(policy),
        };
    } catch (error) {
        if (error instanceof StateError || error instanceof ScriptError) {
            return { verifier: null, nobody: error.message };
        }
        throw error;
    }
}
