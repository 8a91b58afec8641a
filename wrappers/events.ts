import { Address, beginCell, Cell } from '@ton/core';
import { requireAddress, requirePositive } from './checks';
import { InputError } from './marketError';
import { EscrowOp, StakeOp } from './opcodes';
import { createProfileCell, parseProfile, Profile, ProfileInput } from './profile';
import { JobOutcome } from './states';

/** A stake's external-out message when it is admitted: what indexers list providers by. */
export interface ProviderRegistered {
    owner: Address;
    /** nanoTON */
    stake: bigint;
    profile: Profile;
}

/** A stake's external-out message when its owner replaces the profile. */
export interface ProfileUpdated {
    owner: Address;
    profile: Profile;
}

/** What a client is told with everything that is his when a job ends. */
export interface JobClosed {
    /** Of the message that ended the job. */
    queryId: bigint;
    outcome: JobOutcome;
}

/** Body of the event {@link ProviderRegistered}; for tests and indexers. */
export function createProviderRegisteredBody(
    event: Omit<ProviderRegistered, 'profile'> & { profile: ProfileInput },
): Cell {
    return beginCell()
        .storeUint(StakeOp.ProviderRegistered, 32)
        .storeAddress(requireAddress('owner', event.owner))
        .storeUint(requirePositive('stake', event.stake), 64)
        .storeRef(createProfileCell(event.profile))
        .endCell();
}

/** Body of the event {@link ProfileUpdated}; for tests and indexers. */
export function createProfileUpdatedBody(event: { owner: Address; profile: ProfileInput }): Cell {
    return beginCell()
        .storeUint(StakeOp.ProfileUpdated, 32)
        .storeAddress(requireAddress('owner', event.owner))
        .storeRef(createProfileCell(event.profile))
        .endCell();
}

/**
 * Reads the event of an admission. That it comes from a genuine stake is for the reader to check: its source must be what
 * `stakeAddress` gives for the Registry and this owner.
 *
 * @throws InputError `malformed-cell` for any other body
 */
export function parseProviderRegistered(body: Cell): ProviderRegistered {
    const slice = begin(body, StakeOp.ProviderRegistered, 32 + 267 + 64, 1);
    return { owner: slice.loadAddress(), stake: slice.loadUintBig(64), profile: parseProfile(slice.loadRef()) };
}

/**
 * Reads the event of a new profile; the same caution as for {@link parseProviderRegistered}.
 *
 * @throws InputError `malformed-cell` for any other body
 */
export function parseProfileUpdated(body: Cell): ProfileUpdated {
    const slice = begin(body, StakeOp.ProfileUpdated, 32 + 267, 1);
    return { owner: slice.loadAddress(), profile: parseProfile(slice.loadRef()) };
}

/**
 * Reads how a job ended, out of the message to its client.
 *
 * @throws InputError `malformed-cell` for any other body
 */
export function parseJobClosed(body: Cell): JobClosed {
    const slice = begin(body, EscrowOp.JobClosed, 32 + 64 + 8, 0);
    return { queryId: slice.loadUintBig(64), outcome: slice.loadUint(8) };
}

function begin(body: Cell, op: number, bits: number, refs: number) {
    const slice = body.beginParse();
    if (body.bits.length !== bits || body.refs.length !== refs || slice.loadUint(32) !== op) {
        throw new InputError('malformed-cell', 'body', `is no message with opcode 0x${op.toString(16)}`);
    }
    return slice;
}
