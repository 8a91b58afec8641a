import { MarketError } from '../../wrappers/marketError';
import { ChannelTerms } from './channelTerms';
import { parseReceipt, Receipt, verifyReceipt } from './receipts';
import { cellHash, SignedCell } from './signedCells';

/**
 * What is wrong with a log of receipts. `gap`: numbers are missing; `repeated`: a receipt is there twice; `fork`: two of one
 * number, both signed; `wrong-link`: the right number, but it does not follow from the receipt before it.
 */
export type ReceiptFault =
    | 'malformed'
    | 'foreign-channel'
    | 'foreign-opening'
    | 'bad-signature'
    | 'gap'
    | 'repeated'
    | 'fork'
    | 'wrong-link'
    | 'falling-amount';

/** The answer of {@link verifyReceiptChain}: where the chain ends, or its first fault. */
export type ReceiptAudit =
    | {
          ok: true;
          /** How many receipts. */
          count: number;
          /** Hash of the last, 0 for an empty log. */
          head: bigint;
          /** nanoTON: what all requests cost. */
          amount: bigint;
      }
    | {
          ok: false;
          fault: ReceiptFault;
          /** Position in the log, from 0. */
          index: number;
      };

/** What an audit needs to know of the channel. */
export type AuditTerms = Pick<ChannelTerms, 'channel' | 'openedLt' | 'providerKey'>;

/**
 * Audits a whole log of one opening, from the first receipt on. Needs nothing but the log and the terms: either side, or an
 * arbiter, can do it.
 *
 * @param receipts - in order; the n-th has the number n
 * @throws InputError `weak-key` for a providerKey with which everything would verify
 */
export function verifyReceiptChain(receipts: readonly SignedCell[], terms: AuditTerms): ReceiptAudit {
    const hashes: bigint[] = [];
    let amount = 0n;
    for (const [index, signed] of receipts.entries()) {
        const receipt = readReceipt(signed);
        if (!receipt) {
            return { ok: false, fault: 'malformed', index };
        }
        const hash = cellHash(signed.cell);
        const fault = foreignness(receipt, signed, terms) ?? misplacement(receipt, hash, hashes, amount);
        if (fault) {
            return { ok: false, fault, index };
        }
        hashes.push(hash);
        amount = receipt.amount;
    }
    return { ok: true, count: hashes.length, head: hashes.at(-1) ?? 0n, amount };
}

function readReceipt({ cell }: SignedCell): Receipt | null {
    try {
        return parseReceipt(cell);
    } catch (error) {
        if (error instanceof MarketError) {
            return null;
        }
        throw error;
    }
}

function foreignness(receipt: Receipt, { cell, signature }: SignedCell, terms: AuditTerms): ReceiptFault | null {
    if (!receipt.channel.equals(terms.channel)) {
        return 'foreign-channel';
    }
    if (receipt.openedLt !== terms.openedLt) {
        return 'foreign-opening';
    }
    const signed = signature.length === 64 && verifyReceipt(cell, signature, terms.providerKey);
    return signed ? null : 'bad-signature';
}

/** @param hashes - of the receipts before it: the one numbered n at n − 1 */
function misplacement(receipt: Receipt, hash: bigint, hashes: readonly bigint[], amount: bigint): ReceiptFault | null {
    const { seq } = receipt;
    const last = BigInt(hashes.length);
    if (seq === 0n || seq > last + 1n) {
        return 'gap';
    }
    if (seq <= last) {
        return hashes[Number(seq) - 1] === hash ? 'repeated' : 'fork';
    }
    if (receipt.previous !== (hashes.at(-1) ?? 0n)) {
        return 'wrong-link';
    }
    return receipt.amount < amount ? 'falling-amount' : null;
}
