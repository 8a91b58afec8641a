import { toNano } from '@ton/core';
import { idOf } from '../actors';
import { RegistryAccount } from '../model/types';
import { anybody, bare, DAY, HOUR, Makers, params, queryId, Scene } from './scene';

export const REGISTRY: Makers<RegistryAccount> = {
    OpenNetwork: ({ chance, wild, account }) => ({
        message: { op: 'OpenNetwork', queryId, params: params(chance, wild, null) },
        from: account.governor,
    }),
    RegisterMe: ({ chance }) => ({
        message: { op: 'RegisterMe', queryId, amount: toNano(1000), owner: anybody(chance) },
        from: anybody(chance),
    }),
    SyncParams: ({ chance }) => ({
        message: { op: 'SyncParams', queryId, owner: idOf(chance.of(['p.owner', 'p.owner', 'q.owner', 'stranger'])) },
        from: anybody(chance),
    }),
    ProposeParams: ({ chance, wild, account }) => ({
        message: { op: 'ProposeParams', queryId, params: params(chance, wild, account.params) },
        from: account.governor,
    }),
    ProposeModel: ({ chance, account }) => ({
        message: {
            ...{ op: 'ProposeModel', queryId, modelRoot: chance.of([1n, 2n, 3n]) },
            descriptor: chance.of(['a model', 'another', null]),
        },
        from: account.governor,
    }),
    ExecuteProposal: bare('ExecuteProposal', ({ chance }: Scene<RegistryAccount>) => anybody(chance)),
    CancelProposal: bare('CancelProposal', ({ account }: Scene<RegistryAccount>) => account.governor),
    Pause: ({ world, chance, wild, account }) => ({
        message: {
            ...{ op: 'Pause', queryId },
            pausedUntil: world.now + chance.of(wild ? [0, 7 * DAY + 1] : [1, HOUR, 7 * DAY]),
        },
        from: account.governor,
    }),
    ProposeGovernor: ({ chance, account }) => ({
        message: { op: 'ProposeGovernor', queryId, governor: idOf(chance.of(['heir', 'governor'])) },
        from: account.governor,
    }),
    AcceptGovernor: ({ chance, account }) => ({
        message: { op: 'AcceptGovernor', queryId },
        from: account.pendingGovernor ?? anybody(chance),
    }),
};
