import { toNano } from '@ton/core';
import { createNetworkParamsCell, Market, Registry } from '../wrappers';
import { requireNeededVersion } from './lib/chain';
import { describeNetwork, enterRegistry, deploymentPath, written } from './lib/deployments';
import { paramsFlags, paramsWith } from './lib/files';
import { byDefault, Context, flag, script } from './lib/script';

const DAY = 86_400;

/** Basis points of what providers earn, where nobody says otherwise. */
export const DEFAULT_FEE_BPS = 200;

/** Deploys and opens a network, with the wallet as its governor. */
export const run = script('deployNetwork', {
    about:
        'Deploys and opens a network with you as its governor. Unless told otherwise: 2 % fee, 100 TON least stake, 14 days to ' +
        'unbond, 2 days of timelock, no verifier, yourself as treasury and arbiter (a client cannot be its own arbiter).',
    example: '--fee-bps 200 --min-stake 100 --treasury EQ… --arbiter EQ…',
    flags: { ...paramsFlags, salt: byDefault(flag.whole('Tells several networks of a governor apart'), 0n, '0') },
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
        const wanted = createNetworkParamsCell(paramsWith(flags, info.params));
        return wanted.equals(createNetworkParamsCell(info.params))
            ? 'The network is open.'
            : 'The network is open, with other parameters than yours; change them with proposeParams.';
    },
    async act({ via, chain, connection, flags, me, sending }) {
        requireNeededVersion(chain);
        const params = paramsWith(flags, {
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

function registryOf({ chain, me, flags }: Context<{ salt: bigint }>): Promise<Registry> {
    return Registry.createFromConfig({ networkId: chain.globalId, governor: me, salt: flags.salt }, chain.prices);
}
