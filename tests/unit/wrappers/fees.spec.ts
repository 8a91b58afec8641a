import * as fees from '../../../wrappers/fees';
import * as limits from '../../../wrappers/gasLimits';
import { MAINNET_PRICES, Prices } from '../../../wrappers/prices';
import { constantsOf, source } from './sources';

/** The prices before April 2026, six times higher and with a charge per bit. */
const OLD_PRICES: Prices = {
    storage: { bitPrice: 1n, cellPrice: 500n },
    gas: { flatLimit: 100n, flatPrice: 40_000n, price: 26_214_400n },
    forward: { lumpPrice: 400_000n, bitPrice: 26_214_400n, cellPrice: 2_621_440_000n },
};

const ceilShift = (value: bigint) => value / 65_536n + (value % 65_536n === 0n ? 0n : 1n);

/** The contracts' own expressions, read from their sources and evaluated over the prices. */
function contractFees(prices: Prices): Record<string, (...args: bigint[]) => bigint> {
    const text = [
        'contracts/common/fees.tact',
        'contracts/escrow/costs.tact',
        'contracts/registry/registry.tact',
        'contracts/channel/payment_channel.tact',
    ]
        .map(source)
        .join('\n');
    const scope: Record<string, unknown> = {
        ...constantsOf('contracts/common/fees.tact'),
        max: (a: bigint, b: bigint) => (a > b ? a : b),
        getComputeFee: (gas: bigint) =>
            gas <= prices.gas.flatLimit
                ? prices.gas.flatPrice
                : prices.gas.flatPrice + ceilShift((gas - prices.gas.flatLimit) * prices.gas.price),
        getForwardFee: (cells: bigint, bits: bigint) =>
            prices.forward.lumpPrice + ceilShift(cells * prices.forward.cellPrice + bits * prices.forward.bitPrice),
        getStorageFee: (cells: bigint, bits: bigint, seconds: bigint) =>
            ceilShift((cells * prices.storage.cellPrice + bits * prices.storage.bitPrice) * seconds),
    };
    for (const [, name, args, body] of text.matchAll(/^inline fun (\w+)\(([^)]*)\): Int \{\n([^}]*)\}/gm)) {
        const names = args!.split(',').map((arg) => arg.split(':')[0]!.trim());
        const code = body!.replace(/(?<![\w.])(\d+)(?![\w.])/g, '$1n').replace(/\blet\b/g, 'const');
        scope[name!] = (...values: bigint[]) =>
            new Function('scope', ...names.filter(Boolean), `with (scope) { ${code} }`)(scope, ...values);
    }
    return scope as Record<string, (...args: bigint[]) => bigint>;
}

it('takes every constant of the contracts as it is', () => {
    const constants = constantsOf('contracts/common/fees.tact');
    expect(Object.keys(constants).length).toBeGreaterThan(30);
    for (const [name, value] of Object.entries(limits)) {
        expect([name, value]).toEqual([name, constants[name] ?? constantsOf('contracts/escrow/terms.tact')[name]]);
    }
    for (const name of Object.keys(constants).filter((key) => key.startsWith('GAS_'))) {
        expect(Object.keys(limits)).toContain(name);
    }
});

describe.each([
    ['mainnet', MAINNET_PRICES],
    ['old', OLD_PRICES],
])('at %s prices', (_, prices) => {
    const contract = contractFees(prices);
    const fwd = fees.messageFee(prices);

    it.each<[string, bigint, () => bigint]>([
        ['dust', fees.dust(prices), () => contract.dust!()],
        ['jobAcceptedValue', fees.jobAcceptedValue(prices), () => contract.jobAcceptedValue!(fwd)],
        [
            'acceptanceValue',
            fees.acceptanceValue(prices),
            () => contract.acceptanceValue!(limits.GAS_STAKE_ACCEPT, contract.jobAcceptedValue!(fwd)),
        ],
        [
            'acceptingValue',
            fees.acceptingValue(prices),
            () => contract.acceptanceValue!(limits.GAS_STAKE_ACCEPT_JOB, contract.jobAcceptedValue!(fwd)) + fwd,
        ],
        ['acceptQuoteValue', fees.acceptQuoteValue(prices), () => contract.acceptQuoteValue!(fwd)],
        ['settleValue', fees.settleValue(prices), () => contract.settleValue!(fwd)],
        ['releaseValue', fees.releaseValue(prices), () => contract.releaseValue!()],
        ['slashValue', fees.slashValue(prices), () => contract.slashValue!()],
        ['registrationValue', fees.registrationValue(prices), () => contract.registrationValue!()],
        ['tillDeploymentValue', fees.tillDeploymentValue(prices), () => contract.tillDeploymentValue!()],
        ['tillRent', fees.tillRent(prices), () => contract.tillRent!()],
        ['stakeRent', fees.stakeRent(prices), () => contract.stakeRent!()],
        ['registryRent', fees.registryRent(prices), () => contract.registryRent!()],
        ['networkOpeningValue', fees.networkOpeningValue(prices), () => contract.networkOpeningValue!()],
        ['syncingValue', fees.syncingValue(prices), () => contract.syncValue!()],
        ['openingReserve', fees.openingReserve(prices, 9_999_999n), () => contract.openingReserve!(9_999_999n, fwd)],
        ['channelRent', fees.channelRent(prices, 9_999_999n), () => contract.channelRent!(9_999_999n)],
        ['redeemingValue', fees.redeemingValue(prices), () => contract.redeemCost!(fwd)],
        ['verifierRent', fees.verifierRent(prices), () => contract.verifierRent!()],
        ['pckRent', fees.pckRent(prices), () => contract.pckRent!()],
        ['verdictValue', fees.verdictValue(prices), () => contract.verdictValue!()],
        ['rememberingValue', fees.rememberingValue(prices), () => contract.rememberingValue!()],
        ['attestingValue', fees.attestingValue(prices, false), () => contract.attestingValue!(0n)],
        ['attestingValue', fees.attestingValue(prices, true), () => contract.attestingValue!(1n)],
        ['withPckValue', fees.withPckValue(prices), () => contract.withPckValue!()],
        ['policyValue', fees.policyValue(prices), () => contract.policyValue!()],
        ['publishingCost', fees.publishingCost(prices), () => contract.publishingCost!()],
    ])('%s is what the contracts compute', (_name, ours, theirs) => {
        expect(ours).toBeGreaterThan(0n);
        expect(ours).toBe(theirs());
    });

    it('rounds up by less than one nanoTON and charges the flat price below the flat limit', () => {
        expect(fees.computeFee(prices, 0n)).toBe(prices.gas.flatPrice);
        expect(fees.computeFee(prices, prices.gas.flatLimit)).toBe(prices.gas.flatPrice);
        const one = fees.computeFee(prices, prices.gas.flatLimit + 1n) - prices.gas.flatPrice;
        expect(one * 65_536n).toBeGreaterThanOrEqual(prices.gas.price);
        expect((one - 1n) * 65_536n).toBeLessThan(prices.gas.price);
        expect(fees.storageFee(prices, 1n, 0n, 1n)).toBe(1n);
        expect(fees.storageFee(prices, 0n, 0n, 1n)).toBe(0n);
    });

    it('adds bond and amount to what must come with them', () => {
        const least = fees.publishingCost(prices);
        expect(fees.demandBond(prices, least - 1n)).toBe(least);
        expect(fees.demandBond(prices, least + 1n)).toBe(least + 1n);
        expect(fees.demandingValue(prices, 0n)).toBe(least + fees.escrowStepValue(prices));
        expect(fees.challengingValue(prices, 5n)).toBe(5n + fees.escrowStepValue(prices));
        expect(fees.settlingValue(prices, 5n)).toBe(5n + fees.settleValue(prices));
        const open = fees.postingValue(prices, { price: 7n, lockSeconds: 0n, quoted: false });
        expect(open).toBe(7n + fees.openingReserve(prices, 0n));
    });
});
