import { fromNano } from '@ton/core';
import { StateError } from '../wrappers';
import { written } from './lib/deployments';
import { channelPublisher, KnownPublisher } from './lib/libraries';
import { asDate } from './lib/output';
import { Context, flag, script } from './lib/script';

/** Publishes the channels' code as a library of the masterchain, or pays for it further. */
export const run = script('publishLibraries', {
    about:
        "Publishes the code of channels as a library of the masterchain, from a publisher that nobody owns, and pays the library's rent " +
        'until the given moment; anybody may, as often as it takes. What was paid cannot be taken back. Channels that end before that ' +
        'moment are then opened with one cell instead of their code.',
    example: '--until 2027-12-31T00:00:00Z',
    flags: { until: flag.moment('The library shall be paid until then, at the rent of now') },
    keepsAll: true,
    async reached(context) {
        const { publisher, state, paidUntil } = await look(context);
        if (state !== 'active' || paidUntil < context.flags.until) {
            return null;
        }
        context.deployment.libraries = { paymentChannel: { publisher: written(publisher.address), paidUntil } };
        return `The code of channels is a library, paid until ${asDate(paidUntil).words}, ${fromNano(publisher.rent(YEAR))} TON a year.`;
    },
    async act(context) {
        const { publisher, state, paidUntil } = await look(context);
        const { via, flags, sending } = context;
        const from = state === 'active' ? paidUntil : context.now;
        // Between sending and arrival rent goes on.
        const seconds = BigInt(Math.max(0, flags.until - from)) + LEEWAY;
        await via.send(publisher.getPublishTxParams({ state, seconds, ...sending }));
    },
});

const YEAR = 31_536_000n;
const LEEWAY = 3_600n;

/** The publisher, of which the chain shows enough to act. */
async function look(context: Context): Promise<KnownPublisher & { paidUntil: number }> {
    const { paidUntil, ...known } = await channelPublisher(context);
    if (paidUntil === null) {
        throw new StateError(
            'unconfirmed',
            `This API does not show the transactions of ${written(known.publisher.address)}, so it is unknown how long its rent ` +
                'lasts; use another',
        );
    }
    return { ...known, paidUntil };
}
