import { describeAdapter, openDevice } from '../../../worker/engine/device';
import { unwrap } from '../../../worker/engine/result';
import { Case } from './cases';
import { engineOutcome } from './engineOutcome';
import { decode, encode } from './message';

/** Runs in a browser: fetches cases from its server and sends back what the engine makes of them, until there are none. */
async function main(): Promise<void> {
    const device = unwrap(await openDevice());
    await post('/hello', describeAdapter(device.adapter));
    for (;;) {
        const response = await fetch('/case');
        if (response.status === 204) return;
        await post('/outcome', encode(await engineOutcome(device, decode<Case>(await response.text()))));
    }
}

async function post(path: string, body: string): Promise<void> {
    await fetch(path, { method: 'POST', body });
}

main().catch((error: unknown) => post('/error', String(error)));
