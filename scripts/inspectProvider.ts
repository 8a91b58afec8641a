import { ProviderStake, RefusalReason, reportData, StakeState } from '../wrappers';
import { asDate, asHex, inPercent, inTon } from './lib/output';
import { inspection, ownerFlag } from './lib/script';
import { tierOf } from './lib/tiers';

/** Shows a provider. */
export const run = inspection('inspectProvider', {
    about:
        "Shows a provider's tier, and what it means, its stake, locks, track record and profile. reportData is what a quote of its " +
        'machine has to be over.',
    example: '--owner EQ…',
    flags: { owner: ownerFlag },
    async read(context) {
        const { owner, stake, stakeAddress, settlementAddress } = await context.openedProvider(context.flags.owner);
        const { record, profile } = stake;
        const locks = await context.connection.open(ProviderStake.createFromAddress(stakeAddress)).getLocks();
        return {
            provider: {
                owner,
                stake: stakeAddress,
                till: settlementAddress,
                state: StakeState[stake.state],
                tier: await tierOf(context, stake),
            },
            stake: {
                ...(stake.refusal === null ? {} : { refused: RefusalReason[stake.refusal] }),
                stake: inTon(stake.stake),
                unbonding: inTon(stake.unbonding),
                unlockAt: asDate(stake.unlockAt),
                locked: inTon(stake.locked),
                allowanceUsed: inTon(stake.allowanceUsed),
                minStake: inTon(stake.minStake),
                fee: inPercent(stake.feeBps),
                version: stake.version,
                pausedUntil: asDate(stake.pausedUntil),
                attestedUntil: asDate(stake.attestedUntil),
            },
            record: { ...record, weight: inTon(record.weight) },
            locks: Object.fromEntries(
                locks.map(({ slot, lockId, escrow, collateral, lockUntil, byHot }) => [
                    `slot ${slot}`,
                    { escrow, lockId, collateral: inTon(collateral), lockUntil: asDate(lockUntil), byHot },
                ]),
            ),
            profile: profile && {
                operator: profile.operator,
                allowanceCap: inTon(profile.allowanceCap),
                signingKey: asHex(profile.signingKey),
                encryptionKey: asHex(profile.encryptionKey),
                reportData: reportData(stakeAddress, profile.signingKey, profile.encryptionKey).toString('hex'),
                endpoint: profile.endpoint,
                offers: Object.fromEntries(
                    profile.offers.map(({ modelRoot, ...prices }) => [
                        asHex(modelRoot),
                        Object.fromEntries(Object.entries(prices).map(([unit, price]) => [unit, inTon(price)])),
                    ]),
                ),
            },
        };
    },
});
