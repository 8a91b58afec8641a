import Table from 'cli-table3';
import colors from 'picocolors';
import { Statement } from './accounting';
import { AttestationReport } from './attestation';
import { ChannelReport, transactionsOf } from './channel';
import { BATCH_IMAGES, drawDigits } from './digits';
import { Entry } from './journal';
import { Names } from './names';
import { endedAsExpected, JobReport, NamedBalances } from './play';
import { statusOf } from './summary';
import { TEST_IMAGE } from './testAuthority';

/** Digits that are drawn of each batch. */
const DRAWN = 2;

/** Writes what happens for people to read. */
export class Report {
    constructor(
        private readonly write: (text: string) => void,
        private readonly names: () => Names,
    ) {}

    heading(text: string): void {
        this.write(`\n${colors.bold(text)}`);
    }

    line(text: string): void {
        this.write(text);
    }

    /** What makes one provider attested, and what the other tier means. */
    attestation({ entries, attestedUntil, refusedFor }: AttestationReport): void {
        this.heading('One provider is attested, the other stays Open');
        this.write(
            `   ${colors.yellow('A TEST AUTHORITY signs here for Intel: there is no TDX machine, and this proves nothing of any.')} ` +
                "A network for real money pins Intel's root.",
        );
        this.transactions(entries);
        const until = `until ${new Date(attestedUntil * 1000).toISOString().slice(0, 10)}`;
        this.write(`   Attested, ${until}: the keys live in a trust domain of the image “${TEST_IMAGE}”.`);
        this.write(
            '   Open: whoever runs its machine can read every input and result. Inputs are sealed on their way to both.',
        );
        this.write('   A client who asks the Open provider for the tier Attested sends nothing, because of');
        refusedFor.forEach((reason) => this.write(`     ${reason}`));
    }

    /** One job: its story, every transaction, the digits, and what it did to every party. */
    job(job: JobReport, number: number): void {
        const { scenario, outcome, result, order } = job;
        this.heading(`${number}. ${scenario.branch}, by the ${scenario.tierName} provider`);
        this.write(`   ${scenario.story}`);
        this.transactions(job.entries);
        if (result) {
            this.digits(order.input, result.bytes, job.equalsReferee === true);
        }
        this.changes(job.before, job.after);
        const verdict = endedAsExpected(job) ? colors.green('as it should') : colors.red('NOT as it should');
        this.write(`   Ended ${colors.bold(statusOf(outcome))}, ${verdict}.`);
    }

    /** A channel: what went over it off chain, and the two transactions. */
    channel(channel: ChannelReport, number: number): void {
        const { tierName, requests, equalReferee, audit, cost } = channel;
        this.heading(`${number}. channel, with the ${tierName} provider`);
        this.write(
            `   The client opens a payment channel, sends ${requests} digits one by one, each with a signed voucher, and gets each back with ` +
                'a signed receipt. Then both agree to close.',
        );
        this.transactions(channel.entries);
        const chain = audit.ok
            ? colors.green(`${audit.count} receipts verified from first to last`)
            : colors.red(`the receipts are wrong: ${audit.fault} at ${audit.index}`);
        const right = equalReferee === requests ? colors.green : colors.red;
        this.write(
            `   ${requests} paid requests, ${ton(cost)} TON, ${transactionsOf(channel)} on-chain transactions of wallets; ${chain};`,
        );
        this.write(`   ${right(`${equalReferee} of ${requests} results are the referee's`)}.`);
        this.changes(channel.before, channel.after);
    }

    /** Who got which message, what it cost, and how it went. */
    transactions(entries: readonly Entry[]): void {
        const table = plainTable(['from', 'to', 'message', 'TON', 'gas', 'fees'], [3, 4, 5]);
        for (const { from, account, operation, value, gas, fees, outcome } of entries) {
            table.push([
                from ? this.names().of(from) : 'outside',
                this.names().of(account),
                outcome === 'ok' || outcome === 'no code' ? operation : `${operation} ${colors.yellow(`(${outcome})`)}`,
                from ? ton(value) : '',
                String(gas),
                ton(fees),
            ]);
        }
        const sum = (of: (entry: Entry) => bigint) => entries.reduce((total, entry) => total + of(entry), 0n);
        table.push([
            '',
            '',
            `${entries.length} transactions`,
            '',
            String(sum(({ gas }) => gas)),
            ton(sum(({ fees }) => fees)),
        ]);
        this.write(table.toString());
    }

    /** Balances before and after, of whoever's changed. */
    changes(before: NamedBalances, after: NamedBalances): void {
        const table = plainTable(['', 'before', 'after', 'change'], [1, 2, 3]);
        for (const name of new Set([...before.keys(), ...after.keys()])) {
            const [had, has] = [before.get(name) ?? 0n, after.get(name) ?? 0n];
            if (had !== has) {
                table.push([name, ton(had), ton(has), signed(has - had)]);
            }
        }
        this.write(table.toString());
    }

    /** The sum that must come out even. */
    statement({ outside, held, fees, difference, conserved }: Statement): void {
        const table = plainTable(['Every nanoTON', 'TON'], [1]);
        table.push(['came from outside', ton(outside)]);
        table.push(['is held by accounts', ton(held)]);
        table.push(['went to validators as fees', ton(fees)]);
        table.push(['difference', conserved ? colors.green('0') : colors.red(`${difference} nanoTON`)]);
        this.write(table.toString());
    }

    private digits(input: Uint8Array, classes: Uint8Array, right: boolean): void {
        if (classes.length !== BATCH_IMAGES) {
            return;
        }
        drawDigits(input, classes, DRAWN).forEach((row) => this.write(`   ${colors.cyan(row)}`));
        const judged = right
            ? colors.green('the referee computes the same')
            : colors.red('the referee computes otherwise');
        this.write(`   ${BATCH_IMAGES} digits: ${[...classes].join(' ')}; ${judged}`);
    }
}

function plainTable(head: string[], numbers: readonly number[]): Table.Table {
    return new Table({
        head: head.map((title) => colors.dim(title)),
        colAligns: head.map((_, column) => (numbers.includes(column) ? 'right' : 'left')),
        style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
        chars: {
            top: '',
            'top-mid': '',
            'top-left': '',
            'top-right': '',
            bottom: '',
            'bottom-mid': '',
            'bottom-left': '',
            'bottom-right': '',
            left: '  ',
            'left-mid': '',
            mid: '',
            'mid-mid': '',
            right: '',
            'right-mid': '',
            middle: '',
        },
    });
}

/** nanoTON as TON, always with nine decimals so that columns align and nothing is rounded. */
export function ton(amount: bigint): string {
    const digits = String(amount < 0n ? -amount : amount).padStart(10, '0');
    return `${amount < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

function signed(amount: bigint): string {
    return amount > 0n ? colors.green(`+${ton(amount)}`) : colors.red(ton(amount));
}
