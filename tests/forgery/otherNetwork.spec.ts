import { PLENTY, toRegistry } from '../fixtures/stakes';
import { networkParamsCell, registryInit } from '../helpers/cells';
import { GLOBAL_ID } from '../helpers/chain';
import { withoutWallets } from '../helpers/traces';
import { Scene, useScene } from './scene';
import { draftOf, messageOf, signaturesOf, Thing, ThingName, THINGS } from './signed';

// The same people with the same keys, names and numbers on two chains. Their Registries differ in the network's id alone, and with it
// every address and everything that was signed for one.

const MAINNET = -239;
const here = useScene();
const there = useScene({ globalId: MAINNET });

it('differs in every address, though nothing else does', () => {
    const { scene: one } = here;
    const { scene: other } = there;
    expect(one.market.governor.address).toEqualAddress(other.market.governor.address);
    expect(one.market.owner.address).toEqualAddress(other.market.owner.address);
    expect(one.job.client.address).toEqualAddress(other.job.client.address);
    expect(one.job.nonce).toBe(other.job.nonce);
    expect(one.job.termsCell).toEqualCell(other.job.termsCell);
    one.accounts.forEach((account, index) => expect(account).not.toEqualAddress(other.accounts[index]!));
});

it.each([
    ['here', here, MAINNET],
    ['there', there, GLOBAL_ID],
] as const)('A Registry of the other network does not open %s', async (_, held, networkId) => {
    const { market } = held.scene;
    const { governor, network } = market;
    await held.scene.enter('network');
    const body = toRegistry.open(networkParamsCell(network.params));
    const open = async (id: number) => {
        const { address: to, init } = registryInit({ networkId: id, governor: governor.address, salt: 9n });
        return await Promise.resolve({ to, init, value: PLENTY, body });
    };
    await market.refused(governor.address, await open(networkId), 'WRONG_NETWORK');
    const [opened] = withoutWallets(await market.send(governor.address, await open(market.chain.globalId)));
    expect(opened!.description).toMatchObject({ computePhase: { exitCode: 0 } });
});

describe('What was signed in the other network', () => {
    const ERRORS: Record<ThingName, string> = {
        quote: 'BAD_QUOTE_SIGNATURE',
        approveFull: 'BAD_APPROVAL_SIGNATURE',
        approveSubmitted: 'BAD_APPROVAL_SIGNATURE',
        voucher: 'BAD_VOUCHER_SIGNATURE',
        closeAgreement: 'BAD_CLIENT_SIGNATURE',
        requestClose: 'BAD_CLIENT_SIGNATURE',
    };

    async function expectRefused(thing: Thing, at: Scene, elsewhere: Scene): Promise<void> {
        await elsewhere.enter(thing.at);
        const foreign = await draftOf(elsewhere, thing);
        await at.enter(thing.at);
        const own = await draftOf(at, thing);
        // Even the openings were in the same moment of their chains: only addresses tell them apart.
        expect(foreign.fields['openedLt']).toBe(own.fields['openedLt']);
        const forged = thing.form === 'cell' ? foreign : own;
        const message = messageOf(at, forged, signaturesOf(elsewhere, foreign));
        await at.market.refused(thing.from(at), message, ERRORS[thing.name]);
        const [taken] = withoutWallets(await at.market.send(thing.from(at), messageOf(at, own)));
        expect(taken!.description).toMatchObject({ computePhase: { exitCode: 0 } });
    }

    it.each(THINGS.map((thing) => [thing.name, thing] as const))('is refused here and there: %s', async (_, thing) => {
        await expectRefused(thing, here.scene, there.scene);
        await expectRefused(thing, there.scene, here.scene);
    });
});
