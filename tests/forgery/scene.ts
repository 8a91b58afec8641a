import { Address } from '@ton/core';
import { BlockchainSnapshot } from '@ton/sandbox';
import { Channel } from '../fixtures/channels';
import { inMasterchain, Market, PLENTY, toStake } from '../fixtures/stakes';
import { profileCell, registryInit } from '../helpers/cells';
import { ChainOptions, strayAddress } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { openProvider } from '../helpers/network';
import { expectTrace } from '../helpers/traces';

/**
 * Where a message is right: `network`: the Registry alone; `registering`: RegisterMe is under way; `unregistered`: refused;
 * `registered`: provider and till; `channel`: an open channel too; then, beside that, one job in its states.
 */
export type Situation =
    | 'network'
    | 'registering'
    | 'unregistered'
    | 'registered'
    | 'channel'
    | 'open'
    | 'quoting'
    | 'accepted'
    | 'submitted'
    | 'demanded'
    | 'disputed';

/** The network's verifier: an account of which only the messages matter. */
export const VERIFIER = strayAddress(0x77);

/** Salt of a second Registry with the same governor, which nobody has opened. */
export const OTHER_SALT = 7n;

/** One chain with everything that this market has, in every situation that one of its messages needs. */
export class Scene {
    private readonly snapshots = new Map<Situation, BlockchainSnapshot>();

    private constructor(
        readonly market: Market,
        readonly job: Job,
        readonly channel: Channel,
        readonly unopenedRegistry: ReturnType<typeof registryInit>,
    ) {}

    static async open(options: ChainOptions = {}): Promise<Scene> {
        const market = new Market();
        await market.open({ ...options, registered: false, params: { verifier: VERIFIER } });
        const { chain, governor, provider } = market;
        const scene = new Scene(
            market,
            await Job.prepare(provider),
            await Channel.prepare(provider),
            registryInit({ networkId: chain.globalId, governor: governor.address, salt: OTHER_SALT }),
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
        return [registry, stake, this.till, escrow, this.channel.address, this.unopenedRegistry.address];
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
