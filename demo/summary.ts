import { JobOutcome } from '../wrappers';
import { Statement } from './accounting';
import { AttestationReport, attestationWentWell } from './attestation';
import { ChannelReport, channelWentWell, transactionsOf } from './channel';
import { endedAsExpected, JobReport, NamedBalances } from './play';

/** All that the demo found out. */
export interface Outcome {
    /** Name of the WebGPU adapter; null where the referee stood in. */
    readonly adapter: string | null;
    readonly attestation: AttestationReport;
    readonly jobs: readonly JobReport[];
    /** Undefined where it was not played. */
    readonly channel: ChannelReport | undefined;
    readonly balances: NamedBalances;
    readonly statement: Statement;
}

/** What is printed with `--json`; nanoTON as decimal strings. */
export interface Summary {
    readonly adapter: string | null;
    /** Of the provider that is attested, by a test authority. */
    readonly attestation: {
        /** Unix seconds; 0 if it was not. */
        readonly attestedUntil: number;
        /** What stood against sending confidential work to the Open provider. */
        readonly openRefusedFor: readonly string[];
    };
    readonly jobs: readonly {
        readonly branch: string;
        /** `Open` or `Attested`: the provider's tier, and the one that the job asked for. */
        readonly tier: string;
        /** How the escrow ended, as in {@link JobOutcome}; `open` if it did not. */
        readonly status: string;
        /** null where no result came. */
        readonly resultEqualsReferee: boolean | null;
        readonly providerDelta: string;
        readonly clientDelta: string;
    }[];
    /** Absent where it was not played. */
    readonly channel?: {
        readonly tier: string;
        readonly requests: number;
        /** Responses that are the referee's. */
        readonly resultsEqualReferee: number;
        /** Receipts that the client's audit found right, from the first on. */
        readonly receiptsVerified: number;
        /** Transactions that somebody had to sign. */
        readonly transactions: number;
        readonly cost: string;
        readonly providerDelta: string;
        readonly clientDelta: string;
    };
    /** At the end, by account. */
    readonly balances: Readonly<Record<string, string>>;
    readonly fees: string;
    /** Money from outside less balances less fees. */
    readonly difference: string;
    readonly conserved: boolean;
}

/** The demo's findings as plain data. */
export function summarise({ adapter, attestation, jobs, channel, balances, statement }: Outcome): Summary {
    return {
        adapter,
        attestation: { attestedUntil: attestation.attestedUntil, openRefusedFor: attestation.refusedFor },
        jobs: jobs.map(({ scenario, outcome, equalsReferee, providerDelta, clientDelta }) => ({
            branch: scenario.branch,
            tier: scenario.tierName,
            status: statusOf(outcome),
            resultEqualsReferee: equalsReferee,
            providerDelta: String(providerDelta),
            clientDelta: String(clientDelta),
        })),
        ...(channel && { channel: channelSummary(channel) }),
        balances: Object.fromEntries([...balances].map(([name, balance]) => [name, String(balance)])),
        fees: String(statement.fees),
        difference: String(statement.difference),
        conserved: statement.conserved,
    };
}

function channelSummary(channel: ChannelReport): NonNullable<Summary['channel']> {
    const { tierName, requests, equalReferee, audit, cost, providerDelta, clientDelta } = channel;
    return {
        tier: tierName,
        requests,
        resultsEqualReferee: equalReferee,
        receiptsVerified: audit.ok ? audit.count : audit.index,
        transactions: transactionsOf(channel),
        cost: String(cost),
        providerDelta: String(providerDelta),
        clientDelta: String(clientDelta),
    };
}

/** `settled`, `quoteRefused`, …; `open` for a job that did not end. */
export function statusOf(outcome: JobOutcome | undefined): string {
    const name = outcome === undefined ? 'Open' : (JobOutcome[outcome] ?? `outcome${String(outcome)}`);
    return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Everything that is not as it should be, in sentences; empty when the demo has shown what it says. */
export function problemsOf({ attestation, jobs, channel, statement }: Outcome): string[] {
    const problems = jobs
        .filter((job) => !endedAsExpected(job))
        .map(
            ({ scenario, outcome, equalsReferee }) =>
                `${scenario.branch} ended ${statusOf(outcome)} instead of ${statusOf(scenario.outcome)}, and its result ` +
                `${describe(equalsReferee)} where it should have been one that ${describe(scenario.equalsReferee)}`,
        );
    if (!attestationWentWell(attestation)) {
        const { attestedUntil, refusedFor, sentThough } = attestation;
        const what = JSON.stringify({ attestedUntil, refusedFor, sentThough });
        problems.push(`Attestation did not do what it should: ${what}`);
    }
    if (channel && !channelWentWell(channel)) {
        problems.push(`The channel did not do what it should: ${JSON.stringify(channelSummary(channel))}`);
    }
    if (!statement.conserved) {
        const { difference } = statement;
        const what = difference > 0n ? `${difference} nanoTON are missing` : `${-difference} nanoTON came from nowhere`;
        problems.push(`The sum does not come out even: ${what}`);
    }
    return problems;
}

function describe(equalsReferee: boolean | null): string {
    return equalsReferee === null
        ? 'never came'
        : equalsReferee
          ? "equals the referee's"
          : "differs from the referee's";
}
