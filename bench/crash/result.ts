import { Audit } from './audit';
import { Defect, Role } from './messages';

/** What is to be done. */
export interface CrashOptions {
    readonly kills: number;
    readonly seed: number;
    readonly defect: Defect | null;
    readonly progress: (text: string) => void;
}

/** What came of it. */
export interface CrashResult {
    readonly kills: Record<Role, number>;
    /** Kills that fell between a commit and what would have been sent then. */
    readonly keptOnly: Record<Role, number>;
    readonly requestsPaid: number;
    readonly requestsGivenUp: number;
    readonly receipts: number;
    readonly vouchersThatLeft: number;
    readonly redemptions: number;
    readonly violations: number;
    /** The first of them. */
    readonly details: readonly string[];
}

/** So many violations are told word by word. */
const DETAILS = 20;

/** Sums a run up. */
export function resultOf(audit: Audit, kills: Readonly<Record<Role, number>>): CrashResult {
    return {
        kills,
        keptOnly: audit.keptOnly,
        requestsPaid: audit.paid.size,
        requestsGivenUp: audit.gaveUp.size,
        receipts: audit.receipts.length,
        vouchersThatLeft: audit.vouchers,
        redemptions: audit.redemptions,
        violations: audit.violations.length,
        details: audit.violations.slice(0, DETAILS),
    };
}
