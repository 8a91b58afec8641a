import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { documentedEdges, edgeText } from '../../helpers/diagrams';
import { tactSources } from '../../helpers/sources';

interface Reporter {
    folder: string;
    onRunComplete(contexts: unknown, results: { wasInterrupted: boolean }): void;
    getLastError(): Error | undefined;
}

/** The reporter as if the tests had reached these edges, in a whole run or with a pattern. */
async function report(reached: string[], patterns: string[] = []): Promise<Error | undefined> {
    const { default: EdgeReporter } = (await import('../../helpers/edgeReporter.js' as string)) as {
        default: new (globalConfig: unknown) => Reporter;
    };
    const reporter = new EdgeReporter({ testPathPatterns: { patterns } });
    reporter.folder = mkdtempSync(path.join(tmpdir(), 'edges-spec-'));
    writeFileSync(path.join(reporter.folder, 'some-test-file.json'), JSON.stringify(reached));
    reporter.onRunComplete([], { wasInterrupted: false });
    return reporter.getLastError();
}

const all = documentedEdges().map(edgeText);

beforeEach(() => {
    jest.spyOn(console, 'log').mockReturnValue();
    jest.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => jest.restoreAllMocks());

describe('The state diagrams', () => {
    it('have an arrow for every message that a contract receives, and for every bounce that it handles', () => {
        const received = tactSources().flatMap(({ text }) => {
            const contract = /^contract (\w+)\(/m.exec(text)?.[1];
            return contract === undefined
                ? []
                : [
                      ...[...text.matchAll(/receive\(msg: (\w+)\)/g)].map(([, name]) => `${contract} ${name}`),
                      ...[...text.matchAll(/bounced\(msg: bounced<(\w+)>\)/g)].map(
                          ([, name]) => `${contract} bounced ${name}`,
                      ),
                  ];
        });
        expect(received.length).toBeGreaterThan(45);
        const drawn = new Set(documentedEdges().map(({ machine, by }) => `${machine.split(' ')[0]} ${by}`));
        expect(received.filter((message) => !drawn.has(message))).toEqual([]);
    });

    it('draw no arrow twice', () => {
        expect(new Set(all).size).toBe(all.length);
    });
});

describe('The reporter of a whole run', () => {
    it('is content when every arrow was taken', async () => {
        expect(await report(all)).toBeUndefined();
    });

    it('fails when one arrow was not taken', async () => {
        expect(await report(all.slice(1))).toBeInstanceOf(Error);
    });

    it('fails when something was taken that is not drawn', async () => {
        expect(await report([...all, 'JobEscrow: Open --> Settled: ApproveFull'])).toBeInstanceOf(Error);
    });

    it('says nothing of a part of the suite', async () => {
        expect(await report([], ['unit/escrow'])).toBeUndefined();
    });
});
