// The Registry: parameters, catalogue, timelock; holds no user's money.

import { DAY, excess, IGNORED, judged, present, send, UNKNOWN, type Rule } from './common';
import type { Costs, Delivery, Hashes, NetworkParams, RegistryAccount, Verdict } from './types';

const PROPOSAL_LIFE = 14 * DAY;
const LONGEST_PAUSE = 7 * DAY;
const MODELS_MAX = 64;
const MIN_STAKE_END = 1n << 63n;
const BELOW_MINIMUM = 1;
const PAUSED = 2;

/** Bounds in code; `current` is absent at the opening, when there is nothing to double. */
function bounds(params: NetworkParams, current: NetworkParams | null): Rule[] {
    const tooLarge = params.minStake >= MIN_STAKE_END || (current !== null && params.minStake > 2n * current.minStake);
    return [
        [params.feeBps > 500, 'FEE_BPS'],
        [params.minStake === 0n || tooLarge, 'MIN_STAKE'],
        [params.unbondingPeriod < DAY || params.unbondingPeriod > 60 * DAY, 'UNBONDING_PERIOD'],
        [params.timelockDelay < DAY || params.timelockDelay > 30 * DAY, 'TIMELOCK_DELAY'],
    ];
}

/** Why what is proposed cannot be executed on what the Registry holds by then. */
function executable({ proposal, params, models }: RegistryAccount): Rule[] {
    if (proposal === null) return [];
    const { change } = proposal;
    if (change.kind === 'params') {
        return [[params !== null && change.params.minStake > 2n * params.minStake, 'MIN_STAKE']];
    }
    const listed = models.has(change.modelRoot);
    return [
        [change.descriptor !== null && !listed && models.size >= MODELS_MAX, 'CATALOGUE_FULL'],
        [change.descriptor === null && !listed, 'UNKNOWN_MODEL'],
    ];
}

function executed(account: RegistryAccount): RegistryAccount {
    const { change } = present(account.proposal);
    if (change.kind === 'params') {
        return { ...account, proposal: null, params: change.params, version: account.version + 1 };
    }
    const models = new Map(account.models);
    if (change.descriptor === null) models.delete(change.modelRoot);
    else models.set(change.modelRoot, change.descriptor);
    return { ...account, proposal: null, models };
}

function badDescriptor(descriptor: string | null): boolean {
    if (descriptor === null) return false;
    const bytes = Buffer.byteLength(descriptor);
    return bytes < 1 || bytes > 127;
}

export function judgeRegistry(account: RegistryAccount, delivery: Delivery, costs: Costs, hashes: Hashes): Verdict {
    if (delivery.bounced) return IGNORED;
    const { message, from, now } = delivery;
    const { proposal } = account;
    const back = (next: RegistryAccount): Verdict => ({ outcome: 'accepted', next, sends: [excess(delivery)] });
    const closed: Rule = [account.version === 0, 'WRONG_STATE'];
    const stranger: Rule = [from !== account.governor, 'WRONG_SENDER'];
    const poor = (least: bigint): Rule => [delivery.value < least, 'INSUFFICIENT_VALUE'];
    const waiting: Rule = [proposal !== null && now < proposal.executableAt + PROPOSAL_LIFE, 'PROPOSAL_PENDING'];
    const propose = (change: NonNullable<RegistryAccount['proposal']>['change']): Verdict =>
        back({ ...account, proposal: { executableAt: now + present(account.params).timelockDelay, change } });

    switch (message.op) {
        case 'OpenNetwork':
            return judged(
                [
                    [account.version !== 0, 'WRONG_STATE'],
                    stranger,
                    [account.networkId !== hashes.globalId, 'WRONG_NETWORK'],
                    ...bounds(message.params, null),
                    poor(costs.networkOpening()),
                ],
                () => back({ ...account, version: 1, params: message.params }),
            );
        case 'RegisterMe': {
            const stake = hashes.stake(delivery.to, message.owner);
            return judged([closed, [from !== stake, 'WRONG_SENDER']], () => {
                const params = present(account.params);
                const { version, pausedUntil } = account;
                const { queryId } = message;
                const reason =
                    message.amount < params.minStake ? BELOW_MINIMUM : now < account.pausedUntil ? PAUSED : null;
                const answer =
                    reason === null
                        ? send(stake, { op: 'Initialise', queryId, version, pausedUntil, params })
                        : send(stake, { op: 'RegistrationRefused', queryId, reason });
                return { outcome: 'accepted', next: account, sends: [answer] };
            });
        }
        case 'SyncParams':
            return judged([closed, poor(costs.syncing())], () => {
                const update = {
                    op: 'UpdateParams',
                    queryId: message.queryId,
                    version: account.version,
                    pausedUntil: account.pausedUntil,
                    excessesTo: from,
                    params: present(account.params),
                } as const;
                const to = hashes.stake(delivery.to, message.owner);
                const sends = [send(to, update, 0n, { bounceable: true }), excess(delivery)];
                return { outcome: 'accepted', next: account, sends };
            });
        case 'ProposeParams':
            return judged(
                [closed, stranger, ...bounds(message.params, account.params), waiting, poor(costs.registryStep())],
                () => propose({ kind: 'params', params: message.params }),
            );
        case 'ProposeModel': {
            const { modelRoot, descriptor } = message;
            return judged(
                [closed, stranger, [badDescriptor(descriptor), 'MALFORMED_CELL'], waiting, poor(costs.registryStep())],
                () => propose({ kind: 'model', modelRoot, descriptor }),
            );
        }
        case 'ExecuteProposal':
            return judged(
                [
                    closed,
                    [proposal === null, 'NO_PROPOSAL'],
                    [proposal !== null && now < proposal.executableAt, 'TIMELOCK_RUNNING'],
                    [proposal !== null && now >= proposal.executableAt + PROPOSAL_LIFE, 'PROPOSAL_EXPIRED'],
                    ...executable(account),
                    poor(costs.executing()),
                ],
                () => back(executed(account)),
            );
        case 'CancelProposal':
            return judged([closed, stranger, [proposal === null, 'NO_PROPOSAL'], poor(costs.registryStep())], () =>
                back({ ...account, proposal: null }),
            );
        case 'Pause': {
            const { pausedUntil } = message;
            return judged(
                [
                    closed,
                    stranger,
                    [pausedUntil <= now || pausedUntil > now + LONGEST_PAUSE, 'PAUSE_WINDOW'],
                    [now < account.pausableFrom, 'PAUSE_COOLDOWN'],
                    poor(costs.registryStep()),
                ],
                // The cool-down after the pause is as long as the pause.
                () =>
                    back({
                        ...account,
                        version: account.version + 1,
                        pausedUntil,
                        pausableFrom: pausedUntil + (pausedUntil - now),
                    }),
            );
        }
        case 'ProposeGovernor':
            return judged([closed, stranger, poor(costs.registryStep())], () =>
                back({ ...account, pendingGovernor: message.governor }),
            );
        case 'AcceptGovernor':
            return judged(
                [closed, [from !== account.pendingGovernor, 'WRONG_SENDER'], poor(costs.registryStep())],
                () => back({ ...account, governor: from, pendingGovernor: null }),
            );
        default:
            return UNKNOWN;
    }
}
