import { build } from 'esbuild';
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Case } from './cases';
import { Host, Mailbox, MissingHostError } from './host';
import { decode, encode } from './message';
import { Outcome } from './outcome';

const FLAGS = [
    '--headless=shell',
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
];
const PAGE = '<!doctype html><title>engine</title><script type="module" src="/page.js"></script>';
const START_LIMIT_MS = 60_000;

/**
 * Starts a headless Chromium with SwiftShader on a page of this machine.
 *
 * @throws {@link MissingHostError} where it does not start
 */
export async function openChromiumHost(): Promise<Host> {
    const script = await bundlePage();
    const mail = new Mailbox<string>();
    let handOut: (given: Case | undefined) => void = () => undefined;
    let wanted = new Promise<Case | undefined>((resolve) => (handOut = resolve));
    const server = createServer((request, response) => {
        serve(request, response).catch((error: Error) => mail.fail(error));
    });
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        const reply = (status: number, type: string, body = ''): void => {
            response.writeHead(status, { 'content-type': type }).end(body);
        };
        if (request.method === 'POST') {
            const parts: Buffer[] = [];
            for await (const part of request) parts.push(part as Buffer);
            const body = Buffer.concat(parts).toString();
            reply(204, 'text/plain');
            if (request.url === '/error') mail.fail(new Error(body));
            else mail.put(body);
        } else if (request.url === '/case') {
            const given = await wanted;
            wanted = new Promise((resolve) => (handOut = resolve));
            if (given === undefined) reply(204, 'text/plain');
            else reply(200, 'application/json', encode(given));
        } else if (request.url === '/page.js') reply(200, 'text/javascript', script);
        else reply(200, 'text/html', PAGE);
    };
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const profile = await mkdtemp(join(tmpdir(), 'engine-verify-'));
    // Only an ES module, which a CommonJS one can import in this way alone.
    const { default: chromium } = await import('@sparticuz/chromium');
    const hello = mail.next();
    const browser = spawn(
        await chromium.executablePath(),
        [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`],
        { stdio: 'ignore' },
    );
    browser.once('error', (error) => mail.fail(error));
    browser.once('exit', () => mail.fail(new Error('Chromium ended')));
    const timer = setTimeout(() => mail.fail(new Error('The page did not answer in time')), START_LIMIT_MS);
    const close = async (): Promise<void> => {
        handOut(undefined);
        await end(browser);
        server.closeAllConnections();
        server.close();
        await rm(profile, { recursive: true, force: true });
    };
    let adapter: string;
    try {
        adapter = await hello;
    } catch (error) {
        await close();
        throw new MissingHostError(`Chromium does not start here: ${(error as Error).message}`);
    } finally {
        clearTimeout(timer);
    }
    return {
        name: 'chromium',
        driver: 'swiftshader',
        adapter,
        async run(given) {
            const outcome = mail.next();
            handOut(given);
            return decode<Outcome>(await outcome);
        },
        close,
    };
}

async function end(browser: ChildProcess): Promise<void> {
    if (browser.exitCode !== null || browser.signalCode !== null || browser.pid === undefined) return;
    const ended = once(browser, 'exit');
    browser.kill();
    await ended;
}

/** The engine and the page as one script for browsers: what only Node has stays out. */
async function bundlePage(): Promise<string> {
    const { outputFiles } = await build({
        entryPoints: [join(__dirname, 'page.ts')],
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        external: ['node:*', './nodeGpu.js'],
        logLevel: 'error',
    });
    return outputFiles[0]!.text;
}
