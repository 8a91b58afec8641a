import { Address, StateInit, toNano } from '@ton/core';
import { Channel } from '../fixtures/channels';
import { bouncedBody, errorCode, PLENTY } from '../fixtures/stakes';
import { Job } from '../helpers/jobs';
import { addressOf } from '../helpers/labels';
import { body, openNetwork, openProvider, prepareProvider } from '../helpers/network';
import { ContractName } from '../helpers/sources';
import { expectTrace, withoutWallets } from '../helpers/traces';
import { Case, CASES, stageCase, titleOf } from './cases';
import { OTHER_SALT, Scene, useScene } from './scene';

// StateInits are public: anybody may put an account in place before whoever it belongs to does. Until it is opened it knows no
// other message, and it opens as if nobody had been there.

const held = useScene();

/** What opens each contract; everything else is refused in Uninit. */
const OPENINGS = ['OpenNetwork', 'OpenStake', 'PostJob', 'TillParams', 'OpenChannel', 'RememberPck'];
const isOpening = ({ name }: { name: string }) => OPENINGS.includes(name);

/** Where something else is looked at before the state. */
const SOONER: Record<string, string> = { ReleaseStaleLock: 'LOCK_NOT_FOUND' };

interface Unopened {
    address: Address;
    init: StateInit;
}

/** A verifier needs no opening: whoever deploys it, it is the same. */
const openable = ({ contract }: Case) => contract !== 'AttestationVerifier';

/** Every other contract as it is in situation `network`: opened by nobody. */
function unopened(scene: Scene): Record<Exclude<ContractName, 'AttestationVerifier'>, Unopened> {
    const { market, job, channel, till, unopenedRegistry, certificate } = scene;
    return {
        Registry: unopenedRegistry,
        ProviderStake: { address: market.stake, init: market.provider.stakeInit },
        PayoutSettlement: { address: till, init: market.provider.tillInit },
        JobEscrow: { address: job.escrow, init: job.init },
        PaymentChannel: { address: channel.address, init: channel.init },
        PckCertificate: certificate,
    };
}

const unopenedOf = (scene: Scene, { contract }: Case) =>
    unopened(scene)[contract as Exclude<ContractName, 'AttestationVerifier'>];

/** A stranger's plain transfer with the StateInit. Only a till keeps such a one: it is its provider's. */
async function deployEarly({ address, init }: Unopened, isTill: boolean): Promise<void> {
    const { stranger, chain } = held.scene.market;
    const before = await chain.balance(address);
    const result = await chain.send(stranger, { to: address, value: toNano(1), init, bounce: false });
    const exitCode = isTill ? 0 : 130;
    expectTrace(result, [{ from: stranger, to: address, op: 'empty', exitCode, messagesOut: 0 }]);
    expect(await chain.data(address)).toEqualCell(init.data!);
    expect(await chain.balance(address)).toBeGreaterThan(before);
}

describe('An account that a stranger has deployed', () => {
    it.each(CASES.filter((one) => openable(one) && !isOpening(one)).map((one) => [titleOf(one), one] as const))(
        'does not know %s, whoever sends it',
        async (_, one) => {
            const { scene } = held;
            const { market } = scene;
            const { from, message } = await stageCase(scene, one);
            await scene.enter('network');
            const account = unopenedOf(scene, one);
            await deployEarly(account, one.contract === 'PayoutSettlement');
            const sending = { ...message, to: account.address, value: PLENTY };
            for (const sender of [from, market.stranger.address]) {
                // The stake that accepts is asked for first.
                const stranger = one.name === 'JobAccepted' && !sender.equals(from);
                await market.refused(sender, sending, stranger ? 'WRONG_SENDER' : (SOONER[one.name] ?? 'WRONG_STATE'));
            }
        },
    );

    it.each(CASES.filter(isOpening).map((one) => [titleOf(one), one] as const))(
        'is opened by %s from its own, and from nobody else',
        async (_, one) => {
            const { scene } = held;
            const { market } = scene;
            const { from, message } = await stageCase(scene, one);
            if (one.contract === 'PayoutSettlement') {
                await scene.enter('network');
            }
            const account = unopenedOf(scene, one);
            expect(addressOf(message.to)).toEqualAddress(account.address);
            await deployEarly(account, one.contract === 'PayoutSettlement');
            await market.refused(market.stranger.address, message, 'WRONG_SENDER');
            const [opening] = withoutWallets(await market.send(from, message));
            expect(opening!.description).toMatchObject({
                computePhase: { exitCode: 0 },
                actionPhase: { resultCode: 0 },
            });
            expect(await market.chain.data(account.address)).not.toEqualCell(account.init.data!);
        },
    );

    it.each([
        'unsaid',
        'RegistrationRefused',
        'RegisterMe',
        'JobAccepted',
        'AcceptQuote',
        'AttestationVerdict',
    ] as const)('does nothing with a bounce of %s', async (name) => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('network');
        const bounce = name === 'unsaid' ? body('Excesses').endCell() : body(name).storeUint(0, 64).endCell();
        for (const [contract, account] of Object.entries(unopened(scene))) {
            await deployEarly(account, contract === 'PayoutSettlement');
            const message = { to: account.address, value: toNano(1), body: bouncedBody(bounce), bounced: true };
            const trace = withoutWallets(await market.send(market.registry, message));
            expect(trace).toHaveLength(1);
            expect(await market.chain.data(account.address)).toEqualCell(account.init.data!);
        }
    });
});

describe('A whole market that a stranger has deployed', () => {
    it('opens as if he had not been there', async () => {
        const { scene } = held;
        const { market, unopenedRegistry } = scene;
        const { chain } = market;
        await scene.enter('network');
        // Its addresses follow from the unopened Registry's.
        const network = { ...market.network, registry: unopenedRegistry.address };
        const prepared = await prepareProvider(network);
        const job = await Job.prepare(prepared);
        const channel = await Channel.prepare(prepared);
        const accounts: Unopened[] = [
            unopenedRegistry,
            { address: prepared.stake, init: prepared.stakeInit },
            { address: prepared.till, init: prepared.tillInit },
            { address: job.escrow, init: job.init },
            { address: channel.address, init: channel.init },
        ];
        for (const account of accounts) {
            await deployEarly(account, account.address.equals(prepared.till));
        }

        const opened = await openNetwork(chain, { salt: OTHER_SALT });
        expect(opened.registry).toEqualAddress(unopenedRegistry.address);
        const provider = await openProvider(opened);
        expect(provider.till).toEqualAddress(prepared.till);
        await job.postQuoted();
        await job.submit();
        await channel.open();

        const approval = body('ApproveSubmitted')
            .storeUint(job.terms.price, 64)
            .storeUint(job.resultCommitment, 256)
            .endCell();
        const paid = [
            { from: job.escrow, to: provider.till, op: 'Settle' },
            { from: job.escrow, to: provider.stake, op: 'ReleaseCollateral' },
            { from: job.escrow, to: job.client, op: 'JobClosed' },
            { from: provider.till, to: provider.owner, op: 'Payout' },
        ];
        expectTrace(await market.send(job.client, { to: job.escrow, value: PLENTY, body: approval }), [
            { from: job.client, to: job.escrow, op: 'ApproveSubmitted', destroyed: true },
            ...paid,
        ]);
        expectTrace(await channel.redeem(toNano(1)), [
            { from: provider.operator, to: channel.address, op: 'Redeem' },
            { from: channel.address, to: provider.till, op: 'Settle' },
            { from: provider.till, to: provider.owner, op: 'Payout' },
        ]);
    });

    it('asks its Registry in vain while that is deployed but not open', async () => {
        const { scene } = held;
        const { market, unopenedRegistry } = scene;
        await scene.enter('network');
        await deployEarly(unopenedRegistry, false);
        const provider = await prepareProvider({ ...market.network, registry: unopenedRegistry.address });
        const { stake: to, stakeInit: init, owner, amount } = provider;
        const open = body('OpenStake').storeUint(amount, 64).storeRef(market.profile()).endCell();
        expectTrace(await market.send(owner, { to, value: amount + PLENTY, init, body: open }), [
            { from: owner, to, op: 'OpenStake' },
            { from: to, to: unopenedRegistry.address, op: 'RegisterMe', exitCode: errorCode('WRONG_STATE') },
            { from: unopenedRegistry.address, to, op: 'bounced RegisterMe' },
        ]);
    });
});
