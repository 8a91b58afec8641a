import { join } from 'node:path';
import { openPage } from './browserPage';
import { Case } from './cases';
import { Host, Mailbox, MissingHostError } from './host';
import { decode, encode } from './message';
import { Outcome } from './outcome';

const START_LIMIT_MS = 60_000;

/**
 * Starts a headless Chromium with SwiftShader on a page of this machine.
 *
 * @throws {@link MissingHostError} where it does not start
 */
export async function openChromiumHost(): Promise<Host> {
    const mail = new Mailbox<string>();
    let handOut: (given: Case | undefined) => void = () => undefined;
    let wanted = new Promise<Case | undefined>((resolve) => (handOut = resolve));
    const hello = mail.next();
    const closePage = await openPage({
        script: join(__dirname, 'page.ts'),
        onPost: (_, body) => mail.put(body),
        async onFetch(path) {
            if (path !== '/case') return undefined;
            const given = await wanted;
            wanted = new Promise((resolve) => (handOut = resolve));
            return given && { type: 'application/json', body: encode(given) };
        },
        onFailure: (error) => mail.fail(error),
    });
    const close = async (): Promise<void> => {
        handOut(undefined);
        await closePage();
    };
    const timer = setTimeout(() => mail.fail(new Error('The page did not answer in time')), START_LIMIT_MS);
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
