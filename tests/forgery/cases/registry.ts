import { DAY, PLENTY, toRegistry } from '../../fixtures/stakes';
import { policyChange } from '../../fixtures/attestation/policies';
import { hashNamed } from '../../helpers/cells';
import { body } from '../../helpers/network';
import { Scene } from '../scene';
import { attemptLt, bytes, Case, client, governor, params, stake, toRegistryOf } from './case';

const propose = async ({ market }: Scene) =>
    await market.stepped(market.governor, {
        to: market.registry,
        value: PLENTY,
        body: toRegistry.proposeModel(hashNamed('model'), bytes('a model')),
    });

export const registryCases: Case[] = [
    {
        name: 'OpenNetwork',
        contract: 'Registry',
        at: 'network',
        senders: governor,
        message: (scene) => ({
            to: scene.unopenedRegistry.address,
            init: scene.unopenedRegistry.init,
            value: PLENTY,
            body: toRegistry.open(params(scene)),
        }),
    },
    toRegistryOf('RegisterMe', 'registering', stake, async (scene) =>
        toRegistry.register(await attemptLt(scene), scene.market.provider.amount, scene.market.owner.address),
    ),
    toRegistryOf('SyncParams', 'registered', 'anyone', ({ market }) => toRegistry.sync(market.owner.address), {
        prepare: async ({ market }) =>
            await market.stepped(market.governor, {
                to: market.registry,
                value: PLENTY,
                body: toRegistry.pause(market.now + DAY),
            }),
    }),
    toRegistryOf('ProposeParams', 'network', governor, (scene) => toRegistry.proposeParams(params(scene))),
    toRegistryOf('ProposeModel', 'network', governor, () => toRegistry.proposeModel(1n, bytes('one'))),
    toRegistryOf('ProposeModel', 'network', governor, () => toRegistry.proposeModel(1n, null), {
        variant: 'that removes',
    }),
    toRegistryOf('ProposePolicy', 'network', governor, () =>
        body('ProposePolicy')
            .storeRef(policyChange.allow(1n, 2, 'image'))
            .endCell(),
    ),
    toRegistryOf('RevokeAttestation', 'network', governor, () => body('RevokeAttestation').storeUint(1, 128).endCell()),
    toRegistryOf('ExecuteProposal', 'network', 'anyone', toRegistry.execute, {
        prepare: async (scene) => {
            await propose(scene);
            scene.market.chain.pass(2 * DAY);
        },
    }),
    toRegistryOf('CancelProposal', 'network', governor, toRegistry.cancel, { prepare: propose }),
    toRegistryOf('Pause', 'network', governor, ({ market }) => toRegistry.pause(market.now + DAY)),
    toRegistryOf('ProposeGovernor', 'network', governor, ({ market }) =>
        toRegistry.proposeGovernor(market.client.address),
    ),
    toRegistryOf('AcceptGovernor', 'network', client, toRegistry.acceptGovernor, {
        prepare: async ({ market }) =>
            await market.stepped(market.governor, {
                to: market.registry,
                value: PLENTY,
                body: toRegistry.proposeGovernor(market.client.address),
            }),
    }),
];
