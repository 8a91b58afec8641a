import { JobsRow, OpenRow, ProvidersRow } from './growth';
import { MeasuredIdle } from './idle';

/** One contract of the idle table, joined. */
export interface IdleRow extends Omit<MeasuredIdle, 'rent' | 'prepaid'> {
    /** nanoTON, by price set. */
    rent: { default: number; '2026-06': number };
    /** nanoTON, by price set. */
    prepaid: { default: number; '2026-06': number };
}

/** gas/growth.json: what the market costs as it grows and ages. */
export interface Growth {
    jobs: JobsRow[];
    open: OpenRow[];
    providers: ProvidersRow[];
    idle: IdleRow[];
}

/** Joins the measurements of the two price sets; gas does not depend on prices, so a difference is an error. */
export function joinIdle(atDefault: MeasuredIdle[], at2026: MeasuredIdle[]): IdleRow[] {
    return atDefault.map(({ contract, message, gas, rent, prepaid }, index) => {
        const other = at2026[index]!;
        if (other.contract !== contract || other.gas.fresh !== gas.fresh || other.gas.idle !== gas.idle) {
            throw new Error(`${contract}: ${message} after the silence takes another way at the prices of 2026-06`);
        }
        return {
            contract,
            message,
            gas,
            rent: { default: rent, '2026-06': other.rent },
            prepaid: { default: prepaid, '2026-06': other.prepaid },
        };
    });
}

/** Any figure above that of the same row among the committed ones fails; rows that are not in both are left alone. */
export function compareGrowth(measured: Partial<Growth>, committed: Partial<Growth>): string[] {
    const before = figuresOf(committed);
    return [...figuresOf(measured)].flatMap(([figure, now]) => {
        const then = before.get(figure);
        return then !== undefined && now > then ? [`${figure} rose from ${then} to ${now}`] : [];
    });
}

/** Every number with its place: table, row, and the way down from there. */
function figuresOf(growth: Partial<Growth>): Map<string, number> {
    const figures = new Map<string, number>();
    const visit = (place: string, value: unknown): void => {
        if (typeof value === 'number') {
            figures.set(place, value);
        } else if (typeof value === 'object' && value !== null) {
            Object.entries(value).forEach(([name, inner]) => visit(`${place} ${name}`, inner));
        }
    };
    for (const [table, rows] of Object.entries(growth)) {
        for (const row of rows as (JobsRow | IdleRow)[]) {
            const { name, figures: inner } = splitRow(row);
            visit(`${table} ${name}:`, inner);
        }
    }
    return figures;
}

function splitRow(row: JobsRow | IdleRow): { name: string | number; figures: object } {
    if ('count' in row) {
        const { count, ...figures } = row;
        return { name: count, figures };
    }
    // More that was paid in advance is no fault.
    const { contract, gas, rent } = row;
    return { name: contract, figures: { gas, rent } };
}
