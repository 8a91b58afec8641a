import { PRICE_SETS } from '../helpers/chain';
import { installForcing } from './forcing';
import { ROWS } from './rows';
import { Stage } from './stage';
import { documentedEdges, handledBounces, plainEdges, schemaMessages } from './table';
import { isContract } from './world';

installForcing();

const stage = new Stage();
const known = [...documentedEdges(), ...plainEdges()].sort();

describe('The table of edges', () => {
    const played = new Set(ROWS.map(({ edge }) => edge));
    const opOf = (edge: string) => edge.slice(0, edge.indexOf(': '));

    it('has an edge for every message of the schemas', () => {
        const ops = new Set(known.map(opOf));
        expect(schemaMessages().filter(({ name }) => !ops.has(name))).toEqual([]);
    });

    it('knows no message that the schemas do not', () => {
        const names = new Set(schemaMessages().map(({ name }) => name));
        const foreign = known.map(opOf).filter((op) => op !== 'empty' && !names.has(op.replace(/^bounced /, '')));
        expect(foreign).toEqual([]);
    });

    it('has every bounce that a contract handles', () => {
        expect(handledBounces().filter((op) => !known.some((edge) => opOf(edge) === op))).toEqual([]);
    });

    it('is played, every edge and no other', () => {
        expect([...played].sort()).toEqual(known);
    });
});

describe('The forcing', () => {
    it.each(['PostJob: client → escrow', 'AcceptQuote: escrow → stake', 'Settle: escrow → till'])(
        'changes nothing by itself: %s',
        async (title) => {
            await stage.harmless(
                ROWS.find((row) => row.title.startsWith(title))!,
                PRICE_SETS[0]!,
            );
        },
    );
});

afterAll(() => {
    if (process.env['EDGES_TABLE'] === '1') {
        process.stdout.write(`${stage.summary()}\n`);
    }
});

describe.each(ROWS.map((row) => [row.title, row] as const))('%s', (_, row) => {
    // Between contracts prices decide what a message carries.
    const priceSets = isContract(row.hop.from) && isContract(row.hop.to) ? PRICE_SETS : PRICE_SETS.slice(0, 1);

    if (row.event === undefined) {
        it('bounces', async () => {
            for (const prices of priceSets) {
                await stage.bounce(row, prices);
            }
        });

        it('runs out of gas', async () => {
            await stage.outOfGas(row, PRICE_SETS[0]!);
        });
    }

    it('cannot send', async () => {
        for (const prices of priceSets) {
            await stage.cannotSend(row, prices);
        }
    });
});
