import {
    JOB_QUOTING,
    parsePckCertificateData,
    parseEscrowData,
    parseStakeData,
    parseTillData,
    STAKE_REGISTERED,
    STAKE_REGISTERING,
    STAKE_UNREGISTERED,
} from '../helpers/layout';
import { proposePolicy } from './attestationSteps';
import { Delivery, Force } from './forcing';
import { cancel, expireWithoutLock, releaseStale } from './jobSteps';
import { openStake, retry, sync, withdraw, withdrawUnregistered } from './providerSteps';
import { Hop, Step } from './step';
import { STORIES, Story } from './stories';
import { edgeKey } from './table';
import { isContract, kindOf, States, Wealth, World } from './world';

/** One delivery that is made to fail. */
export interface Row {
    title: string;
    edge: string;
    story: Story;
    /** Which step of the story it is part of. */
    place: number;
    hop: Hop;
    /** Only this event of the delivery fails, and only by its sending. */
    event?: string;
}

/** How the story goes on after the remedy: with the failed step again, with the next one, or it is over. */
export type Next = 'again' | 'on' | 'over';

/** What docs/flows.md says of a message that failed. */
export interface Consequence {
    /**
     * What the failure leaves: every storage as the step found it, every storage as the step leaves it without a failure, or what
     * is checked here. `before`: as the step found it.
     */
    left: 'undone' | 'arrived' | ((world: World, before: States) => Promise<void>);
    /** The remedy: these messages, in this order. */
    remedy: readonly Step[];
    next: Next;
    /** nanoTON that are with somebody else for good, by what the step did without the failure. */
    shift?(normally: readonly Delivery[]): Partial<Wealth>;
}

/** Every hop of every story that the receiver takes, and every event, once for each step that has it. */
export const ROWS: readonly Row[] = rows();

function rows(): Row[] {
    const found = new Map<string, Row>();
    for (const story of STORIES) {
        story.steps.forEach((step, place) => {
            const add = (what: string, edge: string, hop: Hop, event?: string) => {
                const title = step.name === hop.op ? what : `${what} · ${step.name}`;
                if (!found.has(title)) {
                    found.set(title, { title, edge, story, place, hop, event });
                }
            };
            for (const hop of step.hops.filter(({ refused }) => !refused)) {
                const edge = edgeKey(hop.op, kindOf(hop.from), kindOf(hop.to));
                add(`${hop.op}: ${hop.from} → ${hop.to}`, edge, hop);
            }
            for (const { op, by, during } of step.events) {
                const hop = step.hops.find(({ op: name }) => name === during)!;
                add(`${op}: ${by} → outside`, edgeKey(op, kindOf(by), 'outside'), hop, op);
            }
        });
    }
    return [...found.values()];
}

/** The receiver has the money, and nothing else depends on the message. */
const arrived: Consequence = { left: 'arrived', remedy: [], next: 'on' };

const stakeOf = async ({ chain, provider }: World) => parseStakeData((await chain.data(provider.stake))!);
const expectStakeState = async (world: World, state: number) => expect((await stakeOf(world)).state).toBe(state);

const stillRegistering: Consequence = {
    left: (world) => expectStakeState(world, STAKE_REGISTERING),
    remedy: [withdrawUnregistered],
    next: 'over',
};

const unpaidFee = (normally: readonly Delivery[]): Partial<Wealth> => {
    const settlement = normally.find(({ op }) => op === 'Settle')!;
    const amount = settlement.message.body.beginParse().skip(96).loadUintBig(64);
    const fee = (amount * 200n) / 10000n;
    return { provider: fee, network: -fee };
};

const inTheTill: Consequence = {
    left: async ({ chain, provider }) => {
        expect(parseTillData((await chain.data(provider.till))!).feesDue).toBe(0n);
    },
    remedy: [withdraw],
    next: 'on',
    shift: unpaidFee,
};

/** A wallet's payment whose payout failed is the provider's all the same, who pays no fee of it: half of it is heir's. */
const keptByTheTill: Consequence = {
    left: 'undone',
    remedy: [withdraw],
    next: 'over',
    shift: (normally) => {
        const { network, provider } = unpaidFee(normally);
        return { network, provider: provider! / 2n, others: provider! / 2n };
    },
};

const stillLocked = async (world: World) => {
    expect((await stakeOf(world)).locks.size).toBe(1);
};

/** The stake keeps the tier that it had; the verifier keeps the value, and a certificate is remembered all the same. */
const unattested: Consequence = {
    left: async (world, before) => {
        const { stake, verifier } = await world.states();
        expect({ stake, verifier }).toEqual({ stake: before.stake, verifier: before.verifier });
    },
    remedy: [],
    next: 'again',
};

/** Between contracts, by edge. Everything else is of one of the kinds in {@link consequenceOf}. */
const CONSEQUENCES: Record<string, Consequence> = {
    'AcceptQuote: JobEscrow → ProviderStake': {
        left: async (world, before) => {
            expect(await world.chain.isGone(world.job.escrow)).toBe(true);
            expect((await world.states()).stake).toBe(before.stake);
        },
        remedy: [],
        next: 'again',
    },
    'bounced AcceptQuote: ProviderStake → JobEscrow': {
        left: async ({ chain, job }) => {
            expect(parseEscrowData((await chain.data(job.escrow))!).state).toBe(JOB_QUOTING);
        },
        remedy: [cancel],
        next: 'on',
    },
    'bounced JobAccepted: JobEscrow → ProviderStake': {
        left: stillLocked,
        remedy: [cancel, releaseStale],
        next: 'over',
    },
    'Settle: JobEscrow → PayoutSettlement': inTheTill,
    'Settle: PaymentChannel → PayoutSettlement': inTheTill,
    'ReleaseCollateral: JobEscrow → ProviderStake': { left: stillLocked, remedy: [releaseStale], next: 'on' },
    'SlashCollateral: JobEscrow → ProviderStake': {
        left: stillLocked,
        remedy: [releaseStale],
        next: 'on',
        shift: (normally) => {
            const share = (to: number) => {
                const found = normally.filter(({ op }) => op === 'SlashShare')[to];
                return found?.message.info.type === 'internal' ? found.message.info.value.coins : 0n;
            };
            return { client: -share(0), network: -share(1), provider: share(0) + share(1) };
        },
    },
    'RegisterMe: ProviderStake → Registry': {
        left: (world) => expectStakeState(world, STAKE_UNREGISTERED),
        remedy: [],
        next: 'on',
    },
    'bounced RegisterMe: Registry → ProviderStake': stillRegistering,
    'Initialise: Registry → ProviderStake': stillRegistering,
    'RegistrationRefused: Registry → ProviderStake': stillRegistering,
    'UpdateParams: Registry → ProviderStake': { left: 'undone', remedy: [], next: 'again' },
    'bounced UpdateParams: ProviderStake → Registry': { left: 'undone', remedy: [], next: 'on' },
    'AttestationVerdict: AttestationVerifier → ProviderStake': unattested,
    'bounced AttestationVerdict: ProviderStake → AttestationVerifier': arrived,
    'Excesses: ProviderStake → AttestationVerifier': arrived,
    'RememberPck: AttestationVerifier → PckCertificate': {
        left: async (world) => {
            const data = await world.chain.data(world.addressOf('certificate'));
            expect(data && parsePckCertificateData(data).remembered).not.toBe(true);
        },
        remedy: [],
        next: 'again',
    },
    'AttestRemembered: PckCertificate → AttestationVerifier': { left: 'undone', remedy: [], next: 'again' },
    'bounced AttestRemembered: AttestationVerifier → PckCertificate': arrived,
    'ApplyPolicy: Registry → AttestationVerifier': {
        left: async (world, before) => {
            expect((await world.states()).verifier).toBe(before.verifier);
        },
        remedy: [proposePolicy],
        next: 'again',
    },
    'bounced ApplyPolicy: AttestationVerifier → Registry': arrived,
    'RevokeCertificate: Registry → AttestationVerifier': { left: 'undone', remedy: [], next: 'again' },
    'TillParams: ProviderStake → PayoutSettlement': {
        left: (world) => expectStakeState(world, STAKE_REGISTERED),
        remedy: [sync],
        next: 'on',
    },
};

/** What has to be done after this delivery failed. */
export function consequenceOf({ hop, story, place }: Row, force: Force): Consequence {
    const step = story.steps[place]!;
    const edge = edgeKey(hop.op, kindOf(hop.from), kindOf(hop.to));
    if (hop.op === 'JobAccepted') {
        // The escrow waits as before; the client of a quote has to take the job back first.
        const quoted = step.hops[0]!.op === 'PostJob';
        return {
            left: async (world, before) => {
                expect((await world.states()).stake).toBe(before.stake);
            },
            remedy: quoted ? [cancel] : [],
            next: 'again',
        };
    }
    if (hop.op === 'RegisterMe') {
        const last = place === story.steps.length - 1;
        return { ...CONSEQUENCES[edge]!, remedy: last ? [retry] : [] };
    }
    if (hop.op === 'Initialise' && step === openStake) {
        return { ...stillRegistering, next: 'again' };
    }
    if (step === expireWithoutLock && hop.op === 'SlashCollateral') {
        return arrived;
    }
    if (hop.op === 'Settle' && !isContract(hop.from) && force.kind === 'sends') {
        return keptByTheTill;
    }
    const known = CONSEQUENCES[edge];
    if (known !== undefined) {
        return known;
    }
    if (!isContract(hop.to)) {
        return arrived;
    }
    if (isContract(hop.from)) {
        throw new Error(`Nothing is known of ${edge}`);
    }
    return { left: 'undone', remedy: [], next: 'again' };
}
