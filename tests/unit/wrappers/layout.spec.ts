import {
    CHANNEL_BOUNDS,
    ChannelOp,
    PckOp,
    VerifierOp,
    CommonOp,
    EscrowOp,
    NETWORK_BOUNDS,
    RegistryOp,
    SettlementOp,
    StakeOp,
    Tag,
    TERMS_BOUNDS,
} from '../../../wrappers';
import * as payees from '../../../wrappers/payees';
import * as profile from '../../../wrappers/profile';
import { QUOTE_MAX_SECONDS } from '../../../wrappers/quote';
import { JobOutcome, JobState, ProposalKind, RefusalReason, StakeState, Tier } from '../../../wrappers/states';
import { constantsOf, filesUnder, source } from './sources';

it('has the opcode of every message, and no other', () => {
    const messages = filesUnder('contracts', '.tact').flatMap((file) =>
        [...source(file).matchAll(/^message\((0x[0-9a-f]+)\) (\w+)/gm)].map(([, op, name]) => [name, Number(op)]),
    );
    const ours = Object.entries({
        ...RegistryOp,
        ...StakeOp,
        ...EscrowOp,
        ...SettlementOp,
        ...ChannelOp,
        ...VerifierOp,
        ...PckOp,
        ...CommonOp,
    });
    expect(messages.length).toBeGreaterThan(50);
    expect(new Map(ours)).toEqual(new Map(messages as [string, number][]));
});

it('has the bounds of the contracts', () => {
    const all = Object.assign({}, ...filesUnder('contracts', '.tact').map(constantsOf)) as Record<string, bigint>;
    const { LIFETIME_MAX_SECONDS, ...channelBounds } = CHANNEL_BOUNDS;
    expect(all.YEAR_SECONDS).toBe(BigInt(LIFETIME_MAX_SECONDS));
    for (const [name, value] of Object.entries({ ...TERMS_BOUNDS, ...NETWORK_BOUNDS, ...channelBounds })) {
        expect([name, all[name]]).toEqual([name, BigInt(value)]);
    }
    expect(all.MAX_OFFERS).toBe(BigInt(profile.MAX_OFFERS));
    expect(all.ENDPOINT_MAX_BYTES).toBe(BigInt(profile.ENDPOINT_MAX_BYTES));
    expect(all.MAX_PAYEES).toBe(BigInt(payees.MAX_PAYEES));
    expect(all.QUOTE_MAX_SECONDS).toBe(BigInt(QUOTE_MAX_SECONDS));
    for (const [name, tag] of Object.entries(Tag)) {
        const constant = 'TAG_' + name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
        expect([constant, all[constant]]).toEqual([constant, BigInt('0x' + Buffer.from(tag).toString('hex'))]);
    }
});

it('numbers states and outcomes as the contracts do', () => {
    const all = Object.assign({}, ...filesUnder('contracts', '.tact').map(constantsOf)) as Record<string, bigint>;
    const expectEnum = (prefix: string, values: Record<string, string | number>) => {
        const names = Object.entries(values).filter(([, value]) => typeof value === 'number');
        for (const [name, value] of names) {
            const constant = prefix + name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
            expect([constant, all[constant]]).toEqual([constant, BigInt(value)]);
        }
        expect(
            Object.keys(all).filter((name) => name.startsWith(prefix) && /^[A-Z_]+$/.test(name)).length,
        ).toBeGreaterThanOrEqual(names.length);
    };
    expectEnum('JOB_', JobState);
    expectEnum('OUTCOME_', JobOutcome);
    expectEnum('STAKE_', StakeState);
    expectEnum('REFUSED_', RefusalReason);
    expectEnum('TIER_', Tier);
    expectEnum('CHANGE_', ProposalKind);
});
