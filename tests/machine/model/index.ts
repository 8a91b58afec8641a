// The model of the whole protocol: what one message does to the account that receives it, and what it sends. Written from the
// documents and the schemas alone, so that the contracts can be held against it.

import { judgeChannel } from './channel';
import { judgeEscrow } from './escrow';
import { judgeRegistry } from './registry';
import { judgeStake } from './stake';
import { judgeTill } from './till';
import type { Account, Costs, Delivery, Hashes, Verdict } from './types';

export * from './types';

/**
 * What one transaction does. Pure: the same arguments give the same verdict, and nothing that is passed in changes.
 *
 * A value that does not even pay for the gas up to the first check is outside the model: a contract may then run out of gas in every case
 * in which INSUFFICIENT_VALUE is among the causes.
 *
 * @param account - what runs at the receiving address; undefined if nothing was ever deployed
 */
export function judge(account: Account | undefined, delivery: Delivery, costs: Costs, hashes: Hashes): Verdict {
    if (account === undefined) return { outcome: 'refused', causes: ['NO_CONTRACT'] };
    switch (account.kind) {
        case 'Registry':
            return judgeRegistry(account, delivery, costs, hashes);
        case 'ProviderStake':
            return judgeStake(account, delivery, costs, hashes);
        case 'JobEscrow':
            return judgeEscrow(account, delivery, costs, hashes);
        case 'PaymentChannel':
            return judgeChannel(account, delivery, costs);
        case 'PayoutSettlement':
            return judgeTill(account, delivery, costs);
    }
}
