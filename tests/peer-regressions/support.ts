import { Address, Cell } from '@ton/core';
import { parseTrackRecord, TrackRecord } from '../../wrappers/trackRecord';
import { Channel } from '../fixtures/channels';
import { ChannelStage } from '../fixtures/channelStage';
import { Chain } from '../helpers/chain';
import { parseStakeData, parseTillData, StakeData } from '../helpers/layout';
import { expectTrace, received } from '../helpers/traces';

async function dataOf(chain: Chain, account: Address): Promise<Cell> {
    const data = await chain.data(account);
    if (data === null) {
        throw new Error('The account is not active');
    }
    return data;
}

/** A stake's storage. */
export async function stakeOf(chain: Chain, stake: Address): Promise<StakeData> {
    return parseStakeData(await dataOf(chain, stake));
}

/** A provider's history. */
export async function recordOf(chain: Chain, stake: Address): Promise<TrackRecord> {
    return parseTrackRecord((await stakeOf(chain, stake)).record);
}

/** nanoTON that a till owes the network. */
export async function feesDueOf(chain: Chain, till: Address): Promise<bigint> {
    return parseTillData(await dataOf(chain, till)).feesDue;
}

/** A channel, and that of another client with the same provider. */
export async function withVictim(offer?: { clientKey: bigint }): Promise<{ stage: ChannelStage; victim: Channel }> {
    const stage = await ChannelStage.open();
    const victim = await Channel.prepare(stage.channel.provider, { client: 'victim', nonce: 2n, offer });
    await victim.open();
    return { stage, victim };
}

/** Nothing of the victim's deposit has moved, and all of it comes back. */
export async function expectUntouched({ chain }: ChannelStage, victim: Channel): Promise<void> {
    const { deposit, closesAt } = victim.offer;
    expect(await victim.data()).toMatchObject({ totalDeposited: deposit, claimed: 0n });
    chain.at(closesAt);
    const ended = await victim.tell(victim.client, victim.finalizeBody());
    expectTrace(ended, [
        { from: victim.client, to: victim.address, op: 'FinalizeChannel', destroyed: true },
        { from: victim.address, to: victim.client, op: 'ChannelClosed' },
    ]);
    expect(received(ended, victim.client, 'ChannelClosed')).toBeGreaterThan(deposit);
}
