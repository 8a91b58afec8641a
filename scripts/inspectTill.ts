import { inPercent, inTon } from './lib/output';
import { inspection, ownerFlag } from './lib/script';

/** Shows a provider's till. */
export const run = inspection('inspectTill', {
    about: "Shows a provider's till: what it can pay, what it owes the treasury, and who is paid.",
    example: '--owner EQ…',
    flags: { owner: ownerFlag },
    async read(context) {
        const { till, settlementAddress } = await context.tillOf(context.flags.owner);
        return {
            till: {
                address: settlementAddress,
                owner: till.owner,
                treasury: till.treasury,
                version: till.version,
                fee: inPercent(till.feeBps),
                withdrawable: inTon(till.withdrawable),
                feesDue: inTon(till.feesDue),
                threshold: inTon(till.threshold),
            },
            payees: Object.fromEntries(till.payees.map(({ address, bps }) => [address.toString(), inPercent(bps)])),
        };
    },
});
