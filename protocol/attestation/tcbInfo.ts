import { beginCell, Cell } from '@ton/core';
import { AttestationError } from './attestationError';
import { Certificate, uint } from './certificate';
import { certificateCell, signedBy } from './packQuote';
import { Point } from './p256';
import { chainOf, cutAround, Run } from './parts';

/** What Intel's provisioning service returns of one kind of platform. */
export interface SignedTcbInfo {
    /** The JSON of `tcbInfo`, to the byte as it was signed. */
    readonly json: string;
    /** r and s, 128 hexadecimal digits. */
    readonly signature: string;
    /** The TCB signing certificate. */
    readonly certificate: Certificate;
}

/** The references of `SubmitTcbInfo`. */
export interface PackedTcbInfo {
    readonly info: Cell;
    readonly signed: Cell;
    readonly signer: Cell;
}

/**
 * Cuts a TCB info into cells and computes the hints for its two signatures. Nothing is verified here.
 *
 * @param root - the key of the root that the chain trusts
 * @throws AttestationError `malformed-tcb-info` for JSON of another layout than version 3 for TDX, `malformed-signature`
 */
export function packTcbInfo({ json, signature, certificate }: SignedTcbInfo, root: Point): PackedTcbInfo {
    if (!/^[0-9a-f]{128}$/i.test(signature)) {
        throw new AttestationError(
            'malformed-signature',
            'Not 128 hexadecimal digits; pass the signature as Intel sends it',
        );
    }
    const bytes = Buffer.from(json, 'latin1');
    const raw = Buffer.from(signature, 'hex');
    return {
        info: chainOf(cutAround(bytes, runsOf(json))),
        signed: signedBy(certificate.key, bytes, { r: uint(raw.subarray(0, 32)), s: uint(raw.subarray(32)) }),
        signer: beginCell()
            .storeRef(certificateCell(certificate))
            .storeRef(signedBy(root, certificate.tbs, certificate.signature))
            .endCell(),
    };
}

const ZEROS = '0'.repeat(96);
const ATTRIBUTES = '","attributes":"0{16}","attributesMask":"F{16}"';
const DATE = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';

/** What the contract reads, run by run: it comes in this order, and no run may be parted. */
function runsOf(json: string): Run[] {
    const runs: Run[] = [];
    let at = 0;
    const take = (pattern: string): string => {
        const match = new RegExp(pattern, 'y');
        match.lastIndex = at;
        const [found] = match.exec(json) ?? [];
        if (found === undefined) {
            throw new AttestationError(
                'malformed-tcb-info',
                `${pattern} was expected at byte ${at}; pass tcbInfo of version 3 for TDX, unchanged`,
            );
        }
        runs.push([at, at + found.length]);
        at += found.length;
        return found;
    };
    /** Skips to behind the next brace. */
    const skipObject = () => (at = json.indexOf('}', at) + 1);
    const components = () => {
        for (let i = 0; i < 16; i++) {
            take(`${i > 0 ? ',' : ''}\\{"svn":\\d+.`);
            at--;
            skipObject();
        }
    };

    take('\\{"id":"TDX","version":3,"issueDate":"');
    take(DATE);
    take('","nextUpdate":"');
    take(DATE);
    take('","fmspc":"');
    take('[0-9A-F]{12}');
    take('","pceId":"0000","tcbType":0,"tcbEvaluationDataNumber":\\d+,"tdxModule":\\{"mrsigner":"');
    take(ZEROS);
    take(ATTRIBUTES);
    take('\\},"tdxModuleIdentities":\\[');
    do {
        take('\\{"id":"TDX_[0-9A-F]{2}');
        take('","mrsigner":"');
        take(ZEROS);
        take(ATTRIBUTES);
        take(',"tcbLevels":\\[\\{"tcb":\\{"isvsvn":\\d+\\},"tcbDate":"');
        take(DATE);
        take('","tcbStatus":"[A-Za-z]+".');
        at--;
        skipObject();
        while (json[at] === ',') {
            skipObject();
            skipObject();
        }
        take('\\]\\}');
    } while (json[at] === ',' && ++at);
    take('\\],"tcbLevels":\\[\\{"tcb":\\{"sgxtcbcomponents":\\[');
    components();
    take('\\],"pcesvn":\\d+,"tdxtcbcomponents":\\[');
    components();
    take('\\]\\},"tcbDate":"');
    take(DATE);
    take('","tcbStatus":"[A-Za-z]+".');
    return runs;
}
