import { beginCell, Builder, Cell, Dictionary, DictionaryValue, Slice } from '@ton/core';
import { Bits256, requireBytes, requireUint, toUint256 } from './checks';
import { InputError } from './marketError';

/** The least that platforms of one kind must have: `TcbFloor` of schemas/attestation.tlb. */
export interface TcbFloor {
    /** Unix seconds. */
    issuedAt: number;
    /** Unix seconds; 0 drops the floor, where a change says so. */
    validUntil: number;
    /** Intel's tcbEvaluationDataNumber. */
    evaluation: number;
    /** Of the PCK's 16 components. */
    svns: readonly number[];
    pceSvn: number;
    /** Of TEE_TCB_SVN, 16 bytes. */
    tdxSvns: readonly number[];
    /** Least ISVSVN by version of the TDX module, 1 to 31; a version that is missing is not accepted. */
    modules: Readonly<Record<number, number>>;
}

/** An image that may run. */
export interface AllowedMeasurement {
    /** Unix seconds. */
    validUntil: number;
    name: string;
}

/** What a verifier accepts. */
export interface AttestationPolicy {
    /** Least ISVSVN of the quoting enclave. */
    leastIsvSvn: number;
    /** Lower 128 bits of serial numbers. */
    revocations: ReadonlySet<bigint>;
    /** By SHA-256 of MRTD and RTMR0 to RTMR3. */
    measurements: ReadonlyMap<bigint, AllowedMeasurement>;
    /** By FMSPC, 48 bits. */
    floors: ReadonlyMap<bigint, TcbFloor>;
}

/** A policy that accepts nothing, and Intel's quoting enclave from ISVSVN 4 on: what a verifier begins with. */
export const EMPTY_POLICY: AttestationPolicy = {
    leastIsvSvn: 4,
    revocations: new Set(),
    measurements: new Map(),
    floors: new Map(),
};

/** What governance can propose. */
export type PolicyChange =
    | {
          kind: 'measurement';
          measurement: Bits256;
          /** null drops the image. */
          allowed: AllowedMeasurement | null;
      }
    | {
          kind: 'floor';
          /** 48 bits. */
          fmspc: bigint;
          /** null drops the floor. */
          floor: TcbFloor | null;
      }
    | { kind: 'leastIsvSvn'; leastIsvSvn: number }
    | {
          kind: 'reinstate';
          /** Of the certificate; a longer one than 128 bits is cut to its lower half, as in a revocation. */
          serial: bigint;
      };

const NO_FLOOR: TcbFloor = {
    issuedAt: 0,
    validUntil: 0,
    evaluation: 0,
    svns: Array<number>(16).fill(0),
    pceSvn: 0,
    tdxSvns: Array<number>(16).fill(0),
    modules: {},
};

function storeSvns(builder: Builder, field: string, svns: readonly number[]): Builder {
    if (svns.length !== 16) {
        throw new InputError('out-of-range', field, `${svns.length} components; pass 16`);
    }
    return svns.reduce((stored, svn) => stored.storeUint(requireUint(field, svn, 8), 8), builder);
}

function storeFloor(floor: TcbFloor, builder: Builder): Builder {
    let modules = 0n;
    for (const [version, least] of Object.entries(floor.modules)) {
        if (!(Number(version) >= 1 && Number(version) <= 31)) {
            throw new InputError('out-of-range', 'modules', `${version} is not a version; pass 1 to 31`);
        }
        modules |= requireUint('modules', least, 8) << (8n * BigInt(version));
    }
    builder
        .storeUint(requireUint('issuedAt', floor.issuedAt, 32), 32)
        .storeUint(requireUint('validUntil', floor.validUntil, 32), 32)
        .storeUint(requireUint('evaluation', floor.evaluation, 32), 32);
    storeSvns(builder, 'svns', floor.svns).storeUint(requireUint('pceSvn', floor.pceSvn, 16), 16);
    return storeSvns(builder, 'tdxSvns', floor.tdxSvns).storeUint(modules, 256);
}

function loadFloor(slice: Slice): TcbFloor {
    const [issuedAt, validUntil, evaluation] = [slice.loadUint(32), slice.loadUint(32), slice.loadUint(32)];
    const svns = [...slice.loadBuffer(16)];
    const pceSvn = slice.loadUint(16);
    const tdxSvns = [...slice.loadBuffer(16)];
    const least = [...slice.loadBuffer(32)].reverse();
    const modules = Object.fromEntries([...least.entries()].filter(([, isvSvn]) => isvSvn > 0));
    return { issuedAt, validUntil, evaluation, svns, pceSvn, tdxSvns, modules };
}

const nameCell = (name: string) =>
    beginCell()
        .storeBuffer(requireBytes('name', Buffer.from(name), 1))
        .endCell();

function storeMeasurement({ validUntil, name }: AllowedMeasurement, builder: Builder): Builder {
    return builder.storeUint(requireUint('validUntil', validUntil, 32), 32).storeRef(nameCell(name));
}

function loadMeasurement(slice: Slice): AllowedMeasurement {
    const validUntil = slice.loadUint(32);
    const text = slice.loadRef().beginParse();
    return { validUntil, name: text.loadBuffer(text.remainingBits / 8).toString('utf8') };
}

const FLOORS: DictionaryValue<TcbFloor> = { serialize: storeFloor, parse: loadFloor };
const MEASUREMENTS: DictionaryValue<AllowedMeasurement> = { serialize: storeMeasurement, parse: loadMeasurement };
const REVOCATIONS: DictionaryValue<true> = { serialize: (_, builder) => builder, parse: () => true };

function dictionary<V>(bits: number, value: DictionaryValue<V>, entries: Iterable<readonly [bigint, V]>) {
    const filled = Dictionary.empty(Dictionary.Keys.BigUint(bits), value);
    for (const [key, entry] of entries) {
        filled.set(requireUint('key', key, bits), entry);
    }
    return filled;
}

/**
 * The policy that a verifier begins with; its address follows from it.
 *
 * @throws InputError for numbers or names that do not fit
 */
export function createAttestationPolicyCell(policy: AttestationPolicy): Cell {
    const revocations = [...policy.revocations].map((serial) => [serial, true as const] as const);
    return beginCell()
        .storeUint(requireUint('leastIsvSvn', policy.leastIsvSvn, 16), 16)
        .storeDict(dictionary(128, REVOCATIONS, revocations))
        .storeDict(dictionary(256, MEASUREMENTS, policy.measurements))
        .storeDict(dictionary(48, FLOORS, policy.floors))
        .storeUint(policy.revocations.size, 16)
        .storeUint(policy.measurements.size, 8)
        .storeUint(policy.floors.size, 8)
        .endCell();
}

/** The policy of the three dictionaries that a verifier's getter returns. */
export function readAttestationPolicy(
    leastIsvSvn: number,
    revocations: Cell | null,
    measurements: Cell | null,
    floors: Cell | null,
): AttestationPolicy {
    const read = <V>(bits: number, value: DictionaryValue<V>, cell: Cell | null) =>
        cell ? Dictionary.loadDirect(Dictionary.Keys.BigUint(bits), value, cell) : new Map<bigint, V>();
    return {
        leastIsvSvn,
        revocations: new Set(read(128, REVOCATIONS, revocations).keys()),
        measurements: new Map(read(256, MEASUREMENTS, measurements)),
        floors: new Map(read(48, FLOORS, floors)),
    };
}

/** The lower 128 bits of a certificate's serial number: what revocations name. */
export function revocationKey(serial: bigint): bigint {
    return requireUint('serial', serial, 256) & (2n ** 128n - 1n);
}

/**
 * What ProposePolicy carries: `PolicyChange` of schemas/attestation.tlb.
 *
 * @throws InputError for numbers or names that do not fit, or a time that would drop what is to be set
 */
export function createPolicyChangeCell(change: PolicyChange): Cell {
    const builder = beginCell();
    switch (change.kind) {
        case 'measurement': {
            const { allowed } = change;
            if (allowed?.validUntil === 0) {
                throw new InputError('out-of-range', 'validUntil', 'is zero; pass null to drop the image');
            }
            return builder
                .storeUint(1, 8)
                .storeUint(toUint256('measurement', change.measurement), 256)
                .storeUint(requireUint('validUntil', allowed?.validUntil ?? 0, 32), 32)
                .storeMaybeRef(allowed && nameCell(allowed.name))
                .endCell();
        }
        case 'floor':
            if (change.floor?.validUntil === 0) {
                throw new InputError('out-of-range', 'validUntil', 'is zero; pass null to drop the floor');
            }
            builder.storeUint(2, 8).storeUint(requireUint('fmspc', change.fmspc, 48), 48);
            return storeFloor(change.floor ?? NO_FLOOR, builder).endCell();
        case 'leastIsvSvn':
            return builder
                .storeUint(3, 8)
                .storeUint(requireUint('leastIsvSvn', change.leastIsvSvn, 16), 16)
                .endCell();
        case 'reinstate':
            return builder.storeUint(4, 8).storeUint(revocationKey(change.serial), 128).endCell();
    }
}

/** A change as {@link createPolicyChangeCell} takes it. */
export function parsePolicyChange(cell: Cell): PolicyChange {
    const slice = cell.beginParse();
    const kind = slice.loadUint(8);
    switch (kind) {
        case 1: {
            const measurement = slice.loadUintBig(256);
            const validUntil = slice.loadUint(32);
            const text = slice.loadMaybeRef()?.beginParse();
            const name = text?.loadBuffer(text.remainingBits / 8).toString('utf8');
            return { kind: 'measurement', measurement, allowed: name === undefined ? null : { validUntil, name } };
        }
        case 2: {
            const fmspc = slice.loadUintBig(48);
            const floor = loadFloor(slice);
            return { kind: 'floor', fmspc, floor: floor.validUntil === 0 ? null : floor };
        }
        case 3:
            return { kind: 'leastIsvSvn', leastIsvSvn: slice.loadUint(16) };
        case 4:
            return { kind: 'reinstate', serial: slice.loadUintBig(128) };
        default:
            throw new InputError(
                'malformed-cell',
                'change',
                `kind ${kind} is unknown; use the wrapper of the same version`,
            );
    }
}
