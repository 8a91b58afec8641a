import { script } from './lib/script';

/** Takes the office of the governor. */
export const run = script('acceptGovernor', {
    about: 'Takes the office that proposeGovernor offered you.',
    example: '',
    flags: {},
    async reached({ market, me }) {
        return (await market.network()).governor.equals(me) ? 'You are the governor.' : null;
    },
    act: ({ registry, via, sending }) => registry.sendAcceptGovernor(via, sending),
});
