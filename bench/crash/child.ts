import { ChildLine } from './childLine';
import { runClient } from './clientChild';
import { FromChild, ToChild } from './messages';
import { runWorker } from './workerChild';

// Entry of both child processes. Everything is loaded before `ready`, so that a spare one starts at once.

function main(): void {
    const line = new ChildLine();
    const [role] = process.argv.slice(2);
    const run = role === 'client' ? runClient : runWorker;
    process.on('message', (message: ToChild) => {
        if (message.kind === 'start') {
            run(message.setup, line).catch((error: Error) => {
                line.tell({ event: 'fault', text: `the ${role} ended: ${error.stack}` });
            });
        } else {
            line.receive(message);
        }
    });
    // Nobody is left to talk to.
    process.on('disconnect', () => process.exit(0));
    process.send!({ kind: 'ready' } satisfies FromChild);
}

main();
