import { Transaction } from '@ton/core';
import { Channel } from '../../tests/fixtures/channels';
import { gasFeesOf, valueIn } from '../../tests/fixtures/jobs';
import { storageFeesOf } from '../../tests/helpers/step';
import { transactionAt } from '../../tests/helpers/traces';
import { Audit } from './audit';
import { WorkerRow } from './rows';
import { numberOf, voucherCell } from './signed';

/**
 * Ends the channel as a watchtower and its client would: redeems the worker's newest voucher out of its file, closes, and looks at
 * every nanoTON of the refund.
 *
 * @param rent - nanoTON that the channel held beside the deposit when it was opened
 */
export async function endChannel(channel: Channel, audit: Audit, row: WorkerRow | null, rent: bigint): Promise<void> {
    const { chain, offer } = channel;
    const { amount = 0n, receiptHead = 0n, signature = Buffer.alloc(64) } = row?.voucher ?? {};
    if (amount > audit.claimed) {
        const { openedLt } = await channel.terms();
        const cell = voucherCell({ channel: numberOf(channel.address.hash), openedLt, amount, receiptHead });
        await channel.tell(channel.stranger, channel.redeemBody(cell, signature));
        audit.redeemed((await channel.data()).claimed);
    }
    const { claimed } = await channel.data();
    audit.require(claimed === amount, `the newest voucher says ${amount}, but ${claimed} were claimed`);
    audit.require(claimed >= (row?.receipt?.amount ?? 0n), 'less was claimed than the last receipt says');

    const left = offer.deposit - claimed;
    // The clock stands still, and a redemption keeps nothing: so the rent is what it was.
    const held = await chain.balance(channel.address);
    audit.require(held === left + rent, `the channel holds ${held - left} for rent instead of ${rent}`);

    const asked = await channel.tell(channel.client, channel.requestCloseBody());
    const askedFees = storageFeesOf(transactionAt(asked, channel.address, 'RequestClose'));
    chain.at((await channel.data()).closesAt);
    const ended = await channel.tell(channel.client, channel.finalizeBody());
    const end = transactionAt(ended, channel.address, 'FinalizeChannel');
    const rentLeft = rent - askedFees - storageFeesOf(end);
    const due = left + rentLeft + valueIn(end) - gasFeesOf(end) - forwardFees(end);
    const refund = valueIn(transactionAt(ended, channel.client, 'ChannelClosed'));
    audit.require(refund === due, `the client got ${refund} back instead of ${due}`);
    audit.require(await chain.isGone(channel.address), 'the channel is still there');
}

/** nanoTON for all messages that a transaction sent. */
function forwardFees({ description }: Transaction): bigint {
    return (description.type === 'generic' && description.actionPhase?.totalFwdFees) || 0n;
}
