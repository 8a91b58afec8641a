// ProviderStake: stake, what unbonds, job locks, profile, track record.

import { DAY, excess, IGNORED, judged, least, MINUTE, most, present, send, share, signs, UNKNOWN } from './common';
import type { Rule } from './common';
import type { Costs, Delivery, Hashes, Lock, Message, Party, Send, StakeAccount, Verdict } from './types';

const SLOTS = 256;
const HOT_SLOTS = 224;
const SHORTEST_LOCK = 8 * DAY;
const LONGEST_LOCK = 120 * DAY;
const QUOTE_LIFE = 2 * MINUTE;
const NO_REGISTRY = 255;
/** Six counters, settled lowest, and above them the weight: schemas/staking.tlb. */
const COUNTER_BITS = 28n;
const WEIGHT_AT = 6n * COUNTER_BITS;

/** Nothing saturates: a full counter would run into its neighbour. */
function counted(record: bigint, outcome: number, weight: bigint): bigint {
    return record + (1n << (COUNTER_BITS * BigInt(outcome))) + (weight << WEIGHT_AT);
}

export function locked(account: StakeAccount, hotOnly = false): bigint {
    return [...account.locks.values()].reduce(
        (sum, lock) => (hotOnly && !lock.byHot ? sum : sum + lock.collateral),
        0n,
    );
}

/** The lowest free slot of 0–223 for the hot keys; the owner starts at 224 and then takes theirs. */
function freeSlot(account: StakeAccount, hot: boolean): number | null {
    const lowest = (from: number, to: number): number | null => {
        for (let slot = from; slot < to; slot++) if (!account.locks.has(slot)) return slot;
        return null;
    };
    return hot ? lowest(0, HOT_SLOTS) : (lowest(HOT_SLOTS, SLOTS) ?? lowest(0, HOT_SLOTS));
}

/** Without that lock. */
function freed(account: StakeAccount, slot: number): StakeAccount {
    const locks = new Map(account.locks);
    locks.delete(slot);
    return { ...account, locks };
}

/** The lock in that slot, if it is this one. */
function matching(account: StakeAccount, slot: number, lockId: bigint, escrow: string): Lock | null {
    const lock = account.locks.get(slot);
    return lock !== undefined && lock.lockId === lockId && lock.escrow === escrow ? lock : null;
}

interface Wanted {
    readonly hot: boolean;
    readonly escrow: string;
    readonly collateral: bigint;
    readonly lockUntil: number;
}

function acceptanceRules(account: StakeAccount, delivery: Delivery, wanted: Wanted): Rule[] {
    const { now } = delivery;
    const { params, profile } = account;
    const used = locked(account, true) + account.hotSlashed + wanted.collateral;
    return [
        [account.state !== 'Registered', 'WRONG_STATE'],
        [params !== null && account.stake < params.minStake, 'JAILED'],
        [params !== null && now < account.pausedUntil, 'PAUSED'],
        [params !== null && account.stake - locked(account) < wanted.collateral, 'INSUFFICIENT_STAKE'],
        [wanted.lockUntil < now + SHORTEST_LOCK || wanted.lockUntil > now + LONGEST_LOCK, 'LOCK_WINDOW'],
        [freeSlot(account, wanted.hot) === null, 'NO_FREE_SLOT'],
        [wanted.hot && profile !== null && used > profile.allowanceCap, 'ALLOWANCE_EXCEEDED'],
    ];
}

function accept(account: StakeAccount, delivery: Delivery, hashes: Hashes, wanted: Wanted, jobKey: bigint) {
    const { hot, escrow, collateral, lockUntil } = wanted;
    const { owner, attestedUntil } = account;
    const slot = present(freeSlot(account, hot));
    const lock: Lock = { lockId: delivery.lt, escrow, collateral, lockUntil, byHot: hot };
    const party: Party = {
        settlement: hashes.till(delivery.to),
        // A job that the owner accepted is the owner's alone to submit.
        operator: hot ? present(account.profile).operator : owner,
        owner,
    };
    const tier = delivery.now < attestedUntil ? 1 : 0;
    const message: Message = {
        op: 'JobAccepted',
        queryId: delivery.lt,
        slot,
        jobKey,
        collateral,
        lockUntil,
        tier,
        attestedUntil,
        party,
    };
    return {
        next: { ...account, locks: new Map(account.locks).set(slot, lock) },
        accepted: send(escrow, message, 0n, { bounceable: true }),
    };
}

/** Whatever there is of it: a slash never fails. */
function slash(
    account: StakeAccount,
    delivery: Delivery,
    costs: Costs,
    message: Extract<Message, { op: 'SlashCollateral' }>,
    lock: Lock,
): Verdict {
    const { queryId } = message;
    const there = most(0n, delivery.balance - delivery.value);
    const due = least(message.amount, lock.collateral, account.stake + account.unbonding, there);
    // A total below dust stays in the stake.
    const taken = due < costs.dust() ? 0n : due;
    const fromStake = least(taken, account.stake);
    const part = share(taken, message.toClientBps);
    const toClient = part < costs.dust() ? 0n : part;
    // A share pays its own forward fee, half of dust.
    const pay = (to: string, amount: bigint): Send[] =>
        amount === 0n
            ? []
            : [
                  send(to, { op: 'SlashShare', queryId }, most(0n, amount - costs.dust() / 2n), {
                      onFailure: 'rollback',
                  }),
              ];
    return {
        outcome: 'accepted',
        next: {
            ...freed(account, message.slot),
            stake: account.stake - fromStake,
            unbonding: account.unbonding - (taken - fromStake),
            hotSlashed: account.hotSlashed + (lock.byHot ? taken : 0n),
            record: counted(account.record, message.reason, 0n),
        },
        sends: [...pay(message.client, toClient), ...pay(present(account.params).treasury, taken - toClient)],
    };
}

const NOT_IN_THIS_STATE: Verdict = { outcome: 'refused', causes: ['WRONG_STATE'] };

function bounced(account: StakeAccount, delivery: Delivery): Verdict {
    const { message, from } = delivery;
    if (message.op === 'RegisterMe') {
        const ours =
            account.state === 'Registering' && from === account.registry && message.queryId === account.attemptLt;
        if (account.state === 'Uninit') return NOT_IN_THIS_STATE;
        if (!ours) return IGNORED;
        return { outcome: 'accepted', next: { ...account, state: 'Unregistered', refusal: NO_REGISTRY }, sends: [] };
    }
    if (message.op === 'JobAccepted' && account.state !== 'Registered') return NOT_IN_THIS_STATE;
    if (message.op === 'JobAccepted' && matching(account, message.slot, message.queryId, from) !== null) {
        return { outcome: 'accepted', next: freed(account, message.slot), sends: [] };
    }
    return IGNORED;
}

/** What an opening's answers and the parameters' syncs do. */
function fromRegistry(account: StakeAccount, delivery: Delivery, costs: Costs, hashes: Hashes): Verdict {
    const { message, from, to } = delivery;
    const { owner, registry } = account;
    const stranger: Rule = [from !== registry, 'WRONG_SENDER'];
    const current = message.queryId === account.attemptLt;
    if (message.op === 'RegistrationRefused') {
        return judged([[account.state === 'Uninit', 'WRONG_STATE']], () =>
            account.state === 'Registering' && current && from === registry
                ? {
                      outcome: 'accepted',
                      next: { ...account, state: 'Unregistered', refusal: message.reason },
                      sends: [],
                  }
                : IGNORED,
        );
    }
    if (message.op !== 'Initialise' && message.op !== 'UpdateParams') return UNKNOWN;
    const { queryId, version, pausedUntil, params } = message;
    const poor: Rule = [delivery.value < costs.initialiseGas() + costs.tillDeployment(), 'INSUFFICIENT_VALUE'];
    const initialising = message.op === 'Initialise';
    const excessesTo = initialising ? owner : message.excessesTo;
    const rules: Rule[] = initialising
        ? [
              [account.state !== 'Registering', 'WRONG_STATE'],
              [!current, 'STALE_ATTEMPT'],
          ]
        : [
              [account.state !== 'Registered', 'WRONG_STATE'],
              [version < account.version, 'OLD_PARAMS'],
          ];
    return judged([stranger, ...rules, poor], () => {
        const { feeBps, treasury } = params;
        const tillParams: Message = { op: 'TillParams', queryId, version, feeBps, owner, treasury, excessesTo };
        const sameVerifier = account.params?.verifier === params.verifier;
        const attestedUntil = sameVerifier ? account.attestedUntil : 0;
        const synced = { ...account, version, pausedUntil, params, attestedUntil };
        const next: StakeAccount = initialising
            ? { ...synced, state: 'Registered', attemptLt: 0n, refusal: 0 }
            : synced;
        return { outcome: 'accepted', next, sends: [send(hashes.till(to), tillParams, 0n, { deploys: true })] };
    });
}

export function judgeStake(account: StakeAccount, delivery: Delivery, costs: Costs, hashes: Hashes): Verdict {
    if (delivery.bounced) return bounced(account, delivery);
    const { message, from, to, now, value, balance, lt } = delivery;
    const { state, owner, registry, stake, unbonding, params, profile } = account;
    const back = (next: StakeAccount): Verdict => ({ outcome: 'accepted', next, sends: [excess(delivery)] });
    const notRegistered: Rule = [state !== 'Registered', 'WRONG_STATE'];
    const notOwner: Rule = [from !== owner, 'WRONG_SENDER'];
    const poor = (atLeast: bigint): Rule => [value < atLeast, 'INSUFFICIENT_VALUE'];
    const register = (amount: bigint, changes: Partial<StakeAccount>): Verdict => ({
        outcome: 'accepted',
        next: { ...account, ...changes, state: 'Registering', stake: amount, attemptLt: lt, refusal: 0 },
        sends: [send(registry, { op: 'RegisterMe', queryId: lt, amount, owner }, 0n, { bounceable: true })],
    });

    switch (message.op) {
        case 'OpenStake':
            return judged(
                [
                    [state !== 'Uninit', 'WRONG_STATE'],
                    notOwner,
                    [message.amount === 0n, 'ZERO_AMOUNT'],
                    // What was sent ahead counts.
                    [balance < message.amount + costs.stakeOpening(), 'INSUFFICIENT_VALUE'],
                ],
                () => register(message.amount, { profile: message.profile }),
            );
        case 'RetryRegister': {
            const short = value < costs.retrying() || balance < stake + costs.stakeRent() + costs.retrying();
            const rules: Rule[] = [[state !== 'Unregistered', 'WRONG_STATE'], notOwner, [short, 'INSUFFICIENT_VALUE']];
            return judged(rules, () => register(stake, {}));
        }
        case 'WithdrawUnregistered': {
            const rules: Rule[] = [
                [state !== 'Registering' && state !== 'Unregistered', 'WRONG_STATE'],
                notOwner,
                poor(costs.stakeStep()),
            ];
            const everything: Message = { op: 'Excesses', queryId: message.queryId };
            return judged(rules, () => ({
                outcome: 'accepted',
                next: null,
                sends: [send(owner, everything, balance - costs.stakeStep())],
            }));
        }
        case 'Initialise':
        case 'RegistrationRefused':
        case 'UpdateParams':
            return fromRegistry(account, delivery, costs, hashes);
        case 'TopUpStake':
            return judged(
                [
                    [state !== 'Unregistered' && state !== 'Registered', 'WRONG_STATE'],
                    [message.amount === 0n, 'ZERO_AMOUNT'],
                    poor(message.amount + costs.stakeStep()),
                ],
                () => back({ ...account, stake: stake + message.amount }),
            );
        case 'UpdateProfile':
            return judged([notRegistered, notOwner, poor(costs.profile())], () => {
                const old = present(profile);
                const sameKeys =
                    old.signingKey === message.profile.signingKey &&
                    old.encryptionKey === message.profile.encryptionKey;
                const attestedUntil = sameKeys ? account.attestedUntil : 0;
                return back({ ...account, profile: message.profile, attestedUntil });
            });
        case 'ResetAllowanceUsed':
            return judged([notRegistered, notOwner, poor(costs.stakeStep())], () =>
                back({ ...account, hotSlashed: 0n }),
            );
        case 'RequestUnbond': {
            const { amount } = message;
            return judged(
                [
                    notRegistered,
                    notOwner,
                    [amount === 0n, 'ZERO_AMOUNT'],
                    [unbonding > 0n, 'UNBOND_PENDING'],
                    [amount > stake, 'UNBOND_EXCEEDS_STAKE'],
                    poor(costs.stakeStep()),
                ],
                () => {
                    const unlockAt = now + present(params).unbondingPeriod;
                    return back({ ...account, stake: stake - amount, unbonding: amount, unlockAt });
                },
            );
        }
        case 'CancelUnbond':
            return judged(
                [notRegistered, notOwner, [unbonding === 0n, 'NOTHING_UNBONDING'], poor(costs.stakeStep())],
                () => back({ ...account, stake: stake + unbonding, unbonding: 0n }),
            );
        case 'WithdrawStake': {
            const amount = least(unbonding, stake + unbonding - locked(account));
            return judged(
                [
                    notRegistered,
                    notOwner,
                    [unbonding === 0n, 'NOTHING_UNBONDING'],
                    [unbonding > 0n && now < account.unlockAt, 'STILL_UNBONDING'],
                    [unbonding > 0n && amount <= 0n, 'NOTHING_WITHDRAWABLE'],
                    poor(costs.stakeStep()),
                ],
                () => {
                    const next = { ...account, unbonding: unbonding - amount };
                    // Rent that ate into the stake is the owner's loss: what still is owed to locks and to himself stays.
                    const there = most(0n, balance - value - next.stake - next.unbonding);
                    const money: Message = { op: 'Excesses', queryId: message.queryId };
                    return { outcome: 'accepted', next, sends: [send(owner, money, least(amount, there))] };
                },
            );
        }
        case 'AcceptJob': {
            const { client, nonce, collateral, lockUntil } = message;
            const hot = from !== owner;
            const wanted: Wanted = { hot, escrow: hashes.escrow(client, to, nonce), collateral, lockUntil };
            return judged(
                [
                    [hot && from !== profile?.operator, 'WRONG_SENDER'],
                    ...acceptanceRules(account, delivery, wanted),
                    poor(costs.accepting()),
                ],
                () => {
                    const { next, accepted } = accept(account, delivery, hashes, wanted, message.jobKey);
                    return { outcome: 'accepted', next, sends: [accepted, excess(delivery)] };
                },
            );
        }
        case 'AcceptQuote': {
            const { client, nonce, collateral, lockUntil, quote } = message;
            const { termsHash, validUntil } = quote;
            const escrow = hashes.escrow(client, to, nonce);
            const wanted: Wanted = { hot: true, escrow, collateral, lockUntil };
            const over = { tag: 'quote', escrow, termsHash, collateral, validUntil } as const;
            return judged(
                [
                    [from !== escrow, 'WRONG_SENDER'],
                    ...acceptanceRules(account, delivery, wanted),
                    [now >= validUntil || validUntil > now + QUOTE_LIFE, 'QUOTE_WINDOW'],
                    [profile !== null && !signs(quote.signature, profile.signingKey, over), 'BAD_QUOTE_SIGNATURE'],
                    poor(costs.acceptance()),
                ],
                () => {
                    const jobKey = hashes.jobKey(escrow, termsHash, message.queryId);
                    const { next, accepted } = accept(account, delivery, hashes, wanted, jobKey);
                    return { outcome: 'accepted', next, sends: [accepted] };
                },
            );
        }
        case 'ReleaseCollateral':
        case 'SlashCollateral': {
            // Locks exist only in Registered.
            if (state !== 'Registered') return NOT_IN_THIS_STATE;
            const lock = matching(account, message.slot, message.queryId, from);
            if (lock === null) return IGNORED;
            if (message.op === 'SlashCollateral') return slash(account, delivery, costs, message, lock);
            const weight = share(message.paid, present(params).feeBps);
            const record = counted(account.record, message.outcome, weight);
            return { outcome: 'accepted', next: { ...freed(account, message.slot), record }, sends: [] };
        }
        case 'ReleaseStaleLock': {
            const lock = account.locks.get(message.slot);
            return judged(
                [
                    notRegistered,
                    [lock === undefined, 'LOCK_NOT_FOUND'],
                    [lock !== undefined && now < lock.lockUntil, 'LOCK_NOT_STALE'],
                    poor(costs.stakeStep()),
                ],
                () => back(freed(account, message.slot)),
            );
        }
        case 'AttestationVerdict': {
            const { validUntil, reportData } = message;
            const expected = profile === null ? null : hashes.reportData(to, profile.signingKey, profile.encryptionKey);
            return judged(
                [
                    notRegistered,
                    [params !== null && from !== params.verifier, 'WRONG_SENDER'],
                    [expected !== null && reportData !== expected, 'BAD_REPORT_DATA'],
                    poor(costs.stakeStep()),
                ],
                () => back({ ...account, attestedUntil: Math.max(account.attestedUntil, validUntil) }),
            );
        }
        default:
            return UNKNOWN;
    }
}
