import { ended } from './lib/jobs';
import { byDefault, flag, jobFlags, script } from './lib/script';

/** Ends a dispute. */
export const run = script('giveVerdict', {
    about: 'Ends a dispute, as its arbiter. Wrong: the client gets the price back, the provider is slashed. Right: he is paid.',
    example: '--job EQ… --provider-was wrong --slash-bps 5000',
    flags: {
        ...jobFlags,
        providerWas: flag.oneOf(['right', 'wrong'], 'Your verdict'),
        slashBps: byDefault(flag.count('Basis points of the collateral that a wrong provider loses'), 10_000, '10000'),
    },
    reached: ended,
    act: (context) =>
        context.market.giveVerdict(context.via, context.jobReference(context.flags), {
            ...context.sending,
            wrong: context.flags.providerWas === 'wrong',
            slashBps: context.flags.slashBps,
        }),
});
