import { Address, beginCell, Builder, Cell } from '@ton/core';
import { CELL_UNDERFLOW, errorCode, Message } from '../fixtures/stakes';
import { addressOf } from '../helpers/labels';
import { tactMessages, tactSources } from '../helpers/sources';
import { storageFeesOf } from '../helpers/step';
import { Trace, withoutWallets } from '../helpers/traces';
import { Case, CASES, stageCase, titleOf } from './cases';
import { useScene } from './scene';

// Every message as it is, with something behind it, and with something missing. Tact reads a typed message and looks no further: what
// trails is read by nobody and must change nothing. What is stored or signed is another matter: there not a bit may be too many.

it('there is a case of every message that a contract of the market receives', () => {
    const received = tactSources().flatMap(({ text }) =>
        [...text.matchAll(/^ {4}receive\(msg: (\w+)\)/gm)].map(([, name]) => name!),
    );
    expect(received.length).toBeGreaterThan(0);
    expect(received.every((name) => tactMessages().has(name))).toBe(true);
    expect([...new Set(CASES.map(({ name }) => name))].sort()).toEqual([...received].sort());
});

const held = useScene();

type Change = { bits?: number; ref?: 1 | -1 };

/** The cell with so many bits and references more or less at its end. */
function altered(cell: Cell, { bits = 0, ref }: Change): Cell {
    const builder: Builder = beginCell().storeBits(cell.bits.substring(0, cell.bits.length + Math.min(bits, 0)));
    builder.storeUint(0, Math.max(bits, 0));
    (ref === -1 ? cell.refs.slice(0, -1) : cell.refs).forEach((one) => builder.storeRef(one));
    return (ref === 1 ? builder.storeRef(beginCell().endCell()) : builder).endCell();
}

/** Everything that a message caused, but for its own body. */
function effectsOf(trace: Trace): unknown[] {
    return withoutWallets(trace).map(({ inMessage, description, outMessages, totalFees }, index) => ({
        to: inMessage!.info.dest!.toString(),
        value: inMessage!.info.type === 'internal' ? inMessage!.info.value.coins : null,
        body: index === 0 ? null : inMessage!.body.hash().toString('hex'),
        events: [...outMessages.values()]
            .filter(({ info }) => info.type === 'external-out')
            .map(({ body }) => body.hash().toString('hex')),
        exitCode: exitOf(description),
        fees: totalFees.coins,
    }));
}

function exitOf(description: { type: string }): number | null {
    const { computePhase } = description as { computePhase?: { type: string; exitCode?: number } };
    return computePhase?.exitCode ?? null;
}

/** The message stops right here with that code, and leaves nothing behind. */
async function expectStopped(from: Address, message: Message, exitCode: number): Promise<void> {
    const { market } = held.scene;
    const to = addressOf(message.to);
    await market.chain.rewinding(async () => {
        const data = await market.dataHash(to);
        const next = await market.step(from, message);
        const balance = await market.chain.balance(to);
        const refusal = await next();
        expect([exitOf(refusal.description), refusal.outMessagesCount]).toEqual([exitCode, 1]);
        expect(await market.dataHash(to)).toBe(data ?? message.init!.data!.hash().toString('hex'));
        expect(await market.chain.balance(to)).toBe(balance - storageFeesOf(refusal));
    });
}

/** Messages whose last field no handler reads, so that it may as well be missing: what it would say is for indexers. */
const UNREAD = { RetryRegister: 'queryId', Settle: 'source' };

/** The field of all remaining bits takes what trails for a part of it. */
const takesTheRest = ({ variant }: Case) => variant === 'signed';

describe('A message with', () => {
    it.each(CASES.map((one) => [titleOf(one), one] as const))('nothing else is taken: %s', async (_, one) => {
        const { scene } = held;
        const { market } = scene;
        const { from, message } = await stageCase(scene, one);
        const before = await scene.world();
        const run = (body: Cell) =>
            market.chain.rewinding(async () => {
                const effects = effectsOf(await market.send(from, { ...message, body }));
                return { effects, world: await scene.world() };
            });
        const exact = await run(message.body);
        for (const effect of exact.effects) {
            expect([null, 0]).toContain((effect as { exitCode: number | null }).exitCode);
        }
        expect(exact.world).not.toEqual(before);

        if (takesTheRest(one)) {
            expect(await run(altered(message.body, { ref: 1 }))).toEqual(exact);
            for (const bits of [1, -1]) {
                const body = altered(message.body, { bits });
                await expectStopped(from, { ...message, body }, errorCode('WRONG_SENDER'));
            }
            return;
        }
        // TVM charges what it reads, and that is the same.
        expect(await run(altered(message.body, { bits: 1, ref: 1 }))).toEqual(exact);
        const short = altered(message.body, { bits: -1 });
        if (one.name in UNREAD) {
            expect(await run(short)).toEqual(exact);
        } else {
            await expectStopped(from, { ...message, body: short }, CELL_UNDERFLOW);
        }
        if (message.body.refs.length > 0) {
            await expectStopped(from, { ...message, body: altered(message.body, { ref: -1 }) }, CELL_UNDERFLOW);
        }
    });
});

type Path = readonly number[];

/** Every cell below this one. */
function pathsOf(cell: Cell, above: Path = []): Path[] {
    return cell.refs.flatMap((ref, index) => [[...above, index], ...pathsOf(ref, [...above, index])]);
}

/** The body with one cell inside changed. */
function changedAt(cell: Cell, path: Path, change: Change): Cell {
    if (path.length === 0) {
        return altered(cell, change);
    }
    const builder = beginCell().storeBits(cell.bits);
    cell.refs.forEach((ref, index) =>
        builder.storeRef(index === path[0] ? changedAt(ref, path.slice(1), change) : ref),
    );
    return builder.endCell();
}

/** A bit too many, a bit too few, and likewise references. */
const ALTERATIONS: Change[] = [{ bits: 1 }, { bits: -1 }, { ref: 1 }, { ref: -1 }];

/** What each of {@link ALTERATIONS} is refused with; the last is missing where a cell has no reference to lose. */
type Refusals = [
    moreBits: string | number,
    lessBits: string | number,
    moreRefs: string | number,
    lessRefs?: string | number,
];

const all = (error: string): Refusals => [error, error, error];
const MALFORMED = all('MALFORMED_CELL');
// What runs over its parser ends with TVM's own code.
const PARAMS: Refusals = [CELL_UNDERFLOW, CELL_UNDERFLOW, 'MALFORMED_CELL'];
const BUILT_HERE: Refusals = [CELL_UNDERFLOW, CELL_UNDERFLOW, CELL_UNDERFLOW];
const PROFILE: Record<string, Refusals> = {
    '0': ['BAD_PROFILE', 'BAD_PROFILE', CELL_UNDERFLOW, CELL_UNDERFLOW],
    '0/0': MALFORMED,
    '0/1': all('BAD_PROFILE'),
};
const TERMS: Record<string, Refusals> = {
    '0': ['MALFORMED_CELL', 'MALFORMED_CELL', 'MALFORMED_CELL', 'MALFORMED_CELL'],
    '0/0': MALFORMED,
    '0/1': MALFORMED,
};

/** Every cell inside a message, by its references. */
const INSIDE: Record<string, Record<string, Refusals>> = {
    OpenNetwork: { '0': PARAMS },
    ProposeParams: { '0': PARAMS },
    ProposeModel: { '0': MALFORMED },
    ProposePolicy: { '0': ['BAD_POLICY', 'BAD_POLICY', 'BAD_POLICY', CELL_UNDERFLOW], '0/0': MALFORMED },
    OpenStake: PROFILE,
    UpdateProfile: PROFILE,
    AcceptQuote: { '0': MALFORMED },
    Initialise: { '0': BUILT_HERE },
    UpdateParams: { '0': BUILT_HERE },
    PostJob: TERMS,
    'PostJob with a quote': { ...TERMS, '1': MALFORMED },
    PublishResult: { '0': all('RESULT_MISMATCH') },
    PublishStorageId: { '0': MALFORMED },
    TillParams: { '0': BUILT_HERE },
    'SetPayees that splits': {
        '0': ['BAD_PAYEES', 'BAD_PAYEES', CELL_UNDERFLOW, CELL_UNDERFLOW],
        '0/0': ['BAD_PAYEES', 'BAD_PAYEES', CELL_UNDERFLOW],
    },
    CloseChannel: { '0': MALFORMED },
};

/** The stake builds it, and the escrow keeps it unopened. */
const KEPT_UNREAD = 'JobAccepted';

/** Bytes in cells under signatures, and what only the Registry sends: tests/unit/attestation/forgeries.spec.ts and policy.spec.ts. */
const ofVerifier = ({ contract, name }: Case) => contract === 'AttestationVerifier' || name === 'AttestWithPck';

describe('A cell inside a message', () => {
    const withCells = CASES.filter((one) => !ofVerifier(one)).map((one) => [titleOf(one), one] as const);

    it('is refused for every bit and every reference: there is a row of every one', async () => {
        const rows: string[] = [];
        for (const [title, one] of withCells) {
            const { message } = await stageCase(held.scene, one);
            rows.push(...pathsOf(message.body).map((path) => `${title} ${path.join('/')}`));
        }
        const known = Object.entries(INSIDE).flatMap(([title, paths]) =>
            Object.keys(paths).map((path) => `${title} ${path}`),
        );
        expect(rows.sort()).toEqual([...known, `${KEPT_UNREAD} 0`].sort());
    });

    it.each(withCells.filter(([title]) => title in INSIDE))(
        'may not have one too many or too few: %s',
        async (title, one) => {
            const { from, message } = await stageCase(held.scene, one);
            for (const [path, refusals] of Object.entries(INSIDE[title]!)) {
                for (const [index, error] of refusals.entries()) {
                    const change = ALTERATIONS[index]!;
                    const body = changedAt(message.body, path.split('/').map(Number), change);
                    await expectStopped(
                        from,
                        { ...message, body },
                        typeof error === 'number' ? error : errorCode(error!),
                    );
                }
            }
        },
    );
});
