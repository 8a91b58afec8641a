import { AttestationPolicy, revocationKey, TcbFloor } from '../../wrappers';
import { AttestationCheck, FailedCheck } from './attestationRefusedError';
import { QuoteFacts } from './quoteFacts';

/** SEPT_VE_DISABLE alone: neither debug nor migration. */
const TD_ATTRIBUTES = '0000001000000000';

/** A quote held against a policy. */
export interface PolicyVerdict {
    readonly failed: readonly FailedCheck[];
    /** Unix seconds: when image or floor end; 0 if one of them is missing. */
    readonly until: number;
}

/**
 * What the verifier's policy says of a quote: the same rules as the contract's, written a second time.
 *
 * @param now - unix seconds
 */
export function checkPolicy(facts: QuoteFacts, policy: AttestationPolicy, now: number): PolicyVerdict {
    const failed: FailedCheck[] = [];
    const failIf = (fails: boolean, check: AttestationCheck, text: string) => {
        if (fails) {
            failed.push({ check, text });
        }
    };
    failIf(
        facts.tdAttributes.toString('hex') !== TD_ATTRIBUTES,
        'trust-domain',
        'its attributes are not SEPT_VE_DISABLE alone; it may be open to debugging',
    );
    failIf(
        !isZero(facts.mrSignerSeam) || !isZero(facts.seamAttributes),
        'trust-domain',
        "the TDX module is not Intel's or has attributes",
    );
    const image = policy.measurements.get(facts.measurement);
    failIf(!image, 'measurement', `the network does not allow the image ${facts.measurement.toString(16)}`);
    failIf(
        image !== undefined && image.validUntil <= now,
        'measurement',
        `the image ${image?.name} was allowed until ${image?.validUntil} (unix seconds)`,
    );
    const floor = policy.floors.get(facts.fmspc);
    failIf(!floor, 'platform', `the network has no TCB floor for the platform ${facts.fmspc.toString(16)}`);
    failIf(
        floor !== undefined && floor.validUntil <= now,
        'platform',
        `its TCB floor ended at ${floor?.validUntil} (unix seconds); somebody has to submit a newer TCB info`,
    );
    failIf(floor !== undefined && !reaches(facts, floor), 'platform', "it is below the network's TCB floor");
    failIf(
        facts.qeIsvSvn < policy.leastIsvSvn,
        'quoting-enclave',
        `its ISVSVN is ${facts.qeIsvSvn}, at least ${policy.leastIsvSvn} is asked for`,
    );
    failIf(
        facts.serials.some((serial) => policy.revocations.has(revocationKey(serial))),
        'revocation',
        'the network has revoked one of its certificates',
    );
    return { failed, until: Math.min(image?.validUntil ?? 0, floor?.validUntil ?? 0) };
}

/** Intel's rule for TDX: the version of the module decides what its first two bytes are compared with. */
function reaches({ svns, pceSvn, teeTcbSvn }: QuoteFacts, floor: TcbFloor): boolean {
    const version = teeTcbSvn[1]!;
    const least = floor.modules[version];
    const moduleReaches = version === 0 || (least !== undefined && teeTcbSvn[0]! >= least);
    const from = version === 0 ? 0 : 2;
    return (
        moduleReaches &&
        pceSvn >= floor.pceSvn &&
        svns.every((svn, i) => svn >= floor.svns[i]!) &&
        teeTcbSvn.every((svn, i) => i < from || svn >= floor.tdxSvns[i]!)
    );
}

function isZero(bytes: Uint8Array): boolean {
    return bytes.every((byte) => byte === 0);
}
