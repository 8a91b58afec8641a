import { Cell } from '@ton/core';
import { uint256Of } from '../helpers/cells';
import * as layout from '../helpers/layout';
import { accountIdOf } from './actors';
import { hashes } from './places';
import { Account, EscrowAccount, Id, NetworkParams, StakeAccount } from './model/types';

// What is stored and what the model says, brought to one form: every field that either of them has.

type View = Readonly<Record<string, unknown>>;

const hash = (cell: Cell | null): bigint | null => cell && uint256Of(cell.hash());
const raw = (address: { toRawString(): string } | null): Id | null => address && address.toRawString();

/** What an active account of that kind stores. */
export function storedView(kind: Account['kind'], data: Cell): View {
    return { kind, ...STORED[kind](data) };
}

/** What the model says that it stores. */
export function modelView(id: Id, account: Account): View {
    switch (account.kind) {
        case 'Registry': {
            const { governor, salt, networkId, version, pausedUntil, pausableFrom, params } = account;
            const { pendingGovernor, proposal } = account;
            const open = version > 0;
            return {
                ...{ kind: account.kind, governor, salt, networkId, version, pausedUntil, pausableFrom },
                params,
                pendingGovernor: open ? pendingGovernor : null,
                proposal,
                models: [...account.models].map(([root, text]) => `${root} ${text}`).sort(),
            };
        }
        case 'ProviderStake':
            return stakeModel(id, account);
        case 'JobEscrow':
            return escrowModel(account);
        case 'PaymentChannel':
        case 'PayoutSettlement':
            return { ...account };
    }
}

const STORED: Record<Account['kind'], (data: Cell) => View> = {
    Registry(data) {
        const { params, governance, governor, ...rest } = layout.parseRegistryData(data);
        const cold = governance && layout.parseGovernance(governance);
        const proposal = cold?.proposal ? layout.parseProposal(cold.proposal) : null;
        const models = [...(cold?.models ?? [])].map(([root, cell]) => `${root} ${text(cell)}`).sort();
        if (cold && cold.modelCount !== models.length) {
            throw new Error(`The Registry counts ${cold.modelCount} models and lists ${models.length}`);
        }
        return {
            ...rest,
            governor: raw(governor),
            params: params && paramsView(params),
            pendingGovernor: raw(cold?.pendingGovernor ?? null),
            proposal: proposal && {
                executableAt: proposal.executableAt,
                change:
                    proposal.kind === 1
                        ? { kind: 'params', params: paramsView(proposal.payload!) }
                        : {
                              kind: 'model',
                              modelRoot: proposal.modelRoot,
                              descriptor: proposal.payload && text(proposal.payload),
                          },
            },
            models,
        };
    },
    ProviderStake(data) {
        const { config, locks, state, ...hot } = layout.parseStakeData(data);
        const name = (['Uninit', 'Registering', 'Unregistered', 'Registered'] as const)[state]!;
        return {
            ...hot,
            state: name,
            locks: lockViews(locks),
            ...(name === 'Uninit'
                ? { ...named(layout.parseStakeIdentity(config)) }
                : name === 'Registered'
                  ? registeredView(config)
                  : openingView(config)),
        };
    },
    JobEscrow(data) {
        const { state, terms, progress, client, providerStake, ...rest } = layout.parseEscrowData(data);
        const name = ESCROW_STATES[state]!;
        const submission = state >= layout.JOB_SUBMITTED ? layout.parseSubmission(progress!) : null;
        const party = submission ? submission.party : progress;
        return {
            ...rest,
            state: name,
            client: raw(client),
            providerStake: raw(providerStake),
            terms: hash(terms),
            party: party && named(layout.parseParty(party)),
            submission: submission && {
                amount: submission.amount,
                bond: submission.bond,
                demanded: submission.demanded,
                resultCommitment: submission.resultCommitment,
                traceRoot: submission.traceRoot,
            },
        };
    },
    PaymentChannel(data) {
        const { terms, ...hot } = layout.parseChannelData(data);
        if (hot.closesAt === 0) {
            const slice = terms.beginParse();
            const identity = { client: raw(slice.loadAddress()), settlement: raw(slice.loadAddress()) };
            const nonce = slice.loadUintBig(64);
            slice.endParse();
            return {
                ...hot,
                state: 'Uninit',
                ...identity,
                nonce,
                openedLt: 0n,
                clientKey: 0n,
                providerKey: 0n,
                closeDelay: 0,
            };
        }
        const { closing, client, settlement, ...signed } = layout.parseChannelTerms(terms);
        return {
            ...hot,
            ...signed,
            state: 'Open',
            client: raw(client),
            settlement: raw(settlement),
            ...layout.parseChannelClosing(closing),
        };
    },
    PayoutSettlement(data) {
        const till = layout.parseTillData(data);
        const { feesDue, version, feeBps, threshold, payees } = till;
        return {
            ...{ feesDue, version, feeBps, threshold },
            ...named(layout.parseTillParties(till)),
            payees: payees
                ? layout.parsePayees(payees).map(({ address, bps }) => ({ address: raw(address), bps }))
                : [],
        };
    },
};

const ESCROW_STATES = ['Uninit', 'Open', 'Quoting', 'Accepted', 'Submitted', 'Demanded', 'Disputed'] as const;

function text(cell: Cell): string {
    const slice = cell.beginParse();
    return slice.loadBuffer(slice.remainingBits / 8).toString();
}

/** Addresses as ids. */
function named(fields: object): View {
    return Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [
            name,
            value !== null && typeof value === 'object' && 'toRawString' in value
                ? raw(value as { toRawString(): string })
                : (value as unknown),
        ]),
    );
}

function paramsView(cell: Cell): View {
    return named(layout.parseNetworkParams(cell));
}

function lockViews(locks: ReadonlyMap<number, layout.Lock>): string[] {
    return [...locks]
        .map(
            ([slot, lock]) =>
                `${slot}: ${lock.lockId} ${lock.escrow} ${lock.collateral} ${lock.lockUntil} ${lock.byHot}`,
        )
        .sort();
}

function openingView(config: Cell): View {
    const { profile, ...opening } = layout.parseStakeOpening(config);
    return { ...named(opening), profile: hash(profile) };
}

function registeredView(config: Cell): View {
    const { party, cold, ...hot } = layout.parseStakeConfig(config);
    const { settled, ...rest } = layout.parseStakeCold(cold);
    const { settlement, verifier, profile } = layout.parseStakeSettled(settled);
    return {
        ...hot,
        ...named(rest),
        party: named(layout.parseParty(party)),
        ...named({ settlement, verifier }),
        profile: hash(profile),
    };
}

function stakeModel(id: Id, account: StakeAccount): View {
    const { registry, owner, state, stake, unbonding, hotSlashed, record, locks } = account;
    const all = [...locks.values()];
    const sum = (list: typeof all) => list.reduce((total, { collateral }) => total + collateral, 0n);
    const hot = {
        ...{ kind: account.kind, registry, owner, state, stake, unbonding, hotSlashed, record },
        locked: sum(all),
        hotLocked: sum(all.filter(({ byHot }) => byHot)),
        usedSlots: [...locks.keys()].reduce((bits, slot) => bits | (1n << BigInt(slot)), 0n),
        locks: lockViews(
            new Map([...locks].map(([slot, lock]) => [slot, { ...lock, escrow: accountIdOf(lock.escrow) }])),
        ),
        feeBps: 0,
    };
    if (state === 'Uninit') {
        return hot;
    }
    const { attemptLt, refusal, profile, attestedUntil, version, pausedUntil, unlockAt } = account;
    if (state !== 'Registered') {
        return { ...hot, attemptLt, refusal, profile: profile!.hash };
    }
    const { feeBps, minStake, treasury, unbondingPeriod, verifier } = account.params as NetworkParams;
    const { allowanceCap, signingKey, operator } = profile!;
    const settlement = hashes.till(id);
    return {
        ...hot,
        ...{ feeBps, minStake, treasury, unbondingPeriod, verifier, version, pausedUntil, unlockAt, attestedUntil },
        ...{ allowanceCap, signingKey, settlement, profile: profile!.hash },
        party: { settlement, operator, owner },
    };
}

function escrowModel(account: EscrowAccount): View {
    const { terms } = account;
    return { ...account, price: terms ? terms.price : 0n, terms: terms && terms.hash };
}
