import { beginCell, Builder, Cell, Slice } from '@ton/core';
import * as attestationBindings from '../../../build/AttestationVerifier/AttestationVerifier_AttestationVerifier';
import * as channelBindings from '../../../build/PaymentChannel/PaymentChannel_PaymentChannel';
import * as registryBindings from '../../../build/Registry/Registry_Registry';
import {
    createJobTermsCell,
    createNetworkParamsCell,
    createPartyCell,
    createPayeesCell,
    createProfileCell,
    createQuoteCell,
    JobEscrow,
    PayoutSettlement,
    ProviderStake,
    Registry,
} from '../../../wrappers';
import { tactMessages } from '../../helpers/sources';
import { attestationBodies, policyChanges } from './attestationBodies';
import { channelBodies, Golden } from './channelBodies';
import {
    addressOf,
    ED25519,
    HASH_1,
    HASH_2,
    HASH_3,
    ID_A,
    ID_B,
    ID_C,
    ID_D,
    NONE,
    raw,
    SIGNATURE,
    std,
    X25519_ALICE,
    X25519_BOB,
} from './raw';

const A = addressOf(ID_A);
const B = addressOf(ID_B);
const C = addressOf(ID_C);
const D = addressOf(ID_D);
const number = (hex: string) => BigInt(`0x${hex}`);
const bytes = (hex: string) => Buffer.from(hex, 'hex');

const queryId = 0x0102030405060708n;
const QUERY = 'x0102030405060708';

// The cells inside messages, from the schemas.

const paramsRaw = raw(`x00c8 x000000174876e800 x00127500 x0002a300 ${std(ID_A)} ${std(ID_B)} ${NONE}`);
const params = {
    feeBps: 200,
    minStake: 100_000_000_000n,
    unbondingPeriod: 14 * 86400,
    timelockDelay: 2 * 86400,
    treasury: A,
    arbiter: B,
    verifier: null,
};
const verifiedParamsRaw = raw(`x01f4 x7fffffffffffffff x004f1a00 x00278d00 ${std(ID_A)} ${std(ID_B)} ${std(ID_C)}`);
const verifiedParams = {
    feeBps: 500,
    minStake: 2n ** 63n - 1n,
    unbondingPeriod: 60 * 86400,
    timelockDelay: 30 * 86400,
    treasury: A,
    arbiter: B,
    verifier: C,
};

const profileRaw = raw(
    `${std(ID_A)} x000000746a528800 x${ED25519} x${X25519_ALICE} b1`,
    raw('x68747470733a2f2f61'), // https://a
    raw(
        `x${HASH_1} x0000000000000001 x0000000000000002 x0000000000000003 x0000000000000004 b1`,
        raw(`x${HASH_2} xffffffffffffffff x0000000000000000 x0000000005f5e100 x000000000bebc200 b0`),
    ),
);
const profile = {
    operator: A,
    allowanceCap: 500_000_000_000n,
    signingKey: number(ED25519),
    encryptionKey: number(X25519_ALICE),
    endpoint: 'https://a',
    offers: [
        { modelRoot: number(HASH_1), prompt: 1n, cached: 2n, completion: 3n, reasoning: 4n },
        {
            modelRoot: number(HASH_2),
            prompt: 2n ** 64n - 1n,
            cached: 0n,
            completion: 100_000_000n,
            reasoning: 200_000_000n,
        },
    ],
};
const bareProfileRaw = raw(`${std(ID_B)} x0000000000000000 x${ED25519} x${X25519_BOB} b0`, raw(''));
const bareProfile = {
    operator: B,
    allowanceCap: 0n,
    signingKey: number(ED25519),
    encryptionKey: number(X25519_BOB),
    endpoint: '',
    offers: [],
};

const quoteRaw = raw(`x${HASH_1} x69000000 x${SIGNATURE}`);
const quote = { termsHash: number(HASH_1), validUntil: 0x69000000, signature: bytes(SIGNATURE) };

const termsRaw = raw(
    `x00000002540be400 x00000004a817c800 x01 x6b000000 x00000078 x00000258 x00000e10 x00015180 x0000000077359400
     x09c4 x1388 x${ED25519} ${std(ID_C)}`,
    raw(`x${HASH_1} x${HASH_2}`),
    raw(`x${X25519_ALICE} x${X25519_BOB}`),
);
const terms = {
    price: 10_000_000_000n,
    requiredCollateral: 20_000_000_000n,
    tier: 1,
    acceptBy: 0x6b000000,
    deliverWithin: 120,
    challengeWindow: 600,
    responseWindow: 3600,
    arbitrationWindow: 86400,
    challengeBond: 2_000_000_000n,
    lateSlashBps: 2500,
    toClientBps: 5000,
    clientKey: number(ED25519),
    arbiter: C,
    modelRoot: number(HASH_1),
    inputCommitment: number(HASH_2),
    encryptionKey: number(X25519_ALICE),
    resultRecipientKey: number(X25519_BOB),
};

const partyRaw = raw(`${std(ID_A)} ${std(ID_B)} ${std(ID_C)}`);
const party = { settlement: A, operator: B, owner: C };

const payeesRaw = raw(
    `${std(ID_A)} x1770 b1`,
    raw(`${std(ID_B)} x0bb8 b1`, raw(`${std(ID_C)} x03e7 b1`, raw(`${std(ID_D)} x0001 b0`))),
);
const payees = [
    { address: A, bps: 6000 },
    { address: B, bps: 3000 },
    { address: C, bps: 999 },
    { address: D, bps: 1 },
];

const ciphertextRaw = raw('xdeadbeef', raw('x00'));

const noQueryId = new Set(['ProviderRegistered', 'ProfileUpdated']);

const goldens: Record<string, Golden | Golden[]> = {
    // common.tlb
    Excesses: { hand: raw(`xd53276db ${QUERY}`) },

    // registry.tlb
    OpenNetwork: [
        {
            hand: raw(`x52470001 ${QUERY}`, paramsRaw),
            fields: { params: paramsRaw },
            wrapper: () => Registry.createOpenNetworkBody({ queryId, params }),
        },
        {
            hand: raw(`x52470001 ${QUERY}`, verifiedParamsRaw),
            fields: { params: verifiedParamsRaw },
            wrapper: () => Registry.createOpenNetworkBody({ queryId, params: verifiedParams }),
        },
    ],
    RegisterMe: {
        hand: raw(`x52470002 ${QUERY} x000000e8d4a51000 ${std(ID_D)}`),
        fields: { amount: 1_000_000_000_000n, owner: D },
        wrapper: () => Registry.createRegisterMeBody({ queryId, amount: 1_000_000_000_000n, owner: D }),
    },
    SyncParams: {
        hand: raw(`x52470003 ${QUERY} ${std(ID_D)}`),
        fields: { owner: D },
        wrapper: () => Registry.createSyncParamsBody({ queryId, owner: D }),
    },
    ProposeParams: {
        hand: raw(`x52470004 ${QUERY}`, paramsRaw),
        fields: { params: paramsRaw },
        wrapper: () => Registry.createProposeParamsBody({ queryId, params }),
    },
    ProposeModel: [
        {
            hand: raw(`x52470005 ${QUERY} x${HASH_1} b1`, raw('x6d31')),
            fields: { modelRoot: number(HASH_1), descriptor: raw('x6d31') },
            wrapper: () => Registry.createProposeModelBody({ queryId, modelRoot: bytes(HASH_1), descriptor: 'm1' }),
        },
        {
            hand: raw(`x52470005 ${QUERY} x${HASH_1} b0`),
            fields: { modelRoot: number(HASH_1), descriptor: null },
            wrapper: () => Registry.createProposeModelBody({ queryId, modelRoot: number(HASH_1), descriptor: null }),
        },
    ],
    ExecuteProposal: {
        hand: raw(`x52470006 ${QUERY}`),
        wrapper: () => Registry.createExecuteProposalBody({ queryId }),
    },
    CancelProposal: {
        hand: raw(`x52470007 ${QUERY}`),
        wrapper: () => Registry.createCancelProposalBody({ queryId }),
    },
    Pause: {
        hand: raw(`x52470008 ${QUERY} x69abcdef`),
        fields: { pausedUntil: 0x69abcdefn },
        wrapper: () => Registry.createPauseBody({ queryId, pausedUntil: 0x69abcdef }),
    },
    ProposeGovernor: {
        hand: raw(`x52470009 ${QUERY} ${std(ID_A)}`),
        fields: { governor: A },
        wrapper: () => Registry.createProposeGovernorBody({ queryId, governor: A }),
    },
    AcceptGovernor: {
        hand: raw(`x5247000a ${QUERY}`),
        wrapper: () => Registry.createAcceptGovernorBody({ queryId }),
    },

    // staking.tlb
    OpenStake: [
        {
            hand: raw(`x53540001 ${QUERY} x000000e8d4a51000`, profileRaw),
            fields: { amount: 1_000_000_000_000n, profile: profileRaw },
            wrapper: () => ProviderStake.createOpenStakeBody({ queryId, amount: 1_000_000_000_000n, profile }),
        },
        {
            hand: raw(`x53540001 ${QUERY} x0000000000000001`, bareProfileRaw),
            fields: { amount: 1n, profile: bareProfileRaw },
            wrapper: () => ProviderStake.createOpenStakeBody({ queryId, amount: 1n, profile: bareProfile }),
        },
    ],
    AcceptQuote: {
        hand: raw(`x53540002 ${QUERY} x00000004a817c800 ${std(ID_A)} xfedcba9876543210 x6c000000`, quoteRaw),
        fields: {
            collateral: 20_000_000_000n,
            client: A,
            nonce: 0xfedcba9876543210n,
            lockUntil: 0x6c000000n,
            quote: quoteRaw,
        },
        wrapper: () =>
            ProviderStake.createAcceptQuoteBody({
                queryId,
                collateral: 20_000_000_000n,
                client: A,
                nonce: 0xfedcba9876543210n,
                lockUntil: 0x6c000000,
                quote,
            }),
    },
    AcceptJob: {
        hand: raw(`x53540003 ${QUERY} x00000004a817c800 ${std(ID_A)} xfedcba9876543210 x${HASH_1} x6c000000`),
        fields: {
            collateral: 20_000_000_000n,
            client: A,
            nonce: 0xfedcba9876543210n,
            jobKey: number(HASH_1),
            lockUntil: 0x6c000000n,
        },
        wrapper: () =>
            ProviderStake.createAcceptJobBody({
                queryId,
                collateral: 20_000_000_000n,
                client: A,
                nonce: 0xfedcba9876543210n,
                jobKey: bytes(HASH_1),
                lockUntil: 0x6c000000,
            }),
    },
    ReleaseCollateral: {
        hand: raw(`x53540004 ${QUERY} xe0 x00000002540be400 x02`),
        fields: { slot: 224n, paid: 10_000_000_000n, outcome: 2n },
        wrapper: () =>
            ProviderStake.createReleaseCollateralBody({ queryId, slot: 224, paid: 10_000_000_000n, outcome: 2 }),
    },
    SlashCollateral: {
        hand: raw(`x53540005 ${QUERY} xff x00000004a817c800 ${std(ID_A)} x1388 x05`),
        fields: { slot: 255n, amount: 20_000_000_000n, client: A, toClientBps: 5000n, reason: 5n },
        wrapper: () =>
            ProviderStake.createSlashCollateralBody({
                queryId,
                slot: 255,
                amount: 20_000_000_000n,
                client: A,
                toClientBps: 5000,
                reason: 5,
            }),
    },
    ReleaseStaleLock: {
        hand: raw(`x53540006 ${QUERY} x07`),
        fields: { slot: 7n },
        wrapper: () => ProviderStake.createReleaseStaleLockBody({ queryId, slot: 7 }),
    },
    TopUpStake: {
        hand: raw(`x53540007 ${QUERY} x0000000000000003`),
        fields: { amount: 3n },
        wrapper: () => ProviderStake.createTopUpStakeBody({ queryId, amount: 3n }),
    },
    UpdateProfile: {
        hand: raw(`x53540008 ${QUERY}`, profileRaw),
        fields: { profile: profileRaw },
        wrapper: () => ProviderStake.createUpdateProfileBody({ queryId, profile }),
    },
    ResetAllowanceUsed: {
        hand: raw(`x53540009 ${QUERY}`),
        wrapper: () => ProviderStake.createResetAllowanceUsedBody({ queryId }),
    },
    RequestUnbond: {
        hand: raw(`x5354000a ${QUERY} x000000746a528800`),
        fields: { amount: 500_000_000_000n },
        wrapper: () => ProviderStake.createRequestUnbondBody({ queryId, amount: 500_000_000_000n }),
    },
    CancelUnbond: {
        hand: raw(`x5354000b ${QUERY}`),
        wrapper: () => ProviderStake.createCancelUnbondBody({ queryId }),
    },
    WithdrawStake: {
        hand: raw(`x5354000c ${QUERY}`),
        wrapper: () => ProviderStake.createWithdrawStakeBody({ queryId }),
    },
    RetryRegister: {
        hand: raw(`x5354000d ${QUERY}`),
        wrapper: () => ProviderStake.createRetryRegisterBody({ queryId }),
    },
    WithdrawUnregistered: {
        hand: raw(`x5354000e ${QUERY}`),
        wrapper: () => ProviderStake.createWithdrawUnregisteredBody({ queryId }),
    },
    Initialise: {
        hand: raw(`x5354000f ${QUERY} x00000009 x69abcdef`, paramsRaw),
        fields: { version: 9n, pausedUntil: 0x69abcdefn, params: paramsRaw },
        wrapper: () => ProviderStake.createInitialiseBody({ queryId, version: 9, pausedUntil: 0x69abcdef, params }),
    },
    RegistrationRefused: {
        hand: raw(`x53540010 ${QUERY} xff`),
        fields: { reason: 255n },
        wrapper: () => ProviderStake.createRegistrationRefusedBody({ queryId, reason: 255 }),
    },
    UpdateParams: {
        hand: raw(`x53540011 ${QUERY} x00000009 x69abcdef ${std(ID_D)}`, verifiedParamsRaw),
        fields: { version: 9n, pausedUntil: 0x69abcdefn, excessesTo: D, params: verifiedParamsRaw },
        wrapper: () =>
            ProviderStake.createUpdateParamsBody({
                queryId,
                version: 9,
                pausedUntil: 0x69abcdef,
                excessesTo: D,
                params: verifiedParams,
            }),
    },
    AttestationVerdict: {
        hand: raw(`x53540012 ${QUERY} x${HASH_1} x69abcdef x${HASH_2} x${'00'.repeat(32)}`),
        fields: {
            measurement: number(HASH_1),
            validUntil: 0x69abcdefn,
            reportData: bytes(HASH_2 + '00'.repeat(32)),
        },
        wrapper: () =>
            ProviderStake.createAttestationVerdictBody({
                queryId,
                measurement: bytes(HASH_1),
                validUntil: 0x69abcdef,
                reportData: bytes(HASH_2 + '00'.repeat(32)),
            }),
    },
    ProviderRegistered: {
        hand: raw(`x53540013 ${std(ID_D)} x000000e8d4a51000`, profileRaw),
        fields: { owner: D, stake: 1_000_000_000_000n, profile: profileRaw },
    },
    ProfileUpdated: {
        hand: raw(`x53540014 ${std(ID_D)}`, bareProfileRaw),
        fields: { owner: D, profile: bareProfileRaw },
    },
    SlashShare: {
        hand: raw(`x53540015 ${QUERY}`),
        wrapper: () => ProviderStake.createSlashShareBody({ queryId }),
    },

    // escrow.tlb
    PostJob: [
        {
            hand: raw(`x4a450001 ${QUERY} b0`, termsRaw),
            fields: { terms: termsRaw, quote: null },
            wrapper: () => JobEscrow.createPostJobBody({ queryId, terms }),
        },
        {
            hand: raw(`x4a450001 ${QUERY} b1`, termsRaw, quoteRaw),
            fields: { terms: termsRaw, quote: quoteRaw },
            wrapper: () => JobEscrow.createPostJobBody({ queryId, terms, quote }),
        },
    ],
    JobAccepted: {
        hand: raw(`x4a450002 ${QUERY} x0b x${HASH_1} x00000004a817c800 x6c000000 x01 x6d000000`, partyRaw),
        fields: {
            slot: 11n,
            jobKey: number(HASH_1),
            collateral: 20_000_000_000n,
            lockUntil: 0x6c000000n,
            tier: 1n,
            attestedUntil: 0x6d000000n,
            party: partyRaw,
        },
        wrapper: () =>
            JobEscrow.createJobAcceptedBody({
                queryId,
                slot: 11,
                jobKey: number(HASH_1),
                collateral: 20_000_000_000n,
                lockUntil: 0x6c000000,
                tier: 1,
                attestedUntil: 0x6d000000,
                party,
            }),
    },
    ApproveFull: [
        {
            hand: raw(`x4a450003 ${QUERY}`),
            fields: { signature: raw('').beginParse() },
            wrapper: () => JobEscrow.createApproveFullBody({ queryId }),
        },
        {
            hand: raw(`x4a450003 ${QUERY} x${SIGNATURE}`),
            fields: { signature: raw(`x${SIGNATURE}`).beginParse() },
            wrapper: () => JobEscrow.createApproveFullBody({ queryId, signature: bytes(SIGNATURE) }),
        },
    ],
    ApproveSubmitted: [
        {
            hand: raw(`x4a450004 ${QUERY} x00000001a13b8600 x${HASH_1}`),
            fields: { amount: 7_000_000_000n, resultCommitment: number(HASH_1), signature: raw('').beginParse() },
            wrapper: () =>
                JobEscrow.createApproveSubmittedBody({
                    queryId,
                    amount: 7_000_000_000n,
                    resultCommitment: number(HASH_1),
                }),
        },
        {
            hand: raw(`x4a450004 ${QUERY} x00000001a13b8600 x${HASH_1} x${SIGNATURE}`),
            fields: {
                amount: 7_000_000_000n,
                resultCommitment: number(HASH_1),
                signature: raw(`x${SIGNATURE}`).beginParse(),
            },
            wrapper: () =>
                JobEscrow.createApproveSubmittedBody({
                    queryId,
                    amount: 7_000_000_000n,
                    resultCommitment: bytes(HASH_1),
                    signature: bytes(SIGNATURE),
                }),
        },
    ],
    SubmitResult: {
        hand: raw(`x4a450005 ${QUERY} x00000001a13b8600 x${HASH_1} x${HASH_2} x${HASH_3}`),
        fields: {
            amount: 7_000_000_000n,
            jobKey: number(HASH_1),
            resultCommitment: number(HASH_2),
            traceRoot: number(HASH_3),
        },
        wrapper: () =>
            JobEscrow.createSubmitResultBody({
                queryId,
                amount: 7_000_000_000n,
                jobKey: bytes(HASH_1),
                resultCommitment: bytes(HASH_2),
                traceRoot: number(HASH_3),
            }),
    },
    FinalizeJob: {
        hand: raw(`x4a450006 ${QUERY}`),
        wrapper: () => JobEscrow.createFinalizeJobBody({ queryId }),
    },
    ExpireJob: { hand: raw(`x4a450007 ${QUERY}`), wrapper: () => JobEscrow.createExpireJobBody({ queryId }) },
    CancelJob: { hand: raw(`x4a450008 ${QUERY}`), wrapper: () => JobEscrow.createCancelJobBody({ queryId }) },
    DemandResult: {
        hand: raw(`x4a450009 ${QUERY}`),
        wrapper: () => JobEscrow.createDemandResultBody({ queryId, challengeBond: 5n }),
    },
    PublishResult: {
        hand: raw(`x4a45000a ${QUERY}`, ciphertextRaw),
        fields: { ciphertext: ciphertextRaw },
        wrapper: () => JobEscrow.createPublishResultBody({ queryId, ciphertext: ciphertextRaw }),
    },
    PublishStorageId: {
        hand: raw(`x4a45000b ${QUERY}`, raw('x6261')),
        fields: { storageId: raw('x6261') },
        wrapper: () => JobEscrow.createPublishStorageIdBody({ queryId, storageId: 'ba' }),
    },
    ExpireDemand: {
        hand: raw(`x4a45000c ${QUERY}`),
        wrapper: () => JobEscrow.createExpireDemandBody({ queryId }),
    },
    Challenge: {
        hand: raw(`x4a45000d ${QUERY}`),
        wrapper: () => JobEscrow.createChallengeBody({ queryId, challengeBond: 5n }),
    },
    Verdict: [
        {
            hand: raw(`x4a45000e ${QUERY} b1 x2710`),
            fields: { wrong: true, slashBps: 10000n },
            wrapper: () => JobEscrow.createVerdictBody({ queryId, wrong: true, slashBps: 10000 }),
        },
        {
            hand: raw(`x4a45000e ${QUERY} b0 x0000`),
            fields: { wrong: false, slashBps: 0n },
            wrapper: () => JobEscrow.createVerdictBody({ queryId, wrong: false, slashBps: 0 }),
        },
    ],
    ExpireDispute: {
        hand: raw(`x4a45000f ${QUERY}`),
        wrapper: () => JobEscrow.createExpireDisputeBody({ queryId }),
    },
    JobClosed: {
        hand: raw(`x4a450010 ${QUERY} x07`),
        fields: { outcome: 7n },
        wrapper: () => JobEscrow.createJobClosedBody({ queryId, outcome: 7 }),
    },

    // settlement.tlb
    Settle: {
        hand: raw(`x50530001 ${QUERY} x00000002540be400 ${std(ID_A)}`),
        fields: { amount: 10_000_000_000n, source: A },
        wrapper: () => PayoutSettlement.createSettleBody({ queryId, amount: 10_000_000_000n, source: A }),
    },
    TillParams: {
        hand: raw(`x50530002 ${QUERY} x00000009 x01f4 ${std(ID_A)}`, raw(`${std(ID_B)} ${std(ID_C)}`)),
        fields: { version: 9n, feeBps: 500n, owner: A, addresses: raw(`${std(ID_B)} ${std(ID_C)}`) },
        wrapper: () =>
            PayoutSettlement.createTillParamsBody({
                queryId,
                version: 9,
                feeBps: 500,
                owner: A,
                treasury: B,
                excessesTo: C,
            }),
    },
    Withdraw: {
        hand: raw(`x50530003 ${QUERY}`),
        wrapper: () => PayoutSettlement.createWithdrawBody({ queryId }),
    },
    SetPayees: [
        {
            hand: raw(`x50530004 ${QUERY} xffffffffffffffff b1`, payeesRaw),
            fields: { threshold: 2n ** 64n - 1n, payees: payeesRaw },
            wrapper: () => PayoutSettlement.createSetPayeesBody({ queryId, threshold: 2n ** 64n - 1n, payees }),
        },
        {
            hand: raw(`x50530004 ${QUERY} x0000000000000000 b0`),
            fields: { threshold: 0n, payees: null },
            wrapper: () => PayoutSettlement.createSetPayeesBody({ queryId, threshold: 0n, payees: null }),
        },
    ],
    FlushFees: {
        hand: raw(`x50530005 ${QUERY}`),
        wrapper: () => PayoutSettlement.createFlushFeesBody({ queryId }),
    },
    Payout: {
        hand: raw(`x50530006 ${QUERY}`),
        wrapper: () => PayoutSettlement.createPayoutBody({ queryId }),
    },

    // channel.tlb
    ...channelBodies,

    // attestation.tlb
    ...attestationBodies,
};

const rows = Object.entries(goldens).flatMap(([name, golden]) =>
    [golden].flat().map((one, index) => ({ name, title: index === 0 ? name : `${name} (${index + 1})`, ...one })),
);

interface Codec {
    store(value: Record<string, unknown>): (builder: Builder) => void;
    load(slice: Slice): Record<string, unknown>;
}

function codecOf(name: string): Codec {
    const all: Record<string, unknown> = { ...channelBindings, ...attestationBindings, ...registryBindings };
    const store = all[`store${name}`];
    const load = all[`load${name}`];
    if (typeof store !== 'function' || typeof load !== 'function') {
        throw new Error(`The bindings know no ${name}`);
    }
    return { store: store as Codec['store'], load: load as Codec['load'] };
}

function comparable(value: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(value).map(([key, field]) => [
            key,
            field instanceof Slice
                ? field.asCell().toString()
                : field instanceof Cell || (field && typeof field === 'object')
                  ? String(field)
                  : field,
        ]),
    );
}

it('there is a golden body of every message', () => {
    expect(Object.keys(goldens).sort()).toEqual([...tactMessages().keys()].sort());
});

describe('a body built by hand', () => {
    it.each(rows)('equals the generated bindings: $title', ({ name, hand, fields }) => {
        const value = { $$type: name, ...(noQueryId.has(name) ? {} : { queryId }), ...fields };
        const codec = codecOf(name);
        const stored = beginCell().store(codec.store(value)).endCell();
        expect(stored.toString()).toBe(hand.toString());
        const loaded = codec.load(hand.beginParse());
        // The bindings hand out 64 fixed bytes as they take them, a cell as a cell.
        expect(comparable(loaded)).toEqual(comparable(value));
    });

    it.each(rows.filter(({ wrapper }) => wrapper))('equals the wrapper: $title', ({ hand, wrapper }) => {
        expect(wrapper!().toString()).toBe(hand.toString());
    });
});

it('only events and the common excess have no wrapper', () => {
    expect(rows.filter(({ wrapper }) => !wrapper).map(({ name }) => name)).toEqual([
        'Excesses',
        'ProviderRegistered',
        'ProfileUpdated',
    ]);
});

describe('a cell built by hand equals the wrapper', () => {
    it.each<[string, Cell, () => Cell | null]>([
        ['NetworkParams', paramsRaw, () => createNetworkParamsCell(params)],
        ['NetworkParams with a verifier', verifiedParamsRaw, () => createNetworkParamsCell(verifiedParams)],
        ['Profile', profileRaw, () => createProfileCell(profile)],
        ['Profile without offers', bareProfileRaw, () => createProfileCell(bareProfile)],
        ['Quote', quoteRaw, () => createQuoteCell(quote)],
        ['JobTerms', termsRaw, () => createJobTermsCell(terms)],
        ['Party', partyRaw, () => createPartyCell(party)],
        ['Payee', payeesRaw, () => createPayeesCell(payees)],
        ...policyChanges.map(({ hand, wrapper }, i): [string, Cell, () => Cell] => [
            `PolicyChange (${i + 1})`,
            hand,
            wrapper,
        ]),
    ])('%s', (_, hand, wrapper) => {
        expect(wrapper()!.toString()).toBe(hand.toString());
    });

    it('with the sizes that the schemas state', () => {
        expect(paramsRaw.bits.length).toBe(680);
        expect(verifiedParamsRaw.bits.length).toBe(945);
        expect(profileRaw.bits.length).toBe(844);
        expect(profileRaw.refs[1]!.bits.length).toBe(513);
        expect(quoteRaw.bits.length).toBe(800);
        expect(termsRaw.bits.length).toBe(915);
        expect(partyRaw.bits.length).toBe(801);
        expect(payeesRaw.bits.length).toBe(284);
    });
});
