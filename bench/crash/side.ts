import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FromChild, Role, Setup, ToChild } from './messages';

/** What a side tells its owner. */
export interface SideListener {
    onMessage(message: FromChild): void;
    /** The process ended without having been killed. */
    onLost(role: Role): void;
}

/** A process that has loaded everything and waits for its setup. */
interface Spare {
    readonly child: ChildProcess;
    readonly ready: Promise<void>;
}

/** One of the two processes, through all its lives. The next one is loaded in advance. */
export class Side {
    private current: ChildProcess | null = null;
    private spare: Spare;

    constructor(
        readonly role: Role,
        private readonly listener: SideListener,
    ) {
        this.spare = load(role);
    }

    get alive(): boolean {
        return this.current !== null;
    }

    /** Begins a life. */
    async start(setup: Setup): Promise<void> {
        const { child, ready } = this.spare;
        await ready;
        this.spare = load(this.role);
        child.on('message', (message: FromChild) => this.listener.onMessage(message));
        child.once('exit', () => {
            if (this.current === child) {
                this.current = null;
                this.listener.onLost(this.role);
            }
        });
        this.current = child;
        say(child, { kind: 'start', setup });
    }

    /** Does nothing while the side is dead: what was sent then is lost. */
    tell(message: ToChild): void {
        if (this.current) {
            say(this.current, message);
        }
    }

    /** SIGKILL; when this resolves all that left the process has been heard. */
    async kill(): Promise<void> {
        const child = this.current!;
        this.current = null;
        await ended(child);
    }

    /** Ends what is left. */
    async close(): Promise<void> {
        await Promise.all([this.spare.child, this.current].map((child) => child && ended(child)));
        this.current = null;
    }
}

function load(role: Role): Spare {
    const child = fork(join(__dirname, 'child.ts'), [role], {
        execArgv: ['--import', pathToFileURL(require.resolve('tsx')).href],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ready = new Promise<void>((resolve, reject) => {
        child.once('message', () => resolve());
        child.once('error', reject);
        child.once('exit', () => reject(new Error(`The ${role} did not start`)));
    });
    // Awaited when the spare is needed, which may be never.
    ready.catch(() => undefined);
    return { child, ready };
}

async function ended(child: ChildProcess): Promise<void> {
    const over = [
        ...(child.exitCode === null && child.signalCode === null ? [once(child, 'exit')] : []),
        ...(child.connected ? [once(child, 'disconnect')] : []),
    ];
    child.kill('SIGKILL');
    await Promise.all(over);
    // The last messages are handed on in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
}

function say(child: ChildProcess, message: ToChild): void {
    // A process that dies meanwhile does not hear it, and that is the point of it all.
    child.send(message, () => undefined);
}
