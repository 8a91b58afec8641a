import { Size } from './cells';
import { MeasuredSize } from './sizes';

/** One row of gas/sizes.json. */
export interface SizeRow extends Omit<MeasuredSize, 'rent'> {
    /** nanoTON of a year's rent, by price set. */
    rent: { default: number; '2026-06': number };
}

export type Sizes = Record<string, SizeRow>;

/** Joins the measurements of the two price sets; only rent may differ. */
export function joinSizes(atDefault: Map<string, MeasuredSize>, at2026: Map<string, MeasuredSize>): Sizes {
    const sizes: Sizes = {};
    for (const [contract, { rent, ...size }] of atDefault) {
        const other = at2026.get(contract)!;
        // A balance takes some bits more or less.
        if (other.code.cells !== size.code.cells || other.live.cells !== size.live.cells) {
            throw new Error(`${contract} is stored otherwise at the prices of 2026-06`);
        }
        sizes[contract] = {
            ...size,
            live: larger(size.live, other.live),
            account: larger(size.account, other.account),
            rent: { default: rent, '2026-06': other.rent },
        };
    }
    return sizes;
}

/** Any rise over the committed sizes fails, and so does a contract without a row or a row without a contract. */
export function compareSizes(measured: Sizes, committed: Sizes): string[] {
    const failures = Object.keys(committed)
        .filter((contract) => !(contract in measured))
        .map((contract) => `${contract}: its size was not measured`);
    for (const [contract, row] of Object.entries(measured)) {
        const before = committed[contract];
        if (before === undefined) {
            failures.push(`${contract} is not in gas/sizes.json; accept it with npm run gas -- --update`);
            continue;
        }
        const then = figuresOf(before);
        for (const [figure, now] of figuresOf(row)) {
            const least = then.get(figure) ?? 0;
            if (now > least) {
                failures.push(`${contract}: ${figure} rose from ${least} to ${now}`);
            }
        }
    }
    return failures;
}

/** A row's figures by what they are. */
function figuresOf({ code, uninit, live, account, rent }: SizeRow): Map<string, number> {
    const figures = new Map<string, number>();
    for (const [part, { cells, bits }] of Object.entries({ code, uninit, live, account })) {
        figures.set(`cells of ${part}`, cells);
        figures.set(`bits of ${part}`, bits);
    }
    figures.set('rent at default prices', rent.default);
    figures.set('rent at 2026-06 prices', rent['2026-06']);
    return figures;
}

function larger(a: Size, b: Size): Size {
    return { cells: Math.max(a.cells, b.cells), bits: Math.max(a.bits, b.bits) };
}
