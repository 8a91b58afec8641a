import { Size } from './cells';
import { Growth } from './growthGate';
import { grouped, inTon, markdownTable } from './markdown';

/** The tables of a growth report, in Markdown; what was not measured is left out. */
export function growthTables({ jobs, open, providers, idle }: Partial<Growth>): string[] {
    const tables: string[][] = [];
    if (jobs) {
        tables.push([
            '### One job after another',
            '',
            'The newest job of one provider. All but it are done. Gas of all contracts in the chain; sizes in cells / bits while it is open.',
            '',
            ...markdownTable(
                ['>jobs', '>post with a quote', '>approve', '>ProviderStake', '>PayoutSettlement'],
                jobs.map(({ count, post, approve, stake, till }) => [
                    ...[count, post, approve].map(grouped),
                    ...[stake, till].map(shown),
                ]),
            ),
        ]);
    }
    if (open) {
        tables.push([
            '### Open at once',
            '',
            'The newest of so many open jobs of one provider.',
            '',
            ...markdownTable(
                ['>open', '>post with a quote', '>approve', '>expire', '>ProviderStake'],
                open.map(({ count, post, approve, expire, stake }) => [
                    ...[count, post, approve, expire].map(grouped),
                    shown(stake),
                ]),
            ),
        ]);
    }
    if (providers) {
        tables.push([
            '### Providers of one network',
            '',
            'The newest provider opens its stake and registers.',
            '',
            ...markdownTable(
                ['>providers', '>gas', '>Registry'],
                providers.map(({ count, open: gas, registry }) => [grouped(count), grouped(gas), shown(registry)]),
            ),
        ]);
    }
    if (idle) {
        tables.push([
            '### Five years of silence',
            '',
            'Everything is opened, nothing happens for five years, then one message comes. Gas is that of the contract alone, without and',
            'after the silence; rent is what the message finds due, in TON, beside what was paid in advance at the opening.',
            '',
            ...markdownTable(
                [
                    'contract',
                    'message',
                    '>gas',
                    '>after',
                    '>rent, default',
                    '>in advance',
                    '>rent, 2026-06',
                    '>in advance',
                ],
                idle.map(({ contract, message, gas, rent, prepaid }) => [
                    `\`${contract}\``,
                    `\`${message}\``,
                    grouped(gas.fresh),
                    grouped(gas.idle),
                    inTon(rent.default),
                    inTon(prepaid.default),
                    inTon(rent['2026-06']),
                    inTon(prepaid['2026-06']),
                ]),
            ),
        ]);
    }
    return tables.flatMap((table, index) => (index === 0 ? table : ['', ...table]));
}

const shown = ({ cells, bits }: Size): string => `${grouped(cells)} / ${grouped(bits)}`;
