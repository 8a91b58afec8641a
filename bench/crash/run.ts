import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Channel } from '../../tests/fixtures/channels';
import { Chain } from '../../tests/helpers/chain';
import { openNetwork, openProvider } from '../../tests/helpers/network';
import { EncryptionKeyPair } from '../../protocol/envelope';
import { loadPrices } from '../../wrappers';
import { IMAGE_BYTES } from '../../worker/models/digits/dataset';
import { Audit } from './audit';
import { ChainHost } from './chainHost';
import { endChannel } from './ending';
import { FromChild, Role, Setup } from './messages';
import { pause, seededRandom } from './random';
import { CrashOptions, CrashResult, resultOf } from './result';
import { readClientRow, readWorkerRow } from './rows';
import { numberOf } from './signed';
import { Side } from './side';
import { DEPOSIT, IMAGE_COST } from './terms';

/** Milliseconds from a message to a kill, at most. */
const LONGEST_DELAY = 80;
/** Share of the kills that come with a message, before it is handed on. */
const AT_ONCE = 0.2;
/** Messages between two kills, at most. */
const MOST_MESSAGES = 24;
/** Milliseconds without the next message, after which the channel counts as stuck. */
const STUCK = 10_000;
/** So many violations are enough. */
const ENOUGH = 50;

/** Kills client and worker of one channel again and again, and checks all that left them. */
export async function crash(options: CrashOptions): Promise<CrashResult> {
    const folder = mkdtempSync(join(tmpdir(), 'crash-channels-'));
    const chain = await Chain.create({ prices: '2026-06' });
    const provider = await openProvider(await openNetwork(chain));
    const channel = await Channel.prepare(provider, { offer: { deposit: DEPOSIT } });
    await channel.open();
    const rent = (await chain.balance(channel.address)) - DEPOSIT;
    const responses = await EncryptionKeyPair.create();
    const run = new Run(options, folder, channel, (await channel.terms()).openedLt, responses);
    try {
        return await run.play(rent);
    } finally {
        await run.close();
        rmSync(folder, { recursive: true });
    }
}

class Run {
    private readonly random: () => number;
    private readonly audit: Audit;
    private readonly host: ChainHost;
    private readonly sides: Record<Role, Side>;
    private readonly kills: Record<Role, number> = { client: 0, worker: 0 };
    /** Number of the client's life; what was said in an earlier one reaches nobody. */
    private line = 0;
    private lives = 0;
    /** Called with each message that left. */
    private onMessage: () => void = () => undefined;
    private onFinished: () => void = () => undefined;
    private lost: Role | null = null;

    constructor(
        private readonly options: CrashOptions,
        private readonly folder: string,
        private readonly channel: Channel,
        openedLt: bigint,
        private readonly responses: EncryptionKeyPair,
    ) {
        this.random = seededRandom(options.seed);
        this.audit = new Audit({
            channel: numberOf(channel.address.hash),
            openedLt,
            clientKey: channel.offer.clientKey,
            providerKey: channel.offer.providerKey,
            networkId: channel.chain.globalId,
            requestSeed: channel.provider.encryption.stored().subarray(2),
            responseSeed: responses.stored().subarray(2),
            costOf: (input) => IMAGE_COST * BigInt(input.length / IMAGE_BYTES),
        });
        this.host = new ChainHost(channel, async (from) => {
            const { claimed } = await channel.data();
            this.audit.require(from === 'worker', 'the client sent something to the chain');
            this.audit.redeemed(claimed);
        });
        const side = (role: Role) => {
            mkdirSync(join(folder, role));
            return new Side(role, {
                onMessage: (message) => this.heard(role, message),
                onLost: () => {
                    this.lost = role;
                    this.audit.require(false, `the ${role} ended by itself`);
                },
            });
        };
        this.sides = { client: side('client'), worker: side('worker') };
    }

    /** @param rent - nanoTON that the channel holds beside the deposit */
    async play(rent: bigint): Promise<CrashResult> {
        await this.start('worker');
        await this.start('client');
        for (let kill = 0; kill < this.options.kills && !this.over; kill++) {
            const role: Role = this.random() < 0.5 ? 'client' : 'worker';
            const messages = 1 + Math.floor(this.random() * MOST_MESSAGES);
            // Some at once: the message has left its process, and nobody has it.
            const delay = this.random() < AT_ONCE ? 0 : LONGEST_DELAY * this.random();
            this.progress(kill);
            if (!(await this.nextKill(role, messages, delay))) {
                break;
            }
            this.kills[role] += 1;
            await this.check(role);
            await this.start(role);
        }
        await this.finish();
        const row = await readWorkerRow(join(this.folder, 'worker'), this.channel.address);
        await endChannel(this.channel, this.audit, row, rent);
        return resultOf(this.audit, this.kills);
    }

    async close(): Promise<void> {
        await Promise.all(Object.values(this.sides).map((side) => side.close()));
    }

    private get over(): boolean {
        return this.lost !== null || this.audit.violations.length >= ENOUGH;
    }

    /** Kills so long after so many messages; resolves once the process is gone. */
    private async nextKill(role: Role, messages: number, delay: number): Promise<boolean> {
        let killed: Promise<void> | undefined;
        const kill = () => (killed ??= this.sides[role].kill());
        const struck = await this.within(STUCK, (resolve) => {
            let left = messages;
            this.onMessage = () => {
                if (--left !== 0) {
                    return;
                }
                if (delay === 0) {
                    kill();
                    resolve();
                } else {
                    setTimeout(() => resolve(), delay);
                }
            };
        });
        this.onMessage = () => undefined;
        this.audit.require(
            struck || this.lost !== null,
            `nothing was said for ${STUCK / 1_000} s: the channel is stuck`,
        );
        if (!struck || !this.sides[role].alive) {
            await killed;
            return killed !== undefined;
        }
        await kill();
        return true;
    }

    /** No more kills: both sides go on until the client has paid for requests that nothing disturbed. */
    private async finish(): Promise<void> {
        this.options.progress('finishing');
        const finished = await this.within(STUCK, (resolve) => {
            this.onFinished = resolve;
            this.sides.client.tell({ kind: 'finish' });
        });
        this.audit.require(finished || this.over, 'no request was paid any more after the last kill');
        for (const role of ['client', 'worker'] as const) {
            if (this.sides[role].alive) {
                await this.sides[role].kill();
            }
        }
        await this.host.idle();
        await this.check('client');
        await this.check('worker');
        this.audit.settled();
    }

    private async start(role: Role): Promise<void> {
        const { channel } = this;
        const { network, provider, client } = channel;
        this.line += role === 'client' ? 1 : 0;
        const setup: Setup = {
            role,
            seed: this.options.seed * 1_000_003 + this.lives++,
            line: this.line,
            folder: join(this.folder, role),
            registry: network.registry.toRawString(),
            provider: provider.owner.address.toRawString(),
            till: provider.till.toRawString(),
            client: client.address.toRawString(),
            operator: provider.operator.address.toRawString(),
            nonce: channel.nonce,
            prices: loadPrices(channel.chain.blockchain.config),
            now: channel.chain.now,
            secret: role === 'client' ? channel.clientKey.secretKey : provider.signing.secretKey,
            encryption: (role === 'client' ? this.responses : provider.encryption).stored(),
            defect: this.options.defect,
        };
        await this.sides[role].start(setup);
    }

    /** A dead process is judged by its file. */
    private async check(role: Role): Promise<void> {
        const [folder, { address }] = [join(this.folder, role), this.channel];
        if (role === 'client') {
            this.audit.clientDown(await readClientRow(folder, address));
        } else {
            this.audit.workerDown(await readWorkerRow(folder, address));
        }
    }

    private heard(from: Role, message: FromChild): void {
        switch (message.kind) {
            case 'bytes':
                this.audit.left(from, message.bytes);
                this.onMessage();
                if (message.line === this.line) {
                    this.sides[from === 'client' ? 'worker' : 'client'].tell(message);
                }
                break;
            case 'question':
                void this.answer(from, message);
                break;
            case 'event':
                this.told(message);
                break;
        }
    }

    private async answer(from: Role, { id, question }: Extract<FromChild, { kind: 'question' }>): Promise<void> {
        const reply = await this.host.answer(from, question).then(
            (value) => ({ value, error: null }),
            (error: Error) => ({ value: null, error: error.message }),
        );
        this.sides[from].tell({ kind: 'answer', id, ...reply });
    }

    private told(message: Extract<FromChild, { kind: 'event' }>): void {
        switch (message.event) {
            case 'paid':
                this.audit.paid.add(message.requestHash);
                break;
            case 'gaveUp':
                this.audit.gaveUp.add(message.requestHash);
                break;
            case 'fault':
                this.audit.require(false, message.text);
                break;
            case 'finished':
                this.onFinished();
                break;
        }
    }

    /** Whether `begin` resolves in time. */
    private async within(ms: number, begin: (resolve: () => void) => void): Promise<boolean> {
        let done = false;
        const promise = new Promise<void>((resolve) =>
            begin(() => {
                done = true;
                resolve();
            }),
        );
        const limit = Date.now() + ms;
        while (!done && !this.over && Date.now() < limit) {
            await Promise.race([promise, pause(50)]);
        }
        return done;
    }

    private progress(kill: number): void {
        const { audit } = this;
        this.options.progress(
            `kill ${kill + 1} of ${this.options.kills}: ${audit.paid.size} requests paid, ${audit.redemptions} redemptions, ` +
                `${audit.violations.length} violations`,
        );
    }
}
