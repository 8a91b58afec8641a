// What the text guarantees, checked on the model's world and on the flow of messages; nothing here asks judge().

import type {
    Account,
    ChannelAccount,
    EscrowAccount,
    Id,
    Lock,
    RegistryAccount,
    StakeAccount,
    TillAccount,
} from './types';

import { guarantee } from './guarantee';

export { BrokenGuarantee, guarantee } from './guarantee';
export { History } from './history';

/**
 * nanoTON that the account owes to others: its balance must never be below, rent apart.
 *
 * An account in state Uninit owes nothing.
 */
export function liabilities(account: Account): bigint {
    switch (account.kind) {
        case 'Registry':
            return 0n;
        case 'ProviderStake':
            return account.stake + account.unbonding;
        case 'JobEscrow':
            return (account.terms?.price ?? 0n) + (account.submission?.bond ?? 0n);
        case 'PaymentChannel':
            return account.totalDeposited - account.claimed;
        case 'PayoutSettlement':
            return account.feesDue;
    }
}

/** nanoTON of collateral that these locks hold. */
export function collateralOf(locks: Iterable<Lock>): bigint {
    let sum = 0n;
    for (const lock of locks) sum += lock.collateral;
    return sum;
}

function checkRegistry(id: Id, account: RegistryAccount): void {
    const { params, version } = account;
    guarantee(version > 0 === (params !== null), `Registry ${id} is open exactly if it has parameters.`);
    guarantee(account.models.size <= 64, `Registry ${id} lists ${account.models.size} models.`);
    if (params === null) return;
    guarantee(params.feeBps <= 500, `Registry ${id} asks for a fee of ${params.feeBps} basis points.`);
    guarantee(params.minStake > 0n, `Registry ${id} has no minimum stake.`);
}

function checkStake(id: Id, account: StakeAccount, taken: Map<string, string>): void {
    const { stake, unbonding, locks, state } = account;
    const registered = state === 'Registered';
    guarantee(stake >= 0n && unbonding >= 0n, `Stake ${id} holds less than nothing: ${stake} and ${unbonding}.`);
    const locked = collateralOf(locks.values());
    guarantee(stake + unbonding >= locked, `Stake ${id} has ${stake + unbonding}, and locks of ${locked}.`);
    guarantee(account.hotSlashed >= 0n, `Stake ${id} has a use of ${account.hotSlashed} left of slashes.`);
    guarantee(registered || (locks.size === 0 && unbonding === 0n), `Stake ${id} has locks or unbonds while ${state}.`);
    guarantee(state === 'Uninit' || account.profile !== null, `Stake ${id} has no profile while ${state}.`);
    guarantee(registered === (account.params !== null), `Stake ${id} knows the network exactly if Registered.`);
    for (const [slot, lock] of locks) {
        const name = `${lock.escrow}/${lock.lockId}`;
        const place = `${id}#${slot}`;
        const other = taken.get(name);
        guarantee(other === undefined, `Acceptance ${name} holds two locks: ${other} and ${place}.`);
        taken.set(name, place);
        guarantee(slot >= 0 && slot < (lock.byHot ? 224 : 256), `A lock lies in slot ${place}, by hot: ${lock.byHot}.`);
        guarantee(lock.collateral >= 0n, `Lock ${place} holds less than nothing.`);
    }
}

function checkEscrow(id: Id, account: EscrowAccount): void {
    const { state, terms, party, submission } = account;
    const opened = state !== 'Uninit';
    const accepted = opened && state !== 'Open' && state !== 'Quoting';
    const submitted = accepted && state !== 'Accepted';
    const pledged = state === 'Demanded' || state === 'Disputed';
    guarantee(opened === (terms !== null), `Escrow ${id} is ${state}, and has terms: ${terms !== null}.`);
    guarantee(accepted === (party !== null), `Escrow ${id} is ${state}, and has a provider: ${party !== null}.`);
    guarantee(submitted === (submission !== null), `Escrow ${id} is ${state}, with a result: ${submission !== null}.`);
    if (terms === null) return;
    guarantee(terms.arbiter !== account.client, `The client of escrow ${id} is its arbiter.`);
    if (submission === null) return;
    guarantee(submission.amount <= terms.price, `Escrow ${id} would pay ${submission.amount} of ${terms.price}.`);
    guarantee(pledged || submission.bond === 0n, `Escrow ${id} holds a bond while ${state}.`);
    guarantee(account.deadline < account.lockUntil, `The lock of escrow ${id} ends before its deadline.`);
}

function checkChannel(id: Id, account: ChannelAccount): void {
    const { claimed, totalDeposited, state } = account;
    guarantee(
        claimed >= 0n && claimed <= totalDeposited,
        `Of channel ${id} ${claimed} of ${totalDeposited} are claimed.`,
    );
    guarantee((state === 'Open') === totalDeposited > 0n, `Channel ${id} is ${state}, with ${totalDeposited}.`);
}

function checkTill(id: Id, account: TillAccount): void {
    const bps = account.payees.reduce((sum, payee) => sum + payee.bps, 0);
    const fair = account.payees.length === 0 || (account.payees.length <= 4 && bps === 10_000);
    guarantee(fair, `The payees of till ${id} share ${bps} basis points.`);
    guarantee(account.feesDue >= 0n, `Till ${id} owes the network ${account.feesDue}.`);
    guarantee(account.version > 0 === (account.owner !== null), `Till ${id} is live exactly if it has an owner.`);
}

/**
 * What holds after every step, whatever happened before: bounds and sums of each account, and that no acceptance holds two locks.
 *
 * @throws BrokenGuarantee
 */
export function checkWorld(world: ReadonlyMap<Id, Account>): void {
    const taken = new Map<string, string>();
    for (const [id, account] of world) {
        guarantee(liabilities(account) >= 0n, `Account ${id} owes less than nothing.`);
        switch (account.kind) {
            case 'Registry':
                checkRegistry(id, account);
                break;
            case 'ProviderStake':
                checkStake(id, account, taken);
                break;
            case 'JobEscrow':
                checkEscrow(id, account);
                break;
            case 'PaymentChannel':
                checkChannel(id, account);
                break;
            case 'PayoutSettlement':
                checkTill(id, account);
                break;
        }
    }
}
