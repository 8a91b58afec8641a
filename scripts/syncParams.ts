import { ownerFlag, script } from './lib/script';

/** Carries the network's parameters to a provider. */
export const run = script('syncParams', {
    about: "Carries the network's parameters of now, and a pause, to a provider's stake and till; anybody may.",
    example: '--owner EQ…',
    flags: { owner: ownerFlag },
    async reached(context) {
        const { version } = await context.market.network();
        const { stake, till } = await context.tillOf(context.flags.owner);
        return stake.version >= version && till.version >= version
            ? `Stake and till have version ${version} of the parameters.`
            : null;
    },
    act: (context) =>
        context.market.syncParams(context.via, {
            ...context.sending,
            owner: context.flags.owner ?? context.me,
        }),
});
