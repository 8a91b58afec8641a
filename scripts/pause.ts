import { StateError } from '../wrappers';
import { asDate } from './lib/output';
import { flag, script } from './lib/script';

/** Pauses admissions. */
export const run = script('pause', {
    about:
        'Stops new registrations for at most 7 days, as the governor; new acceptances stop too where syncParams carries it. It ' +
        'touches nothing else, and ends by itself.',
    example: '--for 12h',
    flags: { for: flag.duration('How long, at most 7d') },
    async reached({ market, now }) {
        const { pausedUntil } = await market.network();
        return now < pausedUntil ? `The network is paused until ${asDate(pausedUntil).words}.` : null;
    },
    async act({ market, registry, via, flags, now, sending }) {
        const { pausableFrom } = await market.network();
        if (now < pausableFrom) {
            throw new StateError('too-early', `The cool-down ends at ${asDate(pausableFrom).words}; wait`);
        }
        return registry.sendPause(via, { ...sending, pausedUntil: now + flags.for });
    },
});
