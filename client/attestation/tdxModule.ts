import { FailedCheck } from './attestationRefusedError';

/** What is read of TCB info of version 3 for TDX: Intel's Provisioning Certification Service, `tdxModuleIdentities`. */
interface TcbInfoModules {
    readonly tdxModuleIdentities?: readonly {
        readonly id: string;
        readonly tcbLevels: readonly { readonly tcb: { readonly isvsvn: number }; readonly tcbStatus: string }[];
    }[];
}

/**
 * Holds the TDX module against Intel's word on its version, by Intel's rule: byte 1 of TEE_TCB_SVN is the version, byte 0 the ISVSVN. A
 * module without a version has no identity; its 16 bytes are compared by the library.
 *
 * @param teeTcbSvn - 16 bytes
 * @param tcbInfo - the signed JSON
 */
export function checkTdxModule(teeTcbSvn: Uint8Array, tcbInfo: string): FailedCheck[] {
    const [isvSvn, version] = teeTcbSvn as unknown as [number, number];
    if (version === 0) {
        return [];
    }
    const id = `TDX_${version.toString(16).toUpperCase().padStart(2, '0')}`;
    const status = statusOf(id, isvSvn, tcbInfo);
    return status === 'UpToDate' ? [] : [{ check: 'tdx-module', text: `${id} with ISVSVN ${isvSvn} is ${status}` }];
}

/** Of the highest level that the module reaches. */
function statusOf(id: string, isvSvn: number, tcbInfo: string): string {
    try {
        const { tdxModuleIdentities = [] } = JSON.parse(tcbInfo) as TcbInfoModules;
        const levels = tdxModuleIdentities.find((identity) => identity.id === id)?.tcbLevels ?? [];
        const reached = levels.filter(({ tcb }) => isvSvn >= tcb.isvsvn).sort((a, b) => b.tcb.isvsvn - a.tcb.isvsvn);
        return reached[0]?.tcbStatus ?? 'unknown to Intel';
    } catch (error) {
        return `in a TCB info that cannot be read: ${(error as Error).message}`;
    }
}
