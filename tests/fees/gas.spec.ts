import { beginCell, Cell, Dictionary, toNano } from '@ton/core';
import { sign } from '@ton/crypto';
import {
    keyPairOf,
    networkParamsCell,
    packedHash,
    payeesCell,
    profileCell,
    registryInit,
    stakeInit,
} from '../helpers/cells';
import { PRICE_SETS, strayAddress } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { parseGovernance } from '../helpers/layout';
import { body } from '../helpers/network';
import { tactConstant, tactConstants } from '../helpers/sources';
import { Trace } from '../helpers/traces';
import { DAY, idOf, largestProfile, Market, PLENTY, stored, toRegistry, toStake, useMarket } from '../fixtures/stakes';
import { channelLife } from './channelLife';
import { Gauge } from './gauge';

// Which messages each constant of contracts/common/fees.tact pays for. Whatever a market does in the scenarios below is
// measured, so a constant that is too small for any path shows up with the message that needs more.
const PAYS_FOR: Record<string, readonly string[]> = {
    GAS_ESCROW_POST: ['PostJob'],
    GAS_ESCROW_JOB_ACCEPTED: ['JobAccepted'],
    GAS_ESCROW_REFUND: ['CancelJob', 'bounced AcceptQuote'],
    GAS_ESCROW_TERMINAL: [
        'ApproveFull',
        'ApproveSubmitted',
        'FinalizeJob',
        'ExpireJob',
        'ExpireDemand',
        'Verdict',
        'ExpireDispute',
    ],
    GAS_ESCROW_STEP: ['SubmitResult', 'DemandResult', 'Challenge'],
    GAS_ESCROW_PUBLISH: ['PublishResult', 'PublishStorageId'],
    GAS_STAKE_OPEN: ['OpenStake'],
    GAS_STAKE_RETRY: ['RetryRegister'],
    GAS_STAKE_INITIALISE: ['Initialise', 'UpdateParams'],
    GAS_STAKE_ACCEPT: ['AcceptQuote'],
    GAS_STAKE_ACCEPT_JOB: ['AcceptJob'],
    GAS_STAKE_BOUNCE: ['bounced JobAccepted', 'bounced RegisterMe'],
    GAS_STAKE_RELEASE: ['ReleaseCollateral'],
    GAS_STAKE_SLASH: ['SlashCollateral'],
    GAS_STAKE_STEP: [
        'ReleaseStaleLock',
        'TopUpStake',
        'ResetAllowanceUsed',
        'RequestUnbond',
        'CancelUnbond',
        'WithdrawStake',
        'WithdrawUnregistered',
        'AttestationVerdict',
    ],
    GAS_STAKE_PROFILE: ['UpdateProfile'],
    GAS_REGISTRY_REGISTER: ['RegisterMe'],
    GAS_REGISTRY_STEP: [
        'OpenNetwork',
        'SyncParams',
        'ProposeParams',
        'ProposeModel',
        'CancelProposal',
        'Pause',
        'ProposeGovernor',
        'AcceptGovernor',
    ],
    GAS_REGISTRY_EXECUTE: ['ExecuteProposal'],
    GAS_TILL_PARAMS: ['TillParams'],
    GAS_TILL_STEP: ['Withdraw', 'FlushFees'],
    GAS_TILL_SET_PAYEES: ['SetPayees'],
    GAS_CHANNEL_OPEN: ['OpenChannel'],
    GAS_CHANNEL_REDEEM: ['Redeem'],
    GAS_CHANNEL_STEP: ['TopUpChannel', 'RequestClose'],
    GAS_CHANNEL_CLOSE: ['CloseChannel', 'FinalizeChannel'],
};
const MODELS = 64;
const FREE_SLOT = 0;
const OTHERS = Array.from({ length: 255 }, (_, index) => index + 1);

/** Paid for by what they bring, or by the constant of the message that ends in them. */
const FREE = [
    'Excesses',
    'JobClosed',
    'ChannelClosed',
    'Payout',
    'SlashShare',
    'Settle',
    'RegistrationRefused',
    'empty',
];

const messageOf = (op: string) => op.replace(/^bounced /, '');

describe.each(PRICE_SETS)('Gas at %s prices', (prices) => {
    const gauge = new Gauge();
    const measure = <T extends Trace>(trace: T): T => {
        gauge.take(trace);
        return trace;
    };
    const verifier = strayAddress(0x7e);
    // 255 other locks, an allowance in use, attested keys.
    const m = useMarket({ prices, params: { verifier } }, async (market) => {
        await market.fillSlots(OTHERS);
        await market.plant((data) => (data.hotSlashed = toNano(1)));
        await market.plantConfig((config) => (config.attestedUntil = market.now + 100 * DAY));
    });
    const everything: (() => Promise<void>)[] = [];
    const scenario = (run: () => Promise<void>) => everything.push(run);

    const largest = () => largestProfile(m.provider.profile);

    const send: Market['send'] = async (from, message) => measure(await m.send(from, message));

    // The provider's life, with the largest profile.
    scenario(async () => {
        const owner = await m.chain.wallet('another owner');
        const profile = largest();
        const { address, init } = stakeInit({ registry: m.registry, owner: owner.address });
        const open = (amount: bigint) => toStake.open(amount, profileCell(profile));
        await send(owner, { to: address, value: toNano(60), init, body: open(toNano(50)) });
        await send(m.stranger, { to: address, value: toNano(6), body: toStake.topUp(toNano(1)) });
        await send(owner, { to: address, value: PLENTY, body: toStake.retry() });
        await send(owner, { to: address, value: PLENTY, body: toStake.withdrawUnregistered() });
        await send(owner, { to: address, value: toNano(1010), init, body: open(toNano(1000)) });
        const nowhere = stakeInit({ registry: strayAddress(3), owner: owner.address });
        await send(owner, { to: nowhere.address, value: toNano(1010), init: nowhere.init, body: open(toNano(1000)) });
    });

    // The owner's and the network's messages to a stake with 256 locks.
    scenario(async () => {
        await send(m.owner, { to: m.stake, value: PLENTY, body: toStake.updateProfile(profileCell(largest())) });
        const changed = profileCell({ ...largest(), signingKey: 5n, encryptionKey: 6n });
        await send(m.owner, { to: m.stake, value: PLENTY, body: toStake.updateProfile(changed) });
        await m.fillSlots([FREE_SLOT]);
        const owned = [
            toStake.resetAllowance(),
            toStake.requestUnbond(toNano(500)),
            toStake.cancelUnbond(),
            toStake.requestUnbond(toNano(500)),
        ];
        for (const message of owned) {
            await send(m.owner, { to: m.stake, value: PLENTY, body: message });
        }
        await send(m.stranger, { to: m.stake, value: PLENTY, body: toStake.topUp(toNano(1)) });
        const reportData = Buffer.concat([
            packedHash('reportData', [idOf(m.stake), 256], [5n, 256], [6n, 256]),
            Buffer.alloc(32),
        ]);
        await send(verifier, { to: m.stake, value: PLENTY, body: toStake.verdict(reportData, m.now + DAY) });
        await send(m.stranger, { to: m.registry, value: PLENTY, body: toRegistry.sync(m.owner.address) });
        m.chain.pass(100 * DAY);
        for (const slot of [0, 127, 255]) {
            await send(m.stranger, { to: m.stake, value: PLENTY, body: toStake.releaseStale(slot) });
        }
        await send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdraw() });
    });

    // A job's every way, with 255 other locks in the stake.
    const deepJob = () => Job.prepare(m.provider, { terms: { tier: 1 } });
    const payees = payeesCell(
        [2500, 2500, 2500, 2500].map((bps, index) => ({ address: strayAddress(0x20 + index), bps })),
    )!;
    const setPayees = () => body('SetPayees').storeUint(0, 64).storeMaybeRef(payees).endCell();
    const approval = async (job: Job, submitted: boolean) => {
        const jobKey = await job.jobKey();
        const hash = submitted
            ? packedHash('approveSubmitted', [jobKey, 256], [job.resultCommitment, 256], [job.terms.price, 64])
            : packedHash('approveFull', [jobKey, 256]);
        const signature = sign(hash, job.clientKey.secretKey);
        return submitted
            ? body('ApproveSubmitted')
                  .storeUint(job.terms.price, 64)
                  .storeUint(job.resultCommitment, 256)
                  .storeBuffer(signature)
                  .endCell()
            : body('ApproveFull').storeBuffer(signature).endCell();
    };

    scenario(async () => {
        const job = await deepJob();
        await m.send(m.owner, { to: m.provider.till, value: PLENTY, body: setPayees() });
        measure(await job.postQuoted());
        await send(m.stranger, { to: job.escrow, value: PLENTY, body: await approval(job, false) });
        measure(await job.postQuoted());
        measure(await job.submit());
        await send(m.stranger, { to: job.escrow, value: PLENTY, body: await approval(job, true) });
    });
    for (const by of ['operator', 'owner'] as const) {
        scenario(async () => {
            const job = await deepJob();
            measure(await job.post());
            if (by === 'owner') {
                await m.plant((data) => {
                    data.locks.set(FREE_SLOT, { ...data.locks.get(240)!, byHot: true });
                    data.locks.delete(240);
                });
            }
            measure(await job.accept(by));
            // The same again: refused by the escrow, bounced.
            await m.plant((data) => void data.locks.delete(230));
            await send(m.owner, { to: m.stake, value: PLENTY, body: await job.acceptBody() });
            m.chain.pass(job.terms.deliverWithin);
            await m.plant((data) => {
                data.unbonding = toNano(900);
                data.stake = toNano(1);
            });
            await send(m.stranger, { to: job.escrow, value: PLENTY, body: body('ExpireJob').endCell() });
        });
    }
    scenario(async () => {
        const job = await deepJob();
        const absent = toStake.acceptJob({
            collateral: 0n,
            client: m.client.address,
            nonce: 99n,
            lockUntil: job.lockUntil,
        });
        await send(m.operator, { to: m.stake, value: PLENTY, body: absent });
        measure(await job.post());
        await send(m.client, { to: job.escrow, value: PLENTY, body: body('CancelJob').endCell() });
        // Refused by the stake.
        await send(m.client, {
            to: job.escrow,
            value: job.terms.price + PLENTY,
            init: job.init,
            body: job.postBody(job.quote({ signing: keyPairOf('somebody') })),
        });
        await m.plantConfig((config) => (config.pausedUntil = m.now + DAY));
        await send(m.client, {
            to: job.escrow,
            value: job.terms.price + PLENTY,
            init: job.init,
            body: job.postBody(job.quote()),
        });
    });
    const disputed = async () => {
        const job = await deepJob();
        await m.send(m.owner, { to: m.provider.till, value: PLENTY, body: setPayees() });
        await job.postQuoted();
        await job.submit();
        measure(await job.challenge());
        return job;
    };
    const verdict = (wrong: boolean) =>
        body('Verdict')
            .storeBit(wrong)
            .storeUint(wrong ? 10_000 : 0, 16)
            .endCell();
    scenario(async () => {
        const job = await disputed();
        await m.plant((data) => {
            data.unbonding = toNano(900);
            data.stake = toNano(1);
        });
        await send(m.network.arbiter, { to: job.escrow, value: PLENTY, body: verdict(true) });
    });
    scenario(async () => {
        const job = await disputed();
        await send(m.network.arbiter, { to: job.escrow, value: PLENTY, body: verdict(false) });
    });
    scenario(async () => {
        const job = await disputed();
        m.chain.pass(job.terms.arbitrationWindow);
        await send(m.stranger, { to: job.escrow, value: PLENTY, body: body('ExpireDispute').endCell() });
    });
    const ciphertext = largestCiphertext();
    const demanded = async () => {
        const job = await deepJob();
        await job.postQuoted();
        measure(await job.submit({ resultCommitment: BigInt(`0x${ciphertext.hash().toString('hex')}`) }));
        measure(await job.demand());
        return job;
    };
    scenario(async () => {
        const job = await demanded();
        m.chain.pass(job.terms.responseWindow);
        await send(m.stranger, { to: job.escrow, value: PLENTY, body: body('ExpireDemand').endCell() });
    });
    scenario(async () => {
        const job = await demanded();
        await send(m.stranger, {
            to: job.escrow,
            value: PLENTY,
            body: body('PublishResult').storeRef(ciphertext).endCell(),
        });
        m.chain.pass(job.terms.challengeWindow);
        await send(m.stranger, { to: job.escrow, value: PLENTY, body: body('FinalizeJob').endCell() });
    });
    scenario(async () => {
        const job = await demanded();
        const id = beginCell().storeBuffer(Buffer.alloc(127, 'i')).endCell();
        await send(m.operator, {
            to: job.escrow,
            value: PLENTY,
            body: body('PublishStorageId').storeRef(id).endCell(),
        });
    });

    // The till, with four payees.
    scenario(async () => {
        const till = m.provider.till;
        const settle = (amount: bigint) =>
            body('Settle').storeUint(amount, 64).storeAddress(m.stranger.address).endCell();
        gauge.only(
            'GAS_TILL_SETTLE',
            await m.send(m.stranger, { to: till, value: toNano(12), body: settle(toNano(10)) }),
        );
        await send(m.owner, { to: till, value: PLENTY, body: setPayees() });
        gauge.only(
            'four payees’ settlement',
            await m.send(m.stranger, { to: till, value: toNano(12), body: settle(toNano(10)) }),
        );
        const high = body('SetPayees').storeUint(toNano(1_000_000), 64).storeMaybeRef(payees).endCell();
        await send(m.owner, { to: till, value: PLENTY, body: high });
        await m.send(m.stranger, { to: till, value: toNano(12), body: settle(toNano(10)) });
        await send(m.stranger, { to: till, value: PLENTY, body: body('FlushFees').endCell() });
        await send(m.owner, { to: till, value: PLENTY, body: setPayees() });
        await m.send(m.stranger, { to: till, value: toNano(1), bounce: false, body: beginCell().endCell() });
        await send(m.owner, { to: till, value: PLENTY, body: body('Withdraw').endCell() });
    });

    scenario(() => channelLife(m.provider, measure));

    // The Registry, with 64 models whose roots make the deepest dictionary, and as many renamings.
    scenario(async () => {
        const registry = m.registry;
        const longest = beginCell().storeBuffer(Buffer.alloc(127, 'd')).endCell();
        const govern = (message: Cell) => send(m.governor, { to: registry, value: PLENTY, body: message });
        const execute = async () => {
            m.chain.pass(3 * DAY);
            await send(m.stranger, { to: registry, value: PLENTY, body: toRegistry.execute() });
        };
        const fresh = registryInit({ networkId: m.chain.globalId, governor: m.governor.address, salt: 9n });
        await send(m.governor, {
            to: fresh.address,
            value: PLENTY,
            init: fresh.init,
            body: toRegistry.open(networkParamsCell(m.network.params)),
        });
        await govern(toRegistry.proposeGovernor(m.stranger.address));
        await plantModels(m, MODELS - 1, longest);
        await govern(toRegistry.proposeModel(1n << BigInt(MODELS - 1), longest));
        await execute();
        await govern(toRegistry.proposeModel(1n, longest));
        await govern(toRegistry.cancel());
        await govern(toRegistry.proposeModel(1n, longest));
        await execute();
        await govern(toRegistry.proposeModel(1n, null));
        await execute();
        await govern(toRegistry.proposeParams(networkParamsCell(m.network.params)));
        await execute();
        // The previous proposal expired.
        await govern(toRegistry.proposeParams(networkParamsCell(m.network.params)));
        m.chain.pass(20 * DAY);
        await govern(toRegistry.proposeModel(2n, longest));
        await govern(toRegistry.pause(m.now + DAY));
        await send(m.stranger, { to: m.registry, value: PLENTY, body: toRegistry.sync(m.owner.address) });
        await send(m.stranger, { to: registry, value: PLENTY, body: toRegistry.acceptGovernor() });
    });

    it('is measured in every scenario', async () => {
        for (const run of everything) {
            await m.chain.rewinding(run);
        }
        const missing = Object.values(PAYS_FOR)
            .flat()
            .filter((op) => !gauge.knows(op));
        expect(missing).toEqual([]);
    }, 180_000);

    it.each(Object.keys(PAYS_FOR))('%s covers its dearest message and is at most 1.6 times that', (name) => {
        gauge.expectHonest(name, tactConstant(name), PAYS_FOR[name]!);
    });

    it('GAS_TILL_SETTLE covers a settlement with one payout and is at most 1.6 times that', () => {
        gauge.expectHonest('GAS_TILL_SETTLE', tactConstant('GAS_TILL_SETTLE'), ['GAS_TILL_SETTLE']);
    });

    it('GAS_TILL_PAYEE, four times, covers what four payees add, and is at most 1.6 times that', () => {
        const added = gauge.most(['four payees’ settlement']) - gauge.most(['GAS_TILL_SETTLE']);
        gauge.record('a payee', (added + 3n) / 4n);
        gauge.expectHonest('GAS_TILL_PAYEE', tactConstant('GAS_TILL_PAYEE'), ['a payee']);
    });

    it('leaves no GAS constant of the contracts untested', () => {
        // Those of attestation are measured in attestation.spec.ts.
        const declared = [...tactConstants().keys()].filter((name) => /^GAS_(?!ATTEST|PCK)/.test(name)).sort();
        expect(declared).toEqual([...Object.keys(PAYS_FOR), 'GAS_TILL_SETTLE', 'GAS_TILL_PAYEE'].sort());
    });

    it('names every message that somebody has to pay for', () => {
        const named = new Set(Object.values(PAYS_FOR).flat().map(messageOf));
        for (const op of gauge.operations().map(messageOf)) {
            expect(named.has(op) || FREE.includes(op) ? op : `${op} is measured by no constant`).toBe(op);
        }
    });
});

/** 4 KiB in the most cells that a ciphertext may have. */
function largestCiphertext(): Cell {
    const cells = Number(tactConstant('CIPHERTEXT_MAX_CELLS'));
    let left = Number(tactConstant('CIPHERTEXT_MAX_BITS')) / 8;
    let next: Cell | null = null;
    for (let index = cells; index > 0; index--) {
        const bytes = Math.ceil(left / index);
        left -= bytes;
        const builder = beginCell().storeBuffer(Buffer.alloc(bytes, index));
        if (next) {
            builder.storeRef(next);
        }
        next = builder.endCell();
    }
    return next!;
}

/** Lists models 2^0, 2^1, …: each fork is one level deeper than the one before. */
async function plantModels(m: Market, count: number, descriptor: Cell): Promise<void> {
    const data = await m.registryData();
    const governance = parseGovernance(data.governance!);
    const models = Dictionary.empty(Dictionary.Keys.BigUint(256), Dictionary.Values.Cell());
    for (let index = 0; index < count; index++) {
        models.set(1n << BigInt(index), descriptor);
    }
    await m.chain.setData(
        m.registry,
        stored.registry({
            ...data,
            governance: beginCell()
                .storeAddress(governance.pendingGovernor)
                .storeUint(count, 8)
                .storeMaybeRef(governance.proposal)
                .storeDict(models)
                .endCell(),
        }),
    );
}
