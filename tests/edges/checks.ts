import { SendMessageResult } from '@ton/sandbox';
import { operationOf } from '../helpers/labels';
import { balanceOf, stateOf } from '../helpers/step';
import { Delivery, Force, THROWN } from './forcing';
import { Row } from './rows';
import { isContract, Wealth, World } from './world';

/** Sends that may fail without a trace are excesses, but not those that carry a stake, or all that an account had. */
const PAYING = ['WithdrawStake', 'WithdrawUnregistered', 'ForgetPck'];

/** A till whose payout fails counts as if it had not run: what it was sent stays, however it came. */
const KEEPING = ['Settle'];

/** What became of a message that failed. */
export type Outcome = 'bounced' | 'kept' | 'done without its excess';

/** Only excesses may be lost, and only where they carry nobody's principal. */
export function isTolerated({ hop }: Row, { sends }: Delivery, force: Force): boolean {
    return (
        force.kind === 'sends' &&
        !PAYING.includes(hop.op) &&
        force.which.every((place) => sends[place]!.op === 'Excesses')
    );
}

function phasesOf({ transaction: { description } }: Delivery) {
    if (description.type !== 'generic') {
        throw new Error(`A ${description.type} transaction`);
    }
    return description;
}

/** It went through, with as many sends skipped. */
export function expectTaken(delivery: Delivery, skippedActions: number): void {
    expect(phasesOf(delivery)).toMatchObject({ aborted: false, actionPhase: { success: true, skippedActions } });
}

/** It failed, and in the way that was asked for. */
export function expectFailed(delivery: Delivery, force: Force): void {
    const { aborted, computePhase, actionPhase } = phasesOf(delivery);
    expect(aborted).toBe(true);
    switch (force.kind) {
        case 'absent':
            expect(computePhase.type).toBe('skipped');
            break;
        case 'throw':
            // A StateInit's own code stops at its first instruction: see forcing.ts.
            expect(computePhase).toMatchObject({ exitCode: stateOf(delivery.before) ? THROWN : OUT_OF_GAS });
            break;
        case 'gas':
            expect(computePhase).toMatchObject({ success: false, exitCode: OUT_OF_GAS });
            break;
        case 'sends':
            expect(computePhase).toMatchObject({ success: true });
            expect([INVALID_DESTINATION, MESSAGE_TOO_LARGE]).toContain(actionPhase?.resultCode);
    }
}

const OUT_OF_GAS = -14;
const INVALID_DESTINATION = 36;
const MESSAGE_TOO_LARGE = 40;

/** Code and data are as before; an account that the message deployed is as its StateInit has it. */
export function expectUnchanged({ before, after }: Delivery, { hop: { to } }: Row, world: World): void {
    const [was, is] = [stateOf(before), stateOf(after)];
    if (was !== null) {
        expect(is!.data).toEqualCell(was.data);
        expect(is!.code).toEqualCell(was.code);
    } else if (is !== null && isContract(to)) {
        expect(is.data).toEqualCell(world.initOf(to).data!);
    }
}

/** What may come back came back; what may not stayed, less fees, where it was sent. */
export function expectBounce(delivery: Delivery, force: Force, trace: SendMessageResult): Outcome {
    const { message, transaction, before, after } = delivery;
    const { info } = message;
    if (info.type !== 'internal') {
        throw new Error('Only messages between accounts are forced');
    }
    const back = [...transaction.outMessages.values()];
    if (!info.bounce || (force.kind === 'sends' && KEEPING.includes(delivery.op))) {
        expect(back).toEqual([]);
        const fees = transaction.totalFees.coins;
        expect(balanceOf(after)).toBe(balanceOf(before) + info.value.coins - fees);
        return 'kept';
    }
    expect({ [delivery.op]: phasesOf(delivery).bouncePhase?.type }).toEqual({ [delivery.op]: 'ok' });
    expect(back.map(({ body }) => operationOf(body))).toEqual([`bounced ${delivery.op}`]);
    const arrived = trace.transactions.filter(
        ({ inMessage }) =>
            inMessage?.info.type === 'internal' &&
            inMessage.info.bounced &&
            inMessage.info.src.equals(info.dest) &&
            inMessage.info.dest.equals(info.src),
    );
    expect(arrived).toHaveLength(1);
    return 'bounced';
}

/** nanoTON of fees and rent by which a detour may change what somebody has in the end. */
const COSTS = 150_000_000n;

/** Everybody ends with what he would have had, but for costs and what the documents say. */
export async function expectWealth(
    world: World,
    expected: Wealth,
    shift: Partial<Wealth>,
    excesses: bigint,
): Promise<void> {
    const now = await world.wealth();
    const tolerance = COSTS + excesses;
    for (const party of Object.keys(expected) as (keyof Wealth)[]) {
        const off = now[party] - expected[party] - (shift[party] ?? 0n);
        if (off > tolerance || off < -tolerance) {
            throw new Error(`In the end ${party} has ${off} nanoTON more than without the failure`);
        }
    }
}
