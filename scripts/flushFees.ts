import { fromNano } from '@ton/core';
import { dust } from '../wrappers';
import { ownerFlag, script } from './lib/script';

/** Sends the network's fees to the treasury. */
export const run = script('flushFees', {
    about: "Sends the network's fees from a provider's till to the treasury; anybody may.",
    example: '--owner EQ…',
    flags: { owner: ownerFlag },
    async reached(context) {
        const { till } = await context.tillOf(context.flags.owner);
        return till.feesDue >= dust(context.chain.prices)
            ? null
            : `The till owes the treasury ${fromNano(till.feesDue)} TON, which is not worth sending.`;
    },
    act: (context) =>
        context.market.flushFees(context.via, { ...context.sending, owner: context.flags.owner ?? context.me }),
});
