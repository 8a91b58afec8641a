import { Address } from '@ton/core';
import { run as publishLibraries } from '../../../scripts/publishLibraries';
import { readChain } from '../../../scripts/lib/chain';
import { Context } from '../../../scripts/lib/context';
import { loadDeployment } from '../../../scripts/lib/deployments';
import { PRICE_SETS } from '../../helpers/chain';
import { librariesAt } from '../../helpers/libraries';
import { codeOf } from '../../helpers/sources';
import { BlueprintShim } from './blueprint';
import { rolesInNetwork, useRoles } from './roles';

const YEAR = 365 * 86_400;

describe.each(PRICE_SETS)('publishLibraries, prices %s', (prices) => {
    const all = useRoles(() => rolesInNetwork({ prices }));

    /** Until a moment so many seconds from now. */
    const until = (seconds: number) => ['--until', String(all().chain.now + seconds)];

    it('publishes once, pays further once, and records until when', async () => {
        const { chain, desk, stranger } = all();
        const begun = chain.now;
        const first = await desk.twice(publishLibraries, stranger, ...until(YEAR));
        expect(first.message).toContain('TON a year');
        const { publisher, paidUntil } = desk.read().libraries.paymentChannel;
        expect(publisher).toBe(first.contracts.LibraryPublisher!.address);
        const [library, ...others] = await librariesAt(chain, Address.parse(publisher));
        expect(library!.equals(codeOf('PaymentChannel'))).toBe(true);
        expect(others).toEqual([]);
        expect(paidUntil).toBeGreaterThanOrEqual(begun + YEAR);
        expect(paidUntil).toBeLessThan(begun + YEAR + 86_400);

        chain.pass(YEAR / 2);
        const later = await desk.twice(publishLibraries, stranger, ...until(YEAR));
        expect(later.sent).toHaveLength(1);
        expect(desk.read().libraries.paymentChannel.paidUntil).toBeGreaterThanOrEqual(begun + YEAR / 2 + YEAR);
        // Only what was lacking: half a year.
        expect(later.sent[0]!.value * 3n).toBeLessThan(first.sent[0]!.value * 2n);
    });

    it('says that nothing returns, and writes one line of JSON if asked', async () => {
        const { desk, stranger } = all();
        const { shim } = await desk.run(publishLibraries, stranger, ...until(YEAR));
        expect(shim.output.at(-1)).toContain('all of it stays there');
        const again = await desk.run(publishLibraries, stranger, ...until(YEAR), '--json');
        expect(JSON.parse(again.shim.output.at(-1)!)).toMatchObject({ script: 'publishLibraries', status: 'already' });
    });

    it('revives what has run out of rent', async () => {
        const { chain, desk, stranger } = all();
        await desk.twice(publishLibraries, stranger, ...until(YEAR));
        const { publisher } = desk.read().libraries.paymentChannel;
        chain.pass(YEAR + 20 * 86_400);
        await chain.send(stranger, { to: Address.parse(publisher), value: 1n, bounce: false });
        expect(await librariesAt(chain, Address.parse(publisher))).toEqual([]);
        await desk.twice(publishLibraries, stranger, ...until(YEAR));
        expect(await librariesAt(chain, Address.parse(publisher))).toHaveLength(1);
    });

    it('lets other scripts open channels with it', async () => {
        const { chain, desk, stranger } = all();
        const provider = new BlueprintShim(chain, stranger);
        const connected = async () => {
            const info = await readChain(provider);
            const deployment = loadDeployment(desk.file, info);
            const context = await Context.create(provider, info, deployment, {});
            await context.connect(Address.parse(deployment.registry!));
            return context.market.codeLibraryPaidUntil;
        };
        expect(await connected()).toBe(0);
        await desk.twice(publishLibraries, stranger, ...until(YEAR));
        expect(await connected()).toBe(desk.read().libraries.paymentChannel.paidUntil);
    });
});
