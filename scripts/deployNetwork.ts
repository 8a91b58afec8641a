import { toNano } from '@ton/core';
import { createNetworkParamsCell, Market, NetworkParams, Registry, verifierAddress } from '../wrappers';
import { requireNeededVersion } from './lib/chain';
import { describeNetwork, enterRegistry, deploymentPath, written } from './lib/deployments';
import { paramsFlags, paramsWith } from './lib/files';
import { requireRootFit, rootFlag } from './lib/roots';
import { byDefault, Context, flag, optional, ScriptError, script, Values } from './lib/script';

const DAY = 86_400;

const flags = {
    ...paramsFlags,
    salt: byDefault(flag.whole('Tells several networks of a governor apart'), 0n, '0'),
    root: optional(
        rootFlag('Instead of --verifier: its own from the start, with this root; deployVerifier comes next'),
    ),
};

/** Basis points of what providers earn, where nobody says otherwise. */
export const DEFAULT_FEE_BPS = 200;

/** Deploys and opens a network, with the wallet as its governor. */
export const run = script('deployNetwork', {
    about:
        'Deploys and opens a network with you as its governor. Unless told otherwise: 2 % fee, 100 TON least stake, 14 days to ' +
        'unbond, 2 days of timelock, no verifier, yourself as treasury and arbiter (a client cannot be its own arbiter).',
    example: '--fee-bps 200 --min-stake 100 --treasury EQ… --arbiter EQ… --root intel',
    flags,
    opensNetwork: true,
    async reached(context) {
        const { deployment, chain, flags, me } = context;
        const registry = context.connection.open(await registryOf(context));
        enterRegistry(flags.file ?? deploymentPath(chain), deployment, registry.address);
        const info = (await context.exists('registry', registry.address)) ? await registry.getRegistry() : null;
        if (!info?.params) {
            return null;
        }
        deployment.identity = { governor: written(me), salt: flags.salt.toString() };
        Object.assign(deployment, describeNetwork(info.params, context.hashes));
        const wanted = createNetworkParamsCell(await paramsOf(context, info.params));
        return wanted.equals(createNetworkParamsCell(info.params))
            ? `The network is open.${flags.root ? ' Run deployVerifier with the same root, if you have not yet.' : ''}`
            : 'The network is open, with other parameters than yours; change them with proposeParams.';
    },
    async act(context) {
        const { via, chain, connection, flags, me, sending } = context;
        requireNeededVersion(chain);
        const params = await paramsOf(context, {
            feeBps: DEFAULT_FEE_BPS,
            minStake: toNano(100),
            unbondingPeriod: 14 * DAY,
            timelockDelay: 2 * DAY,
            treasury: me,
            arbiter: me,
            verifier: null,
        });
        const { globalId: networkId, prices } = chain;
        await Market.openNetwork(via, {
            ...sending,
            connection,
            prices,
            networkId,
            governor: me,
            salt: flags.salt,
            params,
        });
    },
});

/** The parameters that the flags name, others as they are here. */
async function paramsOf(context: Context<Values<typeof flags>>, base: NetworkParams): Promise<NetworkParams> {
    const { root, ...named } = context.flags;
    if (!root) {
        return paramsWith(named, base);
    }
    if (named.verifier !== undefined) {
        throw new ScriptError('bad-argument', '--verifier and --root exclude each other; pass one of them');
    }
    requireRootFit(root, context.chain);
    const verifier = await verifierAddress({ registry: (await registryOf(context)).address, root });
    return { ...paramsWith(named, base), verifier };
}

function registryOf({ chain, me, flags }: Context<{ salt: bigint }>): Promise<Registry> {
    return Registry.createFromConfig({ networkId: chain.globalId, governor: me, salt: flags.salt }, chain.prices);
}
