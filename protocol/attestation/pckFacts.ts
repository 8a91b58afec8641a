import { beginCell, Cell } from '@ton/core';
import { revocationKey } from '../../wrappers/attestationPolicy';
import { AttestationError } from './attestationError';
import { Certificate, uint } from './certificate';
import { childrenOf, contentOf, Element, elementAt } from './der';
import { Run } from './parts';

/** What the chain keeps of a PCK certificate and its issuer: `PckFacts` of schemas/attestation.tlb. */
export interface PckFacts {
    /** Kind of platform, 48 bits. */
    readonly fmspc: bigint;
    /** The 16 components, the first in the highest byte. */
    readonly svns: bigint;
    readonly pceSvn: number;
}

/** The SGX extension of a PCK certificate: what it says, and the bytes that no cut may part. */
export interface PckExtension extends PckFacts {
    /** Offsets in the TBSCertificate. */
    readonly runs: readonly Run[];
    /** Offsets at which a cell must begin. */
    readonly cuts: readonly number[];
}

const SGX = '2a864886f84d010d01';
const TCB = `${SGX}02`;

/**
 * Reads the SGX extension (Intel SGX PCK Certificate and CRL Specification, 1.3.5).
 *
 * @throws AttestationError `malformed-certificate` without one, or with one in another order than Intel's
 */
export function readPckExtension(certificate: Certificate): PckExtension {
    const { tbs, starts } = certificate;
    const [key, outer] = [starts[3], starts[4]];
    const list = elementAt(tbs, elementAt(tbs, outer).content);
    const runs: Run[] = [
        [key, outer],
        [outer, list.content],
    ];
    for (const extension of childrenOf(tbs, list)) {
        const [id, value] = childrenOf(tbs, extension);
        if (contentOf(tbs, id!).toString('hex') !== SGX) {
            runs.push([extension.start, extension.content]);
            continue;
        }
        const fields = elementAt(tbs, value!.content);
        const named = new Map(childrenOf(tbs, fields).map((field) => fieldOf(tbs, field)));
        const [ppid, tcb, pceId, fmspc] = [`${SGX}01`, TCB, `${SGX}03`, `${SGX}04`].map((oid) => named.get(oid));
        if (ppid === undefined || tcb === undefined || pceId === undefined || fmspc === undefined) {
            break;
        }
        const levels = childrenOf(tbs, tcb.value);
        const oids = levels.map((level) => fieldOf(tbs, level)[0]);
        if (oids.join() !== Array.from({ length: 18 }, (_, i) => TCB + (i + 1).toString(16).padStart(2, '0')).join()) {
            break;
        }
        const values = levels.map((level) => Number(uint(contentOf(tbs, fieldOf(tbs, level)[1].value))) || 0);
        runs.push([extension.start, fields.content], [ppid.start, ppid.value.content], [tcb.start, tcb.value.content]);
        return {
            fmspc: uint(contentOf(tbs, fmspc.value)),
            svns: uint(Buffer.from(values.slice(0, 16))),
            pceSvn: values[16]!,
            runs,
            cuts: [levels[0]!, levels[6]!, levels[12]!, levels[17]!].map(({ start }) => start),
        };
    }
    throw new AttestationError(
        'malformed-certificate',
        'No SGX extension in the order of Intel; pass the PCK certificate first',
    );
}

interface Field {
    readonly start: number;
    readonly value: Element;
}

/** SEQUENCE of an OBJECT IDENTIFIER, in hexadecimal, and a value. */
function fieldOf(tbs: Buffer, sequence: Element): [string, Field] {
    const [id, value] = childrenOf(tbs, sequence);
    return [contentOf(tbs, id!).toString('hex'), { start: sequence.start, value: value! }];
}

/** The cell of facts; a PckCertificate's address follows from it. */
export function pckFactsCell(leaf: Certificate, issuer: Certificate): Cell {
    const { fmspc, svns, pceSvn } = readPckExtension(leaf);
    return beginCell()
        .storeUint(Math.min(leaf.notAfter, issuer.notAfter), 32)
        .storeUint(revocationKey(leaf.serial), 128)
        .storeUint(revocationKey(issuer.serial), 128)
        .storeUint(leaf.key.x, 256)
        .storeUint(leaf.key.y, 256)
        .storeUint(fmspc, 48)
        .storeUint(svns, 128)
        .storeUint(pceSvn, 16)
        .endCell();
}
