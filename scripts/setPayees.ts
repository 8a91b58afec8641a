import { createPayeesCell } from '../wrappers';
import { payee } from './lib/files';
import { byDefault, flag, script } from './lib/script';

const NEVER = (1n << 64n) - 1n;

/** Says who gets the wallet's earnings. */
export const run = script('setPayees', {
    about: 'Says who gets your earnings (you alone without --payee), and from which sum on a payment goes out by itself.',
    example: '--payee EQ…:7000 --payee EQ…:3000 --threshold 5',
    flags: {
        payee: flag.many('address:bps', payee, 'At most four; basis points that add up to 10000'),
        threshold: byDefault(flag.ton('Sum from which a payment goes out by itself'), 0n, '0: always'),
        autopayout: byDefault(flag.oneOf(['on', 'off'], 'Off: only withdrawEarnings pays'), 'on', 'on'),
    },
    async reached(context) {
        const { till } = await context.tillOf();
        const wanted = createPayeesCell(context.flags.payee);
        const present = createPayeesCell(till.payees);
        const same = wanted && present ? wanted.equals(present) : wanted === present;
        return same && till.threshold === thresholdOf(context.flags) ? 'The till pays as you said.' : null;
    },
    act: ({ market, via, flags, sending }) =>
        market.setPayees(via, { ...sending, payees: flags.payee, threshold: thresholdOf(flags) }),
});

function thresholdOf({ threshold, autopayout }: { threshold: bigint; autopayout: string }): bigint {
    return autopayout === 'off' ? NEVER : threshold;
}
