import '@ton/test-utils';
import { beginCell, Builder, Cell } from '@ton/core';
import * as channelGen from '../../../build/PaymentChannel/PaymentChannel_PaymentChannel';
import * as gen from '../../../build/Registry/Registry_Registry';
import * as w from '../../../wrappers';
import { addressOf, clientKeys, params, profile, signingKeys, termsWith } from './fixtures';

const queryId = 0x1122334455667788n;
const someone = addressOf('someone');
const profileCell = w.createProfileCell(profile);
const paramsCell = w.createNetworkParamsCell(params);
const termsCell = w.packJobTerms(termsWith());
const quote = { termsHash: 5n, validUntil: 77, signature: Buffer.alloc(64, 7) };
const quoteCell = w.createQuoteCell(quote);
const signature = Buffer.alloc(64, 9);
const signed = beginCell().storeBuffer(signature).endCell().asSlice();
const unsigned = beginCell().endCell().asSlice();
const party = { settlement: addressOf('till'), operator: addressOf('operator'), owner: addressOf('owner') };
const payees = [
    { address: addressOf('a'), bps: 9_000 },
    { address: addressOf('b'), bps: 1_000 },
];
/** By schemas/channel.tlb; the message carries everything behind tag and channel, then the signature. */
const voucherFields = beginCell().storeUint(7n, 64).storeUint(8n, 64).storeUint(9n, 256);
const agreementFields = beginCell().storeUint(7n, 64).storeUint(8n, 64).storeUint(9n, 32);
const signedCell = (tag: string, fields: Builder) =>
    beginCell().storeBuffer(Buffer.from(tag)).storeBuffer(someone.hash).storeBuilder(fields).endCell();
const voucherCell = signedCell('CM.vch.1', voucherFields);
const agreementCell = signedCell('CM.cls.1', agreementFields);
const carried = (fields: Builder) => beginCell().storeBuilder(fields).storeBuffer(signature).asSlice();
const text = (value: string) => beginCell().storeBuffer(Buffer.from(value)).endCell();

// Both sides were written by different means: by hand from the layouts, and by the contracts' compiler.
const bodies: [name: string, ours: Cell, fields: object][] = [
    ['OpenNetwork', w.Registry.createOpenNetworkBody({ queryId, params }), { params: paramsCell }],
    [
        'RegisterMe',
        w.Registry.createRegisterMeBody({ queryId, amount: 5n, owner: someone }),
        { amount: 5n, owner: someone },
    ],
    ['SyncParams', w.Registry.createSyncParamsBody({ queryId, owner: someone }), { owner: someone }],
    ['ProposeParams', w.Registry.createProposeParamsBody({ queryId, params }), { params: paramsCell }],
    [
        'ProposeModel',
        w.Registry.createProposeModelBody({ queryId, modelRoot: 3n, descriptor: 'digits' }),
        { modelRoot: 3n, descriptor: text('digits') },
    ],
    [
        'ProposeModel',
        w.Registry.createProposeModelBody({ queryId, modelRoot: 3n, descriptor: null }),
        { modelRoot: 3n, descriptor: null },
    ],
    [
        'ProposePolicy',
        w.Registry.createProposePolicyBody({ queryId, change: { kind: 'leastIsvSvn', leastIsvSvn: 5 } }),
        { change: beginCell().storeUint(3, 8).storeUint(5, 16).endCell() },
    ],
    ['RevokeAttestation', w.Registry.createRevokeAttestationBody({ queryId, serial: 9n }), { serial: 9n }],
    ['ExecuteProposal', w.Registry.createExecuteProposalBody({ queryId }), {}],
    ['CancelProposal', w.Registry.createCancelProposalBody({ queryId }), {}],
    ['Pause', w.Registry.createPauseBody({ queryId, pausedUntil: 9 }), { pausedUntil: 9n }],
    ['ProposeGovernor', w.Registry.createProposeGovernorBody({ queryId, governor: someone }), { governor: someone }],
    ['AcceptGovernor', w.Registry.createAcceptGovernorBody({ queryId }), {}],
    [
        'OpenStake',
        w.ProviderStake.createOpenStakeBody({ queryId, amount: 5n, profile }),
        { amount: 5n, profile: profileCell },
    ],
    [
        'AcceptQuote',
        w.ProviderStake.createAcceptQuoteBody({
            queryId,
            collateral: 1n,
            client: someone,
            nonce: 2n,
            lockUntil: 3,
            quote,
        }),
        { collateral: 1n, client: someone, nonce: 2n, lockUntil: 3n, quote: quoteCell },
    ],
    [
        'AcceptJob',
        w.ProviderStake.createAcceptJobBody({
            queryId,
            collateral: 1n,
            client: someone,
            nonce: 2n,
            jobKey: 4n,
            lockUntil: 3,
        }),
        { collateral: 1n, client: someone, nonce: 2n, jobKey: 4n, lockUntil: 3n },
    ],
    [
        'ReleaseCollateral',
        w.ProviderStake.createReleaseCollateralBody({ queryId, slot: 1, paid: 2n, outcome: w.JobOutcome.DisputeWon }),
        { slot: 1n, paid: 2n, outcome: 1n },
    ],
    [
        'SlashCollateral',
        w.ProviderStake.createSlashCollateralBody({
            queryId,
            slot: 1,
            amount: 2n,
            client: someone,
            toClientBps: 5_000,
            reason: w.JobOutcome.Late,
        }),
        { slot: 1n, amount: 2n, client: someone, toClientBps: 5_000n, reason: 3n },
    ],
    ['ReleaseStaleLock', w.ProviderStake.createReleaseStaleLockBody({ queryId, slot: 255 }), { slot: 255n }],
    ['TopUpStake', w.ProviderStake.createTopUpStakeBody({ queryId, amount: 5n }), { amount: 5n }],
    ['UpdateProfile', w.ProviderStake.createUpdateProfileBody({ queryId, profile }), { profile: profileCell }],
    ['ResetAllowanceUsed', w.ProviderStake.createResetAllowanceUsedBody({ queryId }), {}],
    ['RequestUnbond', w.ProviderStake.createRequestUnbondBody({ queryId, amount: 5n }), { amount: 5n }],
    ['CancelUnbond', w.ProviderStake.createCancelUnbondBody({ queryId }), {}],
    ['WithdrawStake', w.ProviderStake.createWithdrawStakeBody({ queryId }), {}],
    ['RetryRegister', w.ProviderStake.createRetryRegisterBody({ queryId }), {}],
    ['WithdrawUnregistered', w.ProviderStake.createWithdrawUnregisteredBody({ queryId }), {}],
    [
        'Initialise',
        w.ProviderStake.createInitialiseBody({ queryId, version: 1, pausedUntil: 2, params }),
        { version: 1n, pausedUntil: 2n, params: paramsCell },
    ],
    ['RegistrationRefused', w.ProviderStake.createRegistrationRefusedBody({ queryId, reason: 2 }), { reason: 2n }],
    [
        'UpdateParams',
        w.ProviderStake.createUpdateParamsBody({ queryId, version: 1, pausedUntil: 2, excessesTo: someone, params }),
        { version: 1n, pausedUntil: 2n, excessesTo: someone, params: paramsCell },
    ],
    [
        'AttestationVerdict',
        w.ProviderStake.createAttestationVerdictBody({
            queryId,
            measurement: 1n,
            validUntil: 2,
            reportData: signature,
        }),
        { measurement: 1n, validUntil: 2n, reportData: signature },
    ],
    ['SlashShare', w.ProviderStake.createSlashShareBody({ queryId }), {}],
    [
        'PostJob',
        w.JobEscrow.createPostJobBody({ queryId, terms: termsWith(), quote }),
        { terms: termsCell, quote: quoteCell },
    ],
    ['PostJob', w.JobEscrow.createPostJobBody({ queryId, terms: termsWith() }), { terms: termsCell, quote: null }],
    [
        'JobAccepted',
        w.JobEscrow.createJobAcceptedBody({
            queryId,
            slot: 1,
            jobKey: 2n,
            collateral: 3n,
            lockUntil: 4,
            tier: w.Tier.Attested,
            attestedUntil: 5,
            party,
        }),
        {
            slot: 1n,
            jobKey: 2n,
            collateral: 3n,
            lockUntil: 4n,
            tier: 1n,
            attestedUntil: 5n,
            party: w.createPartyCell(party),
        },
    ],
    ['ApproveFull', w.JobEscrow.createApproveFullBody({ queryId, signature }), { signature: signed }],
    ['ApproveFull', w.JobEscrow.createApproveFullBody({ queryId }), { signature: unsigned }],
    [
        'ApproveSubmitted',
        w.JobEscrow.createApproveSubmittedBody({ queryId, amount: 1n, resultCommitment: 2n, signature }),
        { amount: 1n, resultCommitment: 2n, signature: signed },
    ],
    [
        'SubmitResult',
        w.JobEscrow.createSubmitResultBody({ queryId, amount: 1n, jobKey: 2n, resultCommitment: 3n, traceRoot: 4n }),
        { amount: 1n, jobKey: 2n, resultCommitment: 3n, traceRoot: 4n },
    ],
    ['FinalizeJob', w.JobEscrow.createFinalizeJobBody({ queryId }), {}],
    ['ExpireJob', w.JobEscrow.createExpireJobBody({ queryId }), {}],
    ['CancelJob', w.JobEscrow.createCancelJobBody({ queryId }), {}],
    ['DemandResult', w.JobEscrow.createDemandResultBody({ queryId, challengeBond: 1n }), {}],
    [
        'PublishResult',
        w.JobEscrow.createPublishResultBody({ queryId, ciphertext: text('secret') }),
        { ciphertext: text('secret') },
    ],
    [
        'PublishStorageId',
        w.JobEscrow.createPublishStorageIdBody({ queryId, storageId: 'bag' }),
        { storageId: text('bag') },
    ],
    ['ExpireDemand', w.JobEscrow.createExpireDemandBody({ queryId }), {}],
    ['Challenge', w.JobEscrow.createChallengeBody({ queryId, challengeBond: 1n }), {}],
    [
        'Verdict',
        w.JobEscrow.createVerdictBody({ queryId, wrong: true, slashBps: 10_000 }),
        { wrong: true, slashBps: 10_000n },
    ],
    ['ExpireDispute', w.JobEscrow.createExpireDisputeBody({ queryId }), {}],
    ['JobClosed', w.JobEscrow.createJobClosedBody({ queryId, outcome: w.JobOutcome.Late }), { outcome: 3n }],
    [
        'Settle',
        w.PayoutSettlement.createSettleBody({ queryId, amount: 1n, source: someone }),
        { amount: 1n, source: someone },
    ],
    [
        'TillParams',
        w.PayoutSettlement.createTillParamsBody({
            queryId,
            version: 1,
            feeBps: 2,
            owner: someone,
            treasury: params.treasury,
            excessesTo: params.arbiter,
        }),
        {
            version: 1n,
            feeBps: 2n,
            owner: someone,
            addresses: beginCell().storeAddress(params.treasury).storeAddress(params.arbiter).endCell(),
        },
    ],
    ['Withdraw', w.PayoutSettlement.createWithdrawBody({ queryId }), {}],
    [
        'SetPayees',
        w.PayoutSettlement.createSetPayeesBody({ queryId, payees, threshold: 1n }),
        { payees: w.createPayeesCell(payees), threshold: 1n },
    ],
    [
        'SetPayees',
        w.PayoutSettlement.createSetPayeesBody({ queryId, payees: null, threshold: 1n }),
        { payees: null, threshold: 1n },
    ],
    ['FlushFees', w.PayoutSettlement.createFlushFeesBody({ queryId }), {}],
    ['Payout', w.PayoutSettlement.createPayoutBody({ queryId }), {}],
    [
        'OpenChannel',
        w.PaymentChannel.createOpenChannelBody({
            queryId,
            deposit: 1n,
            closesAt: 2,
            closeDelay: 3_600,
            clientKey: clientKeys.publicKey,
            providerKey: signingKeys.publicKey,
        }),
        {
            deposit: 1n,
            closesAt: 2n,
            closeDelay: 3_600n,
            clientKey: w.toUint256('key', clientKeys.publicKey),
            providerKey: w.toUint256('key', signingKeys.publicKey),
        },
    ],
    [
        'Redeem',
        w.PaymentChannel.createRedeemBody({ queryId, signature, voucher: voucherCell }),
        { signed: carried(voucherFields) },
    ],
    ['TopUpChannel', w.PaymentChannel.createTopUpChannelBody({ queryId, amount: 5n }), { amount: 5n }],
    [
        'CloseChannel',
        w.PaymentChannel.createCloseChannelBody({
            queryId,
            clientSignature: signature,
            agreement: agreementCell,
            providerSignature: Buffer.alloc(64, 8),
        }),
        {
            signed: carried(agreementFields),
            providerSignature: beginCell().storeBuffer(Buffer.alloc(64, 8)).endCell(),
        },
    ],
    ['RequestClose', w.PaymentChannel.createRequestCloseBody({ queryId, signature }), { signature: signed }],
    ['RequestClose', w.PaymentChannel.createRequestCloseBody({ queryId }), { signature: unsigned }],
    ['FinalizeChannel', w.PaymentChannel.createFinalizeChannelBody({ queryId }), {}],
    ['ChannelClosed', w.PaymentChannel.createChannelClosedBody({ queryId }), {}],
];

it.each(bodies)('%s is the body that its contract reads', (name, ours, fields) => {
    const all = { ...channelGen, ...gen } as unknown as Record<string, (message: object) => (builder: unknown) => void>;
    const store = all[`store${name}`]!;
    const theirs = beginCell();
    store({ $$type: name, queryId, ...fields })(theirs);
    expect(ours).toEqualCell(theirs.endCell());
});

it('reads and writes the events', () => {
    const registered = w.createProviderRegisteredBody({ owner: someone, stake: 5n, profile });
    const updated = w.createProfileUpdatedBody({ owner: someone, profile });
    const theirs = beginCell();
    gen.storeProviderRegistered({ $$type: 'ProviderRegistered', owner: someone, stake: 5n, profile: profileCell })(
        theirs,
    );
    expect(registered).toEqualCell(theirs.endCell());
    const theirUpdate = beginCell();
    gen.storeProfileUpdated({ $$type: 'ProfileUpdated', owner: someone, profile: profileCell })(theirUpdate);
    expect(updated).toEqualCell(theirUpdate.endCell());

    expect(w.parseProviderRegistered(registered)).toMatchObject({ stake: 5n, profile: { endpoint: profile.endpoint } });
    expect(w.parseProviderRegistered(registered).owner).toEqualAddress(someone);
    expect(w.parseProfileUpdated(updated).profile.offers).toEqual(profile.offers);
    const closed = w.JobEscrow.createJobClosedBody({ queryId, outcome: w.JobOutcome.Wrong });
    expect(w.parseJobClosed(closed)).toEqual({ queryId, outcome: w.JobOutcome.Wrong });
    for (const parse of [w.parseProviderRegistered, w.parseProfileUpdated]) {
        expect(() => parse(closed)).toThrow('is no message with opcode');
    }
    expect(() => w.parseJobClosed(updated)).toThrow('is no message with opcode');
});

it('covers every message', () => {
    const names = new Set([...bodies.map(([name]) => name), 'ProviderRegistered', 'ProfileUpdated']);
    const all = Object.keys({ ...w.RegistryOp, ...w.StakeOp, ...w.EscrowOp, ...w.SettlementOp, ...w.ChannelOp });
    expect(all.filter((name) => !names.has(name))).toEqual([]);
});

describe('What is no voucher and no agreement goes into no message', () => {
    const redeem = (voucher: Cell) => () => w.PaymentChannel.createRedeemBody({ voucher, signature });
    const close = (agreement: Cell) => () =>
        w.PaymentChannel.createCloseChannelBody({
            agreement,
            clientSignature: signature,
            providerSignature: signature,
        });
    const longer = (cell: Cell) => beginCell().storeSlice(cell.beginParse()).storeBit(0).endCell();
    const withRef = (cell: Cell) => beginCell().storeSlice(cell.beginParse()).storeRef(text('more')).endCell();

    it.each([
        ['an agreement as voucher', redeem(agreementCell)],
        ['a voucher as agreement', close(voucherCell)],
        ['a voucher with another tag', redeem(signedCell('CM.rcp.1', voucherFields))],
        ['an agreement with another tag', close(signedCell('CM.vch.1', agreementFields))],
        ['a voucher a bit longer', redeem(longer(voucherCell))],
        ['an agreement with a reference', close(withRef(agreementCell))],
    ])('%s', (_, build) => {
        expect(build).toThrow(expect.objectContaining({ name: 'InputError', code: 'malformed-cell' }));
    });

    it('and what another channel’s client signed is not sent to this one', () => {
        const options = { agreement: agreementCell, clientSignature: signature, providerSignature: signature };
        const at = (name: string) => w.PaymentChannel.createFromAddress(addressOf(name));
        expect(at('someone').getRedeemTxParams({ voucher: voucherCell, signature }).to).toEqualAddress(someone);
        expect(at('someone').getCloseChannelTxParams(options).to).toEqualAddress(someone);
        const wrong = expect.objectContaining({ name: 'InputError', code: 'malformed-cell' });
        expect(() => at('till').getRedeemTxParams({ voucher: voucherCell, signature })).toThrow(wrong);
        expect(() => at('till').getCloseChannelTxParams(options)).toThrow(wrong);
    });
});
