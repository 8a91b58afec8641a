import { ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { Mailbox } from '../../tests/engine/verify/host';
import type { Hello, Lap } from './child';
import { ContenderName, CONTENDERS } from './contenders';
import type { Laps, Plan } from './product';

/** What the Vulkan loader says when a device is opened. */
const DEVICE_OPENED = /Using "(.+)" with driver: "(.+)"/;

/**
 * Measures every contender in a process of its own, in interleaved runs: each computes once, then each again.
 *
 * @throws Error for products that differ, a contender that fails, or two that compute on different Vulkan devices.
 */
export async function nodeLaps({ sizes, runs }: Plan): Promise<Laps[]> {
    const laps: Laps[] = [];
    for (const size of sizes) laps.push(await measure(size, runs));
    return laps;
}

async function measure(size: number, runs: number): Promise<Laps> {
    const contenders = CONTENDERS.map((name) => new ContenderProcess(name, size));
    const hellos = await Promise.all(contenders.map((contender) => contender.answer<Hello>()));
    const laps: Lap[][] = CONTENDERS.map(() => []);
    for (let run = -1; run < runs; run++) {
        for (const [i, contender] of contenders.entries()) {
            const lap = await contender.run();
            // The first of each is for the drivers' compilers.
            if (run >= 0) laps[i]!.push(lap);
        }
        process.stderr.write(`${size}: run ${run + 1} of ${runs}\n`);
    }
    contenders.forEach((contender) => contender.end());
    requireOne(`product of ${size}`, new Set(laps.flat().map(({ digest }) => digest)));
    const devices = contenders.map(({ device }) => device);
    requireOne('Vulkan device', new Set(devices.filter((device) => device !== undefined)));
    return {
        size,
        contenders: hellos.map(({ on }, i) => ({
            // The engine, which is first, has named its adapter itself.
            on: i === 0 || devices[i] === undefined ? on : `${on}, ${devices[i]}`,
            milliseconds: laps[i]!.map(({ milliseconds }) => milliseconds),
        })),
    };
}

function requireOne(what: string, found: ReadonlySet<string>): void {
    if (found.size > 1) throw new Error(`There is more than one ${what}: ${[...found].join(', ')}`);
}

/** A contender in a process of its own: numbers of threads, and drivers, are fixed at the first use. */
class ContenderProcess {
    private readonly child: ChildProcess;
    private readonly mail = new Mailbox<unknown>();
    private errors = '';

    constructor(name: ContenderName, size: number) {
        // The Vulkan loader names the device, since ONNX Runtime does not.
        this.child = fork(join(__dirname, 'child.ts'), [name, String(size)], {
            env: { ...process.env, VK_LOADER_DEBUG: 'driver' },
            stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        });
        this.child.stderr!.on('data', (part: Buffer) => (this.errors += part.toString()));
        this.child.on('message', (message) => this.mail.put(message));
        this.child.on('error', (error) => this.mail.fail(error));
        this.child.on('exit', (code, signal) =>
            this.mail.fail(new Error(`${name} ended (${code ?? signal}): ${this.errors}`)),
        );
    }

    answer<T>(): Promise<T> {
        return this.mail.next() as Promise<T>;
    }

    run(): Promise<Lap> {
        this.child.send('run');
        return this.answer();
    }

    end(): void {
        this.child.disconnect();
    }

    /** The Vulkan device that it opened, if it did. */
    get device(): string | undefined {
        const opened = DEVICE_OPENED.exec(this.errors);
        return opened === null ? undefined : `${opened[1]} / ${opened[2]}`;
    }
}
