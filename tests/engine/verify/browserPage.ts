import { build } from 'esbuild';
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLAGS = [
    '--headless=shell',
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
];
const PAGE = '<!doctype html><title>engine</title><script type="module" src="/page.js"></script>';

/** What {@link openPage} opens. */
export interface PageOptions {
    /** Path of the page's script, to be bundled for browsers. */
    readonly script: string;
    /** Takes what the page posts: a path, and a body as text. */
    onPost(path: string, body: string): void;
    /** Answers what the page fetches; undefined has no content. */
    onFetch(path: string): Promise<{ type: string; body: string | Uint8Array } | undefined>;
    /** Hears why the page can no longer work. */
    onFailure(error: Error): void;
}

/**
 * Opens a page of this machine in a headless Chromium with SwiftShader.
 *
 * @returns what closes it.
 */
export async function openPage(options: PageOptions): Promise<() => Promise<void>> {
    const script = await bundle(options.script);
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        const path = request.url!;
        const reply = (status: number, type: string, body: string | Uint8Array = ''): void => {
            response.writeHead(status, { 'content-type': type }).end(body);
        };
        if (request.method === 'POST') {
            const parts: Buffer[] = [];
            for await (const part of request) parts.push(part as Buffer);
            reply(204, 'text/plain');
            const body = Buffer.concat(parts).toString();
            if (path === '/error') options.onFailure(new Error(body));
            else options.onPost(path, body);
        } else if (path === '/page.js') reply(200, 'text/javascript', script);
        else if (path === '/') reply(200, 'text/html', PAGE);
        else {
            const found = await options.onFetch(path);
            if (found === undefined) reply(204, 'text/plain');
            else reply(200, found.type, found.body);
        }
    };
    const server = createServer((request, response) => {
        serve(request, response).catch((error: Error) => options.onFailure(error));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const profile = await mkdtemp(join(tmpdir(), 'engine-page-'));
    // Only an ES module, which a CommonJS one can import in this way alone.
    const { default: chromium } = await import('@sparticuz/chromium');
    const browser = spawn(
        await chromium.executablePath(),
        [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`],
        { stdio: 'ignore' },
    );
    browser.once('error', (error) => options.onFailure(error));
    browser.once('exit', () => options.onFailure(new Error('Chromium ended')));
    return async () => {
        await end(browser);
        server.closeAllConnections();
        server.close();
        await rm(profile, { recursive: true, force: true });
    };
}

async function end(browser: ChildProcess): Promise<void> {
    if (browser.exitCode !== null || browser.signalCode !== null || browser.pid === undefined) return;
    const ended = once(browser, 'exit');
    browser.kill();
    await ended;
}

/** A script with all that it imports, for browsers: what only Node has stays out. */
async function bundle(script: string): Promise<string> {
    const { outputFiles } = await build({
        entryPoints: [script],
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
