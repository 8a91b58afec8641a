import { script } from './lib/script';
import { registration } from './lib/stakes';

/** Asks the Registry again for the wallet's stake. */
export const run = script('retryRegister', {
    about: 'Asks the Registry again to admit your stake, after a refusal.',
    example: '',
    flags: {},
    reached: registration,
    async act(context) {
        await context.openedProvider();
        return context.market.retryRegister(context.via, context.sending);
    },
});
