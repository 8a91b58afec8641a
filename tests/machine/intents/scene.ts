import { ACTORS, idOf, KEYS, publicKeyOf } from '../actors';
import { Chance } from '../chance';
import { Memory } from '../memory';
import { Account, EscrowAccount, Id, Message, NetworkParams, Op, Signature, Signed } from '../model/types';
import { toNano } from '@ton/core';
import { hashes, Place } from '../places';
import { World } from '../world';

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const YEAR = 365 * DAY;

export interface Intent {
    readonly message: Message;
    /** Who may send it, if anybody may. */
    readonly from: Id;
}

/** What somebody who is about to send something sees. `wild` asks for something that is a little or entirely wrong. */
export interface Scene<A extends Account> {
    readonly world: World;
    readonly memory: Memory;
    readonly chance: Chance;
    readonly place: Place;
    readonly account: A;
    readonly wild: boolean;
}

/** How to make a message for a contract, by its name. */
export type Makers<A extends Account> = Partial<Record<Op, (scene: Scene<A>) => Intent>>;

export const anybody = (chance: Chance): Id => idOf(chance.of(ACTORS));
export const anyKey = (chance: Chance): bigint => publicKeyOf(chance.of(KEYS));
export const queryId = 7n;
export const plain = <T extends Op>(op: T) => ({ op, queryId }) as Extract<Message, { op: T }>;
export const bare =
    <A extends Account>(op: Op, from: (scene: Scene<A>) => Id) =>
    (scene: Scene<A>): Intent => ({ message: plain(op), from: from(scene) });

export function params(chance: Chance, wild: boolean, now: NetworkParams | null): NetworkParams {
    const sound: NetworkParams = {
        feeBps: chance.of([0, 200, 200, 500]),
        minStake: now ? chance.of([now.minStake, now.minStake * 2n, now.minStake / 2n + 1n]) : toNano(100),
        unbondingPeriod: chance.of([DAY, 14 * DAY, 60 * DAY]),
        timelockDelay: chance.of([DAY, DAY, 2 * DAY]),
        treasury: idOf('treasury'),
        arbiter: idOf('arbiter'),
        verifier: chance.once(8) ? null : idOf('verifier'),
    };
    const wrong: Partial<NetworkParams>[] = [
        { feeBps: 501 },
        { minStake: 0n },
        { minStake: (now?.minStake ?? toNano(100)) * 2n + 1n },
        { unbondingPeriod: DAY - 1 },
        { unbondingPeriod: 60 * DAY + 1 },
        { timelockDelay: DAY - 1 },
        { timelockDelay: 30 * DAY + 1 },
    ];
    return wild ? { ...sound, ...chance.of(wrong) } : sound;
}

export function signed(memory: Memory, by: bigint, over: Signed): Signature {
    return memory.sign({ by, over });
}

/** Somebody else's key, or a signature that was made for something else. */
export function spoiltSignature(
    { memory, chance }: Pick<Scene<Account>, 'memory' | 'chance'>,
    good: Signature,
): Signature {
    return chance.once(2) && memory.signatures.length > 0
        ? chance.of(memory.signatures)
        : signed(memory, anyKey(chance), good.over);
}

export function jobKeyAt(place: Place, account: EscrowAccount): bigint {
    return account.terms === null ? 0n : hashes.jobKey(place.id, account.terms.hash, account.openedLt);
}
