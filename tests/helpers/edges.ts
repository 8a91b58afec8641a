import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Cell } from '@ton/core';
import { Edge, edgeText } from './diagrams';
import { operationOf } from './labels';
import * as layout from './layout';
import { contractOf } from './sources';
import { operationIn, stateOf, Step } from './step';

const reached = new Set<string>();

/** Notes which arrows of docs/states.md an accepted message took. What changed nothing takes none. */
export function recordEdges(step: Step): void {
    const { computePhase, actionPhase } = descriptionOf(step);
    if (computePhase?.type !== 'vm' || !computePhase.success || actionPhase?.success !== true) {
        return;
    }
    const before = stateOf(step.before);
    const after = stateOf(step.after);
    // A message with a StateInit meets an account without code; what it would be before is the Uninit data it brings.
    const contract = contractOf((before ?? after)?.code);
    if (contract === undefined) {
        return;
    }
    const by = operationIn(step.transaction);
    if (by.startsWith('bounced ') && !didSomething(step)) {
        return;
    }
    for (const edge of MACHINES[contract](before?.data, after?.data, step)) {
        reached.add(edgeText({ ...edge, by }));
    }
}

/** Leaves what this test file reached where the reporter finds it (see edgeReporter.js). */
export function flushEdges(): void {
    const folder = process.env.STATE_EDGES_DIR;
    if (folder !== undefined && reached.size > 0) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(path.join(folder, `${randomUUID()}.json`), JSON.stringify([...reached]));
    }
    reached.clear();
}

type Move = Omit<Edge, 'by'>;
type Machine = (before: Cell | undefined, after: Cell | undefined, step: Step) => Move[];

const START = '[*]';

const JOB_STATES = [START, 'Open', 'Quoting', 'Accepted', 'Submitted', 'Demanded', 'Disputed'];
const OPENING_STATES = [START, 'Registering', 'Unregistered', 'Registered'];

const MACHINES: Record<NonNullable<ReturnType<typeof contractOf>>, Machine> = {
    JobEscrow: (before, after, step) => {
        const from = JOB_STATES[before ? layout.parseEscrowData(before).state : layout.JOB_UNINIT]!;
        const to = after
            ? JOB_STATES[layout.parseEscrowData(after).state]!
            : sends(step, 'Settle')
              ? 'Settled'
              : 'Refunded';
        return from === to ? [] : [{ machine: 'JobEscrow', from, to }];
    },
    ProviderStake: (before, after, step) => {
        const old = before && layout.parseStakeData(before);
        const now = after && layout.parseStakeData(after);
        const opening = (data: typeof old) => OPENING_STATES[data?.state ?? layout.STAKE_UNINIT]!;
        const unbonding = (data: typeof old) => (data?.unbonding ? 'Unbonding' : 'Bonded');
        const lockChange = (now?.locks.size ?? 0) - (old?.locks.size ?? 0);
        if (lockChange !== 0) {
            const [from, to] = lockChange > 0 ? ['Free', 'Locked'] : ['Locked', 'Free'];
            return [{ machine: 'ProviderStake lock', from: from!, to: to! }];
        }
        if (old?.state === layout.STAKE_REGISTERED && old.unbonding !== now?.unbonding) {
            return [{ machine: 'ProviderStake unbonding', from: unbonding(old), to: unbonding(now) }];
        }
        if (!didSomething(step)) {
            return [];
        }
        const from = opening(old);
        const to = now ? opening(now) : 'Closed';
        const moves = [{ machine: 'ProviderStake opening', from, to }];
        if (from === 'Registering' && to === 'Registered') {
            moves.push({ machine: 'ProviderStake unbonding', from: START, to: 'Bonded' });
        }
        return moves;
    },
    PayoutSettlement: (before, after) => {
        const state = (data: Cell | undefined) => (data && layout.parseTillData(data).version > 0 ? 'Live' : START);
        const to = state(after);
        return to === START ? [] : [{ machine: 'PayoutSettlement', from: state(before), to }];
    },
    PaymentChannel: (before, after, step) => {
        const old = before && layout.parseChannelData(before);
        const now = after && layout.parseChannelData(after);
        const from = old && old.closesAt > 0 ? 'Open' : START;
        const to = now === undefined ? 'Closed' : now.closesAt > 0 ? 'Open' : START;
        return from === to && !didSomething(step) ? [] : [{ machine: 'PaymentChannel', from, to }];
    },
    AttestationVerifier: (before, after, step) =>
        before !== undefined && !didSomething(step)
            ? []
            : [{ machine: 'AttestationVerifier', from: before ? 'Live' : START, to: 'Live' }],
    PckCertificate: (before, after, step) => {
        const state = (data: Cell | undefined) =>
            data && layout.parsePckCertificateData(data).remembered ? 'Remembered' : START;
        const to = after === undefined ? 'Closed' : state(after);
        return to === START || !didSomething(step) ? [] : [{ machine: 'PckCertificate', from: state(before), to }];
    },
    Registry: (before, after) => {
        const old = registryOf(before);
        const now = registryOf(after);
        if (now === undefined) {
            return [];
        }
        const proposal = ({ governance }: layout.RegistryData) => layout.parseGovernance(governance!).proposal;
        const state = (data: layout.RegistryData) => (proposal(data) ? 'Proposed' : 'Idle');
        const changed = old && proposal(old)?.hash().toString('hex') !== proposal(now)?.hash().toString('hex');
        return changed
            ? [{ machine: 'Registry proposal', from: state(old), to: state(now) }]
            : [{ machine: 'Registry', from: old ? 'Open' : START, to: 'Open' }];
    },
};

function registryOf(data: Cell | undefined): layout.RegistryData | undefined {
    const registry = data && layout.parseRegistryData(data);
    return registry && registry.version > 0 ? registry : undefined;
}

/** A message that neither changed the data nor had anything sent was let pass without effect. */
function didSomething(step: Step): boolean {
    const data = [step.before, step.after].map((account) => stateOf(account)?.data.hash().toString('hex'));
    return data[0] !== data[1] || step.transaction.outMessages.size > 0;
}

function sends({ transaction }: Step, op: string): boolean {
    return [...transaction.outMessages.values()].some(
        ({ info, body }) => info.type === 'internal' && operationOf(body) === op,
    );
}

function descriptionOf({ transaction: { description } }: Step) {
    return description.type === 'generic' ? description : { computePhase: undefined, actionPhase: undefined };
}
