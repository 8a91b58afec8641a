/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { EngineDevice } from '../../../worker/engine/device';
import { DIMENSIONS } from '../../fixtures/decoder';
import { openTestDevice } from '../support';
import { allCases } from '../verify/cases';
import { engineOutcome } from '../verify/engineOutcome';
import { compareOutcomes } from '../verify/outcome';
import { refereeOutcome } from '../verify/refereeOutcome';

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

describe('whole runs', () => {
    it.each([...allCases(1)].map((run) => [run.name, run] as const))('agree with the referee: %s', async (_, run) => {
        const { tensors, mismatches } = compareOutcomes(await engineOutcome(device, run), refereeOutcome(run));
        expect(mismatches).toEqual([]);
        // At the least a position with one layer, its logits, the result and two roots.
        expect(tensors).toBeGreaterThan(12);
    });

    it('has every shape', () => {
        expect(Object.keys(DIMENSIONS).length).toBeGreaterThan(6);
    });
});
