import {
    AttestationPolicy,
    createPolicyChangeCell,
    PolicyChange,
    RegistryInfo,
    revocationKey,
    TcbFloor,
    toUint256,
} from '../../wrappers';
import { ScriptError } from './errors';
import { flag, optional, Values } from './flags';
import { asDate } from './output';
import { count, fmspc, listOf, moment, Parser, record, shape } from './parsers';

/** The least that platforms of one kind must have, as a file holds it (see deployments/README.md). */
export const floorFile: Parser<{ fmspc: bigint; floor: TcbFloor }> = (value) => {
    const { fmspc: kind, ...floor } = shape({
        fmspc,
        issuedAt: moment,
        validUntil: moment,
        evaluation: count,
        svns: listOf(count),
        pceSvn: count,
        tdxSvns: listOf(count),
        modules: record(count),
    })(value);
    return { fmspc: kind, floor };
};

/** What governance can propose of a verifier's policy: one of these, an image with its name and its end. */
export const policyFlags = {
    allow: optional(flag.bytes32('Measurement of an image that may run (inspectQuote), with --name and --valid-until')),
    name: optional(flag.text('What the image is called, 1 to 127 bytes')),
    validUntil: optional(flag.moment('Until when the image may run')),
    drop: optional(flag.bytes32('Measurement of an image that may not run any longer')),
    leastIsvSvn: optional(flag.count("Least ISVSVN of Intel's quoting enclave")),
    floor: optional(flag.json(floorFile, 'Least TCB of a kind of platform as JSON (see deployments/README.md)')),
    dropFloor: optional(flag.fmspc('Kind of platform that is to have no floor, so that none of it is attested')),
    reinstate: optional(flag.serial('Serial number of a certificate to believe again')),
};

/**
 * The one change that the flags name.
 *
 * @throws ScriptError `missing-argument` for none, several, or half of one
 */
export function changeOf({ name, validUntil, ...rest }: Values<typeof policyFlags>): PolicyChange {
    const { allow, drop, leastIsvSvn, floor, dropFloor, reinstate } = rest;
    const changes: PolicyChange[] = [];
    if (allow !== undefined && name !== undefined && validUntil !== undefined) {
        changes.push({ kind: 'measurement', measurement: allow, allowed: { name, validUntil } });
    } else if (allow !== undefined || name !== undefined || validUntil !== undefined) {
        throw new ScriptError('missing-argument', '--allow, --name and --valid-until belong together; pass all three');
    }
    if (drop !== undefined) {
        changes.push({ kind: 'measurement', measurement: drop, allowed: null });
    }
    if (leastIsvSvn !== undefined) {
        changes.push({ kind: 'leastIsvSvn', leastIsvSvn });
    }
    if (floor) {
        changes.push({ kind: 'floor', ...floor });
    }
    if (dropFloor !== undefined) {
        changes.push({ kind: 'floor', fmspc: dropFloor, floor: null });
    }
    if (reinstate !== undefined) {
        changes.push({ kind: 'reinstate', serial: reinstate });
    }
    const [change, another] = changes;
    if (!change || another) {
        throw new ScriptError(
            'missing-argument',
            'One change at a time: pass --allow, --drop, --least-isv-svn, --floor, --drop-floor or --reinstate',
        );
    }
    return change;
}

/**
 * What would be over before it could be made is a slip of the pen.
 *
 * @throws ScriptError `bad-argument`
 */
export function requireLasting(change: PolicyChange, { params }: RegistryInfo, now: number): void {
    const allowed = change.kind === 'measurement' ? change.allowed : change.kind === 'floor' ? change.floor : null;
    const executableAt = now + params!.timelockDelay;
    if (allowed && allowed.validUntil <= executableAt) {
        throw new ScriptError(
            'bad-argument',
            `It would end at ${asDate(allowed.validUntil).words}, and cannot begin before ${asDate(executableAt).words}`,
        );
    }
}

/** Whether the policy is as the change would make it. */
export function isMade(change: PolicyChange, policy: AttestationPolicy): boolean {
    switch (change.kind) {
        case 'measurement': {
            const allowed = policy.measurements.get(toUint256('measurement', change.measurement)) ?? null;
            return isSameChange(change, { ...change, allowed });
        }
        case 'floor':
            return isSameChange(change, { ...change, floor: policy.floors.get(change.fmspc) ?? null });
        case 'leastIsvSvn':
            return policy.leastIsvSvn === change.leastIsvSvn;
        case 'reinstate':
            return !policy.revocations.has(revocationKey(change.serial));
    }
}

/** Whether two changes are the same to the contract. */
export function isSameChange(one: PolicyChange, other: PolicyChange): boolean {
    return createPolicyChangeCell(one).equals(createPolicyChangeCell(other));
}
