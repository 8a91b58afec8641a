import { Address } from '@ton/core';
import { bouncedBody, errorCode, Message, PLENTY, toRegistry } from '../fixtures/stakes';
import { addressOf } from '../helpers/labels';
import { body } from '../helpers/network';
import { CONTRACT_NAMES, ContractName } from '../helpers/sources';
import { withoutWallets } from '../helpers/traces';
import { Case, CASES, stageCase, titleOf } from './cases';
import { namesakes, Scene, useScene } from './scene';
import { forgeriesOf, genuineOf, strangersChildren } from './stateInits';

// Every check of a sender against everybody whom an attacker can send as: a contract of his own code, a genuine contract with another
// identity, genuine code whose storage he wrote himself, and the same hash in the masterchain.

const held = useScene();

/** Bounces, of which the network makes no message of its own, have senders too. */
const BOUNCES: Case[] = [
    bounceOf(
        'JobAccepted',
        'ProviderStake',
        'accepted',
        ({ job }) => job.escrow,
        async ({ job }) => {
            const { lockId, slot } = await job.data();
            return body('JobAccepted', lockId).storeUint(slot, 8).storeUint(0, 256).endCell();
        },
    ),
    bounceOf(
        'RegisterMe',
        'ProviderStake',
        'registering',
        ({ market }) => market.registry,
        async ({ market }) => toRegistry.register((await market.opening()).attemptLt, 1n, market.owner.address),
    ),
    bounceOf(
        'AcceptQuote',
        'JobEscrow',
        'quoting',
        ({ market }) => market.stake,
        async ({ job }) =>
            body('AcceptQuote', (await job.data()).openedLt)
                .storeUint(job.terms.requiredCollateral, 64)
                .endCell(),
    ),
];

function bounceOf(
    name: string,
    contract: ContractName,
    at: Case['at'],
    from: (scene: Scene) => Address,
    sent: (scene: Scene) => Promise<Message['body']>,
): Case {
    return {
        name,
        variant: 'that bounced',
        contract,
        at,
        senders: (scene) => [from(scene)],
        refusal: 'ignored',
        message: async (scene) => ({
            to: contract === 'JobEscrow' ? scene.job.escrow : scene.market.stake,
            value: PLENTY,
            body: bouncedBody(await sent(scene)),
            bounced: true,
        }),
    };
}

/** Whatever could be taken for this sender; the wallets in other roles are for the units' tests. */
function impostorsOf(scene: Scene, genuine: Address): [what: string, address: Address][] {
    const { market, accounts } = scene;
    const contract = CONTRACT_NAMES.find((name) => genuineOf(scene, name).address.equals(genuine));
    const others: [string, Address][] = [
        ['a stranger', market.stranger.address],
        ...accounts.map((address): [string, Address] => ['another contract of the market', address]),
    ];
    if (contract === undefined) {
        return [...namesakes(genuine), ...others];
    }
    const forgeries = forgeriesOf(scene, contract).map(({ what, address }): [string, Address] => [what, address]);
    return [...namesakes(genuine), ...others, ...strangersChildren(scene, contract), ...forgeries];
}

const CHECKED = [...CASES, ...BOUNCES].filter(({ senders }) => senders !== 'anyone');

describe('From its genuine sender alone', () => {
    it.each(CHECKED.map((one) => [titleOf(one), one] as const))('%s is taken', async (_, one) => {
        const { scene } = held;
        const { market } = scene;
        const { from, message } = await stageCase(scene, one);
        const allowed = (one.senders as Exclude<Case['senders'], 'anyone'>)(scene);
        const to = addressOf(message.to);
        const impostors = new Map(
            allowed
                .flatMap((genuine) => impostorsOf(scene, genuine))
                .filter(([, { workChain, hash }]) =>
                    allowed.every(
                        (genuine) => !genuine.hash.equals(hash) || (workChain !== genuine.workChain && !one.byHash),
                    ),
                )
                .map(([what, address]) => [address.toRawString(), { what, address }]),
        );
        expect(impostors.size).toBeGreaterThan(6);
        for (const { what, address } of impostors.values()) {
            try {
                if (one.refusal === 'ignored') {
                    await market.ignored(address, message);
                } else if (address.equals(to)) {
                    // Its bounce comes to itself, so balances say nothing.
                    const before = await market.dataHash(to);
                    const [refusal] = withoutWallets(await market.send(address, message));
                    expect(refusal!.description).toMatchObject({
                        computePhase: { exitCode: errorCode(one.refusal ?? 'WRONG_SENDER') },
                    });
                    expect(await market.dataHash(to)).toBe(before ?? message.init!.data!.hash().toString('hex'));
                } else {
                    await market.refused(address, message, one.refusal ?? 'WRONG_SENDER');
                }
            } catch (error) {
                throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
            }
        }
        for (const genuine of allowed) {
            await market.chain.rewinding(async () => {
                const before = await scene.world();
                const [taken] = withoutWallets(await market.send(genuine, message));
                expect(taken!.description).toMatchObject({ computePhase: { exitCode: 0 } });
                expect(await scene.world()).not.toEqual(before);
            });
        }
        expect(allowed[0]).toEqualAddress(from);
    });
});
