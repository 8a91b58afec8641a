import { AttestationPolicy, PolicyChange, TcbFloor, toUint256 } from '../../wrappers';
import { asDate, asHex, inLine, Shown } from './output';

/** A change for output, named by the flags that propose it. */
export function shownChange(change: PolicyChange): object {
    switch (change.kind) {
        case 'measurement': {
            const measurement = asHex(toUint256('measurement', change.measurement));
            return change.allowed
                ? { allow: measurement, name: change.allowed.name, validUntil: asDate(change.allowed.validUntil) }
                : { drop: measurement };
        }
        case 'floor': {
            const kind = asFmspc(change.fmspc);
            return change.floor ? { floor: { [kind]: shownFloor(change.floor) } } : { dropFloor: kind };
        }
        case 'leastIsvSvn':
            return { leastIsvSvn: change.leastIsvSvn };
        case 'reinstate':
            return { reinstate: asSerial(change.serial) };
    }
}

/** A policy for output. Of a revocation the chain keeps no time. */
export function shownPolicy({ leastIsvSvn, measurements, floors, revocations }: AttestationPolicy): object {
    return {
        leastIsvSvn,
        images: Object.fromEntries(
            [...measurements].map(([measurement, { name, validUntil }]) => [
                asHex(measurement),
                { name, validUntil: asDate(validUntil) },
            ]),
        ),
        floors: Object.fromEntries([...floors].map(([kind, floor]) => [asFmspc(kind), shownFloor(floor)])),
        revoked: inLine([...revocations].map(asSerial)),
    };
}

function shownFloor({ issuedAt, validUntil, evaluation, svns, pceSvn, tdxSvns, modules }: TcbFloor): object {
    return {
        issuedAt: asDate(issuedAt),
        validUntil: asDate(validUntil),
        evaluation,
        svns: inLine(svns, ' '),
        pceSvn,
        tdxSvns: inLine(tdxSvns, ' '),
        modules: new Shown(
            modules,
            Object.entries(modules)
                .map(([version, least]) => `${version}: ${least}`)
                .join(', ') || '–',
        ),
    };
}

/** A kind of platform as Intel writes it. */
export const asFmspc = (value: bigint) => value.toString(16).toUpperCase().padStart(12, '0');

/** A serial number, or its lower half, in hexadecimal. */
export const asSerial = (value: bigint) => value.toString(16).padStart(32, '0');
