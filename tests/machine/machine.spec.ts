import { campaign, fight } from './campaign';

// The short tier. `npm run fuzz` goes on where this ends.

const SEED = 20261124;
const RUNS = 60;
const LENGTH = 150;

describe('The contracts beside the model of the protocol', () => {
    it('agree on every message, and every guarantee holds, whatever anybody sends', async () => {
        const sum = campaign();
        const failure = await fight(sum, { seed: SEED, runs: RUNS, length: LENGTH, shrinkingSeconds: 15 });
        if (failure !== undefined) {
            throw new Error(failure);
        }
        expect(sum.coverage.unexpected()).toEqual([]);
        // Without these the run would prove little.
        expect(sum.accepted / sum.commands).toBeGreaterThanOrEqual(0.4);
        expect(sum.commands).toBeGreaterThan(1000);
        expect(sum.situations.size).toBeGreaterThanOrEqual(RUNS);
    }, 300_000);
});
