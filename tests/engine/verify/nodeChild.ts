import { describeAdapter, openDevice } from '../../../worker/engine/device';
import { findNodeGpu } from '../../../worker/engine/nodeGpu';
import { unwrap } from '../../../worker/engine/result';
import { useSoftwareDriver } from '../../../worker/engine/softwareDriver';
import { Case } from './cases';
import { engineOutcome } from './engineOutcome';
import { decode, encode } from './message';

/** Runs cases in a process of its own, since a process keeps the first Vulkan driver that it finds. */
async function main(): Promise<void> {
    if (process.argv[2] === 'swiftshader') await useSoftwareDriver();
    const gpu = await findNodeGpu();
    const device = unwrap(await openDevice(gpu === undefined ? {} : { gpu }));
    process.on('message', (given: string) => {
        engineOutcome(device, decode<Case>(given)).then(
            (outcome) => process.send!(encode(outcome)),
            (error: unknown) => process.send!({ error: String(error) }),
        );
    });
    process.on('disconnect', () => process.exit());
    process.send!({ adapter: describeAdapter(device.adapter) });
}

main().catch((error: unknown) => {
    process.send!({ error: String(error) });
    process.exit(1);
});
