import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Host, Mailbox, MissingHostError } from './host';
import { decode, encode } from './message';
import { Outcome } from './outcome';

/** Environment variable with the path of lavapipe's driver description, where it is not in the system's place. */
export const LAVAPIPE_VARIABLE = 'LAVAPIPE_ICD';
/** Dawn refuses older ones. */
const LEAST_MESA = 25;
const SYSTEM_DESCRIPTIONS = ['lvp_icd.json', 'lvp_icd.x86_64.json', 'lvp_icd.aarch64.json'];

const HOW_TO_INSTALL =
    'Debian 12 has it in its backports: add a source with the suite bookworm-backports (the other lines as in ' +
    '/etc/apt/sources.list.d/debian.sources), then apt-get update && ' +
    'apt-get install -t bookworm-backports mesa-vulkan-drivers libvulkan1';

/** The drivers that a Node process can be started with. */
export type NodeDriver = 'swiftshader' | 'lavapipe' | 'gpu';

/**
 * Starts Node with one driver.
 *
 * @throws {@link MissingHostError}
 */
export async function openNodeHost(driver: NodeDriver): Promise<Host> {
    const child = fork(join(__dirname, 'nodeChild.ts'), [driver], { env: environmentOf(driver) });
    const mail = new Mailbox<unknown>();
    child.on('message', (message) => mail.put(message));
    child.on('error', (error) => mail.fail(error));
    child.on('exit', (code, signal) => mail.fail(new Error(`The process ended (${code ?? signal})`)));
    const close = async (): Promise<void> => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        if (child.connected) child.disconnect();
        await ended;
    };
    const hello = (await mail.next()) as { adapter?: string; error?: string };
    try {
        if (hello.adapter === undefined) throw new MissingHostError(`node with ${driver}: ${hello.error}`);
        checkAdapter(driver, hello.adapter);
    } catch (error) {
        await close();
        throw error;
    }
    return {
        name: 'node',
        driver: driver === 'gpu' ? hello.adapter : driver,
        adapter: hello.adapter,
        async run(given) {
            const next = mail.next();
            child.send(encode(given));
            const answer = await next;
            if (typeof answer !== 'string') throw new Error((answer as { error: string }).error);
            return decode<Outcome>(answer);
        },
        close,
    };
}

function environmentOf(driver: NodeDriver): NodeJS.ProcessEnv {
    if (driver !== 'lavapipe') return process.env;
    const places = [
        process.env[LAVAPIPE_VARIABLE],
        ...SYSTEM_DESCRIPTIONS.map((name) => join('/usr/share/vulkan/icd.d', name)),
    ];
    const description = places.find((path) => path !== undefined && existsSync(path));
    if (description === undefined) {
        throw new MissingHostError(`lavapipe, Mesa's driver for CPUs, is not installed. ${HOW_TO_INSTALL}`);
    }
    return { ...process.env, VK_DRIVER_FILES: description, VK_ICD_FILENAMES: description };
}

function checkAdapter(driver: NodeDriver, adapter: string): void {
    const isSoftware = /swiftshader|llvmpipe/i.test(adapter);
    if (driver === 'gpu' && isSoftware) throw new MissingHostError(`There is no GPU here, only ${adapter}`);
    if (driver === 'swiftshader' && !/swiftshader/i.test(adapter)) {
        throw new MissingHostError(`SwiftShader was asked for, ${adapter} was found`);
    }
    if (driver === 'lavapipe') {
        const version = Number(/llvmpipe.*Mesa (\d+)/.exec(adapter)?.[1] ?? NaN);
        if (!(version >= LEAST_MESA)) {
            throw new MissingHostError(
                `lavapipe of Mesa ${LEAST_MESA} is needed, ${adapter} was found. ${HOW_TO_INSTALL}`,
            );
        }
    }
}
