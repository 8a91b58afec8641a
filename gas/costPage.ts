import { DEFAULT_FEE_BPS } from '../scripts/deployNetwork';
import { Snapshot } from './compare';
import { Amount, CostFigures, costFigures, REDEEMED_EVERY, worthFrom } from './costFigures';
import { Growth } from './growthGate';
import { growthTables } from './growthTables';
import { grouped, inTon, markdownTable } from './markdown';
import { COCOON, FEE_SHARES } from './peers';
import { MEASURED } from './sizes';
import { Sizes } from './sizesGate';

/** What was measured and committed. */
export interface Measured {
    chains: Snapshot;
    sizes: Sizes;
    growth: Growth;
}

/** docs/costs.md, in whole. */
export function costPage({ chains, sizes, growth }: Measured): string {
    const figures = costFigures(chains, sizes);
    const sections = [
        introduction(),
        requests(figures),
        chart(chains),
        job(figures),
        shares(figures),
        library(figures, chains, sizes),
        stored(sizes),
        ['## As the market grows and ages', '', ...growthTables(growth)],
    ];
    return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function introduction(): string[] {
    return [
        '# Costs',
        '',
        'What using the market costs on chain, beside others, and what it costs to keep it there. `npm run report:cost` writes this page from',
        '`gas/chains.json`, `gas/sizes.json` and `gas/growth.json`; nothing in it is written by hand. How fees are made is in [fees.md](fees.md).',
        '',
        "Fees are those of the contracts, in TON; wallets' own are left out, unless it says otherwise. **default**: the sandbox's own prices, 400",
        "nanoTON a unit of gas, at which Cocoon was measured too. **2026-06**: mainnet's after the cut of April 2026. What a request costs besides, the",
        "model's price, is between client and provider.",
    ];
}

function requests({ channels }: CostFigures): string[] {
    const of = (amount: Amount) => [inTon(amount.default), inTon(amount['2026-06'])];
    return [
        '## Requests in a channel',
        '',
        'Requests, vouchers and receipts go off chain. What the chain sees is the opening and the end, however many requests there were:',
        '`channel.open` and `channel.closeCooperative` of [fees.md](fees.md#measured). At Cocoon: client contract deployed with a top-up, one charge,',
        'one payout, cooperative close, measured by running its contracts in the same sandbox in November 2026; they may have changed.',
        '',
        ...markdownTable(
            [
                '>requests',
                '>default',
                '>2026-06',
                '>with a library, default',
                '>2026-06',
                '>a request, default',
                '>2026-06',
                '>Cocoon, default',
            ],
            channels.map(({ requests: count, least, library: byLibrary, cocoon }) => [
                grouped(count),
                ...of(least),
                ...of(byLibrary),
                each(least.default, count),
                each(least['2026-06'], count),
                inTon(cocoon),
            ]),
        ),
        '',
        `A provider who does not want to wait redeems on the way, here once in ${grouped(REDEEMED_EVERY)} requests; and where the other side is gone, one`,
        'ends the channel alone (`channel.redeemPaidThrough`, `channel.closeUnilateral`):',
        '',
        ...markdownTable(
            ['>requests', '>redemptions', '>default', '>2026-06', '>a request, default', '>2026-06'],
            channels.map(({ requests: count, redemptions, most }) => [
                grouped(count),
                grouped(redemptions),
                ...of(most),
                each(most.default, count),
                each(most['2026-06'], count),
            ]),
        ),
        '',
        'A channel reaches one provider, a balance at Cocoon all workers behind its proxy. Rent in advance, most of which returns, is not in these',
        'figures.',
    ];
}

/** nanoTON of one of so many, in TON. */
function each(total: number, count: number): string {
    return inTon(total / count, 9);
}

function chart(chains: Snapshot): string[] {
    const steps: [title: string, scenario: string, peer: { fees: number }][] = [
        ['pay in', 'channel.open', COCOON.payIn],
        ['pay in more', 'channel.topUp', COCOON.payInMore],
        ['pay out', 'channel.redeemPaidThrough', COCOON.payOut],
        ['both end', 'channel.closeCooperative', COCOON.close],
        ['one ends', 'channel.closeUnilateral', COCOON.closeAlone],
    ];
    const thousandths = (nano: number) => (nano / 1e6).toFixed(1);
    const ours = steps.map(([, scenario]) => thousandths(chains[scenario]!.fees.default));
    const theirs = steps.map(([, , { fees }]) => thousandths(fees));
    return [
        'Step by step, at default prices; columns: Cocoon, line: here.',
        '',
        '```mermaid',
        'xychart-beta',
        '    title "Fees of a step in 0.001 TON, default prices"',
        `    x-axis [${steps.map(([title]) => `"${title}"`).join(', ')}]`,
        `    y-axis "0.001 TON" 0 --> ${Math.ceil(Math.max(...[...ours, ...theirs].map(Number)))}`,
        `    bar [${theirs.join(', ')}]`,
        `    line [${ours.join(', ')}]`,
        '```',
    ];
}

function job({ job: { gas, fees } }: CostFigures): string[] {
    return [
        '## One job',
        '',
        `Posted with a quote, accepted, approved and paid out (\`job.postQuoted\`, \`job.approve\`): ${grouped(gas)} gas, ${inTon(fees.default)} TON at`,
        `default prices, ${inTon(fees['2026-06'])} TON at those of 2026-06. It buys an escrow of its own, collateral and a dispute, for one request or one batch.`,
        'Cocoon has nothing like it.',
    ];
}

function shares({ channels, job: { fees } }: CostFigures): string[] {
    const percent = (bps: number) => `${bps / 100} %`;
    const dearest = FEE_SHARES.reduce((most, share) => (share.bps > most.bps ? share : most));
    const worth = (fixed: number) => inTon(worthFrom(fixed, DEFAULT_FEE_BPS, dearest.bps), 3);
    const { least, library: byLibrary } = channels[0]!;
    return [
        '## What others keep',
        '',
        ...markdownTable(
            ['who', 'what', '>keeps of a payment'],
            [
                ['here', 'a network as `deployNetwork` opens it; 5 % at most', percent(DEFAULT_FEE_BPS)],
                ...FEE_SHARES.map(({ who, what, bps }) => [who, what, percent(bps)]),
            ],
        ),
        '',
        `The others' as they published it in November 2026. The contracts' fees come on top here. With them we are below ${dearest.who} from this`,
        'spending on:',
        '',
        ...markdownTable(
            ['TON spent', '>default', '>2026-06'],
            [
                ['over one channel', worth(least.default), worth(least['2026-06'])],
                ['over one channel, its code a library', worth(byLibrary.default), worth(byLibrary['2026-06'])],
                ['on one job', worth(fees.default), worth(fees['2026-06'])],
            ],
        ),
    ];
}

function library({ library: figures }: CostFigures, chains: Snapshot, sizes: Sizes): string[] {
    const { saved, rent, breakEven, channelRent } = figures;
    const { code } = sizes.PaymentChannel!;
    const account = sizes.LibraryPublisher!.account;
    const row = (what: string, amount: Amount, shown: (value: number) => string) => [
        what,
        shown(amount.default),
        shown(amount['2026-06']),
    ];
    return [
        "## The channels' code as a library",
        '',
        `An opening carries the channel's code, ${code.cells} cells and ${grouped(code.bits)} bits, unless that is a library of the masterchain; then it carries one`,
        'cell with the hash of the code. `publishLibraries` publishes it, from an account that nobody owns and anybody can pay for, and pays further.',
        '',
        ...markdownTable(
            ['TON', '>default', '>2026-06'],
            [
                row('an opening by a wallet v5, everything included', chains['channel.openByWallet']!.fees, inTon),
                row('the same with a library', chains['channel.openLibraryByWallet']!.fees, inTon),
                row('saved by an opening, everything included', saved.wallet, inTon),
                row('saved by an opening, the contracts alone', saved.contracts, inTon),
                row("a year's rent of a channel with its code", channelRent.full, inTon),
                row("a year's rent of a channel with a library", channelRent.library, inTon),
                row(
                    `a year's rent of the library, ${account.cells} cells and ${grouped(account.bits)} bits`,
                    rent,
                    inTon,
                ),
                row('**it pays from so many openings a year**, everything included', breakEven.wallet, grouped),
                row('the contracts alone', breakEven.contracts, grouped),
            ],
        ),
        '',
        "The masterchain's rent is the same at both price sets: the cut of April 2026 left it as it was. Gas is the same in both forms, in every message.",
        '',
        '- **Lifetime.** The balance of the publisher is its lifetime. A plain transfer of anybody to it extends it; `publishLibraries` says how much it',
        '  takes until a given day, sends it, and records the day. Nothing can be taken out again.',
        '- **Who uses it.** `market.channels.open` uses the library where the record says that it is paid until a day after closesAt, and carries the',
        '  code otherwise; `form` chooses. A worker serves it where its `ChannelPolicy` says that the library is paid until redeemMargin after',
        '  closesAt.',
        '- **When it expires.** A message to a channel whose code is missing bounces with exit code 9, before anything is changed: it cannot be redeemed,',
        '  closed or topped up, and the deposit waits. Whoever publishes the library again, from any account of the masterchain, has it go on as it',
        '  was. Time goes on too, and whoever publishes chooses when: a provider with vouchers that are not redeemed should not let the library',
        '  expire before closesAt, because from then on anybody may finalize. An opening with a missing library bounces, and its deposit returns.',
    ];
}

function stored(sizes: Sizes): string[] {
    const shown = ({ cells, bits }: { cells: number; bits: number }) => `${grouped(cells)} / ${grouped(bits)}`;
    return [
        '## What is stored',
        '',
        'Cells / bits, and the rent of a year in TON, of each contract in ordinary use. `npm run gas` fails if any of it grows.',
        '',
        ...markdownTable(
            [
                'contract',
                'in use means',
                '>code',
                '>first data',
                '>data in use',
                '>account in use',
                '>rent, default',
                '>2026-06',
            ],
            Object.entries(sizes).map(([contract, { code, uninit, live, account, rent }]) => [
                contract.replace(/^\w+/, '`$&`'),
                MEASURED[contract]!,
                ...[code, uninit, live, account].map(shown),
                inTon(rent.default),
                inTon(rent['2026-06']),
            ]),
        ),
    ];
}
