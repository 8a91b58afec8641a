import { Address, Cell } from '@ton/core';
import { BlockchainSnapshot } from '@ton/sandbox';
import { attestBody, packed, quoteOf, verifierOf } from '../fixtures/attestation/stage';
import { Channel } from '../fixtures/channels';
import { inMasterchain, Market, PLENTY, toStake } from '../fixtures/stakes';
import { Deployable, pckCertificateInit, profileCell, registryInit } from '../helpers/cells';
import { Chain, ChainOptions } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { addressOf, label } from '../helpers/labels';
import { openProvider } from '../helpers/network';
import { expectTrace } from '../helpers/traces';

/**
 * Where a message is right: `network`: the Registry alone, with its verifier; `registering`: RegisterMe is under way; `unregistered`:
 * refused; `registered`: provider and till; `remembered`: and attested, under a certificate that is remembered for the client; `channel`:
 * an open channel instead; then, beside that, one job in its states.
 */
export type Situation =
    | 'network'
    | 'registering'
    | 'unregistered'
    | 'registered'
    | 'remembered'
    | 'channel'
    | 'open'
    | 'quoting'
    | 'accepted'
    | 'submitted'
    | 'demanded'
    | 'disputed';

/** Salt of a second Registry with the same governor, which nobody has opened. */
export const OTHER_SALT = 7n;

/** One chain with everything that this market has, in every situation that one of its messages needs. */
export class Scene {
    private readonly snapshots = new Map<Situation, BlockchainSnapshot>();

    private constructor(
        readonly market: Market,
        readonly job: Job,
        readonly channel: Channel,
        readonly unopenedRegistry: Deployable,
        readonly verifier: Deployable,
        /** The client's. */
        readonly certificate: Deployable,
        /** What the certificate is remembered by. */
        readonly facts: Cell,
    ) {}

    static async open(options: ChainOptions = {}): Promise<Scene> {
        const market = new Market();
        const verifier = await verifierOf(await Chain.create(options));
        await market.open({ ...options, registered: false, params: { verifier: verifier.address } });
        const { chain, governor, provider, client } = market;
        await chain.send(governor, { to: verifier.address, value: PLENTY, init: verifier.init });
        const { facts } = packed(quoteOf(provider));
        const certificate = pckCertificateInit({ verifier: verifier.address, holder: client.address, facts });
        label(certificate.address, 'PckCertificate');
        const scene = new Scene(
            market,
            await Job.prepare(provider),
            await Channel.prepare(provider),
            registryInit({ networkId: chain.globalId, governor: governor.address, salt: OTHER_SALT }),
            verifier,
            certificate,
            facts,
        );
        await scene.play();
        return scene;
    }

    /** Everything since is forgotten. */
    async enter(situation: Situation): Promise<void> {
        await this.market.chain.blockchain.loadFrom(this.snapshots.get(situation)!);
    }

    get till(): Address {
        return this.market.provider.till;
    }

    /** Every account of the market, whether or not it is there. */
    get accounts(): Address[] {
        const { registry, stake } = this.market;
        const { escrow } = this.job;
        const { channel, unopenedRegistry, verifier, certificate } = this;
        return [
            registry,
            stake,
            this.till,
            escrow,
            ...[channel, unopenedRegistry, verifier, certificate].map(addressOf),
        ];
    }

    /** Data and balance of every account of the market. */
    async world(): Promise<string[]> {
        const { chain } = this.market;
        return await Promise.all(
            this.accounts.map(
                async (account) => `${await this.market.dataHash(account)} ${await chain.balance(account)}`,
            ),
        );
    }

    private async play(): Promise<void> {
        const { market, job, channel } = this;
        const { chain, owner, stake, registry, provider } = market;
        const keep = (situation: Situation) => this.snapshots.set(situation, chain.blockchain.snapshot());
        keep('network');

        const opening = await market.step(owner, {
            to: stake,
            value: provider.amount + PLENTY,
            init: provider.stakeInit,
            body: toStake.open(provider.amount, profileCell(provider.profile)),
        });
        await opening();
        keep('registering');
        const refusal = toStake.refuse((await market.opening()).attemptLt, 2);
        expectTrace(await market.send(registry, { to: stake, value: PLENTY, body: refusal }), [{ to: stake }]);
        keep('unregistered');

        await this.enter('network');
        await openProvider(market.network);
        keep('registered');
        const quote = attestBody(provider, packed(quoteOf(provider)), true);
        await market.send(market.client, { to: this.verifier.address, value: PLENTY, body: quote });
        keep('remembered');
        await this.enter('registered');
        await channel.open();
        keep('channel');

        const posting = await market.step(job.client, {
            to: job.escrow,
            value: job.terms.price + PLENTY,
            init: job.init,
            body: job.postBody(job.quote()),
        });
        await posting();
        keep('quoting');
        await this.enter('channel');
        await job.post();
        keep('open');
        await job.accept();
        keep('accepted');
        await job.submit();
        keep('submitted');
        await job.demand();
        keep('demanded');
        await this.enter('submitted');
        await job.challenge();
        keep('disputed');
    }
}

/** A scene for all tests of a file. */
export function useScene(options: ChainOptions = {}): { scene: Scene } {
    const holder = {} as { scene: Scene };
    beforeAll(async () => {
        holder.scene = await Scene.open(options);
    });
    return holder;
}

/** The account ids nearest to an address, and the same one in the masterchain. */
export function namesakes(genuine: Address): [what: string, address: Address][] {
    const nearby = (index: number, bit: number) => {
        const hash = Buffer.from(genuine.hash);
        hash[index] = hash[index]! ^ bit;
        return new Address(0, hash);
    };
    return [
        ['its hash in the masterchain', inMasterchain(genuine)],
        ['its hash but for the first bit', nearby(0, 0x80)],
        ['its hash but for the last bit', nearby(31, 1)],
    ];
}
