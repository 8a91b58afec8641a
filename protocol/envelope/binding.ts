import { Address } from '@ton/core';
import { Bits256, toBytes32 } from '../../wrappers/checks';
import { ByteWriter } from '../wireBytes';

/** What an envelope is for: it opens for nothing else. Made by the four functions below. */
export interface Binding {
    /** The associated data, in bytes. */
    readonly bytes: Buffer;
}

/** What every binding names. */
export interface BindingPlace {
    /** The chain's global id, as the Registry has it. */
    networkId: number;
    /** Hash of the model file that computes. */
    modelRoot: Bits256;
}

/** A job that is not on chain yet. */
export interface JobDraftPlace extends BindingPlace {
    escrow: Address;
    /** Hash of the cell of the terms: a jobKey is there only after posting. */
    termsHash: bigint;
}

/** An accepted job. */
export interface JobPlace extends BindingPlace {
    escrow: Address;
    jobKey: bigint;
}

/** A request in a channel. */
export interface RequestPlace extends BindingPlace {
    channel: Address;
    /** Logical time of the channel's opening. */
    openedLt: bigint;
    /** Number that the receipt for it gets: 1, 2, 3, … */
    seq: bigint;
}

const TAG = Buffer.from('ton-compute-market/envelope/v1', 'ascii');
const JOB_INPUT = 1;
const JOB_RESULT = 2;
const REQUEST = 3;
const RESPONSE = 4;

/** A job's input, from client to provider. */
export function jobInput({ escrow, termsHash, ...place }: JobDraftPlace): Binding {
    return binding(JOB_INPUT, place, escrow, termsHash);
}

/** A job's result, from provider to client. */
export function jobResult({ escrow, jobKey, ...place }: JobPlace): Binding {
    return binding(JOB_RESULT, place, escrow, jobKey);
}

/** A request in a channel, from client to provider. */
export function channelRequest({ channel, openedLt, seq, ...place }: RequestPlace): Binding {
    return binding(REQUEST, place, channel, (openedLt << 64n) | seq);
}

/** The response to a request in a channel, from provider to client. */
export function channelResponse({ channel, openedLt, seq, ...place }: RequestPlace): Binding {
    return binding(RESPONSE, place, channel, (openedLt << 64n) | seq);
}

/** Direction, global id, account, jobKey or its like, model: fixed lengths, so that no two of them read the same. */
function binding(direction: number, { networkId, modelRoot }: BindingPlace, account: Address, of: bigint): Binding {
    const writer = new ByteWriter()
        .fixed(TAG, TAG.length)
        .uint(direction, 1)
        .uint(BigInt.asUintN(32, BigInt(networkId)), 4);
    return {
        bytes: Buffer.from(
            writer.fixed(account.hash, 32).uint(of, 32).fixed(toBytes32('modelRoot', modelRoot), 32).bytes(),
        ),
    };
}
