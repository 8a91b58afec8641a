import { Address, beginCell, Cell, toNano } from '@ton/core';
import { KeyPair } from '@ton/crypto';
import { SendMessageResult } from '@ton/sandbox';
import { Deployable, escrowInit, hashNamed, jobKeyOf, jobTermsCell, keyPairOf, quoteCell, uint256Of } from './cells';
import { Chain, Wallet } from './chain';
import { label } from './labels';
import { EscrowData, JobTerms, parseEscrowData, Submission, parseSubmission } from './layout';
import { body, Network, Provider } from './network';
import { expectTrace } from './traces';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** More than any step costs under either price set; what is left returns. */
const PLENTY = toNano(1);

export interface JobOptions {
    /** Default: `client`. */
    client?: string;
    nonce?: bigint;
    terms?: Partial<JobTerms>;
}

/**
 * One job and the shortest way into each of its states. Every step sends what an ordinary user would, expects exactly the
 * trace of success, and returns it; `send…` variants of tests build their own messages.
 */
export class Job {
    readonly chain: Chain;
    /** The ciphertext; its hash is the result commitment. */
    readonly result: Cell = beginCell().storeStringTail('an encrypted result').endCell();

    private constructor(
        readonly network: Network,
        readonly provider: Provider,
        readonly client: Wallet,
        readonly clientKey: KeyPair,
        readonly nonce: bigint,
        readonly terms: JobTerms,
        readonly escrow: Address,
        readonly init: Deployable['init'],
    ) {
        this.chain = network.chain;
    }

    /** A job with terms of 10 TON for 20 TON of collateral, nothing sent yet. */
    static async prepare(provider: Provider, options: JobOptions = {}): Promise<Job> {
        const { network } = provider;
        const client = await network.chain.wallet(options.client ?? 'client');
        const clientKey = keyPairOf(`${options.client ?? 'client'}.key`);
        const nonce = options.nonce ?? 1n;
        const { address, init } = escrowInit({ client: client.address, providerStake: provider.stake, nonce });
        label(address, nonce === 1n ? 'JobEscrow' : `JobEscrow#${nonce}`);
        const terms: JobTerms = {
            price: toNano(10),
            requiredCollateral: toNano(20),
            tier: 0,
            acceptBy: network.chain.now + HOUR,
            deliverWithin: 2 * HOUR,
            challengeWindow: DAY,
            responseWindow: DAY,
            arbitrationWindow: 7 * DAY,
            challengeBond: toNano(2),
            lateSlashBps: 1000,
            toClientBps: 5000,
            clientKey: uint256Of(clientKey.publicKey),
            arbiter: network.arbiter.address,
            modelRoot: hashNamed('model'),
            inputCommitment: hashNamed('input'),
            encryptionKey: provider.profile.encryptionKey,
            resultRecipientKey: hashNamed('recipient'),
            ...options.terms,
        };
        return new Job(network, provider, client, clientKey, nonce, terms, address, init);
    }

    get termsCell(): Cell {
        return jobTermsCell(this.terms);
    }

    get resultCommitment(): bigint {
        return uint256Of(this.result.hash());
    }

    /** The one value of lockUntil that the escrow takes. */
    get lockUntil(): number {
        const { acceptBy, deliverWithin, challengeWindow, responseWindow, arbitrationWindow } = this.terms;
        return acceptBy + deliverWithin + 2 * challengeWindow + responseWindow + arbitrationWindow + 7 * DAY;
    }

    /** The escrow's storage; throws once it is gone. */
    async data(): Promise<EscrowData> {
        const data = await this.chain.data(this.escrow);
        if (data === null) {
            throw new Error('The escrow is not active');
        }
        return parseEscrowData(data);
    }

    /** The submission behind the storage, from Submitted on. */
    async submission(): Promise<Submission> {
        return parseSubmission((await this.data()).progress!);
    }

    /** Of the opening under way. */
    async jobKey(): Promise<bigint> {
        return jobKeyOf(this.escrow, this.termsCell, (await this.data()).openedLt);
    }

    /** A quote for these terms, signed with the provider's key. */
    quote(options: { validUntil?: number; signing?: KeyPair; collateral?: bigint } = {}): Cell {
        return quoteCell(
            {
                escrow: this.escrow,
                terms: this.termsCell,
                collateral: options.collateral ?? this.terms.requiredCollateral,
                validUntil: options.validUntil ?? this.chain.now + 60,
            },
            options.signing ?? this.provider.signing,
        );
    }

    /** PostJob's body. */
    postBody(quote: Cell | null = null): Cell {
        return body('PostJob').storeRef(this.termsCell).storeMaybeRef(quote).endCell();
    }

    /** AcceptJob's body for the opening under way. */
    async acceptBody(): Promise<Cell> {
        return body('AcceptJob')
            .storeUint(this.terms.requiredCollateral, 64)
            .storeAddress(this.client.address)
            .storeUint(this.nonce, 64)
            .storeUint(await this.jobKey(), 256)
            .storeUint(this.lockUntil, 32)
            .endCell();
    }

    /** Uninit → Open. */
    async post(): Promise<SendMessageResult> {
        const result = await this.sendPost(null);
        expectTrace(result, [{ from: this.client, to: this.escrow, op: 'PostJob' }]);
        return result;
    }

    /** Uninit → Quoting → Accepted in one trace. */
    async postQuoted(): Promise<SendMessageResult> {
        const result = await this.sendPost(this.quote());
        expectTrace(result, [
            { from: this.client, to: this.escrow, op: 'PostJob' },
            { from: this.escrow, to: this.provider.stake, op: 'AcceptQuote' },
            { from: this.provider.stake, to: this.escrow, op: 'JobAccepted' },
        ]);
        return result;
    }

    /** Open → Accepted. */
    async accept(by: 'operator' | 'owner' = 'operator'): Promise<SendMessageResult> {
        const wallet = this.provider[by];
        const result = await this.chain.send(wallet, {
            to: this.provider.stake,
            value: PLENTY,
            body: await this.acceptBody(),
        });
        expectTrace(result, [
            { from: wallet, to: this.provider.stake, op: 'AcceptJob' },
            { from: this.provider.stake, to: this.escrow, op: 'JobAccepted' },
            { from: this.provider.stake, to: wallet, op: 'Excesses' },
        ]);
        return result;
    }

    /** Accepted → Submitted, with the given amount or the whole price. */
    async submit(
        options: { amount?: bigint; by?: 'operator' | 'owner'; resultCommitment?: bigint } = {},
    ): Promise<SendMessageResult> {
        const wallet = this.provider[options.by ?? 'operator'];
        const result = await this.chain.send(wallet, {
            to: this.escrow,
            value: PLENTY,
            body: body('SubmitResult')
                .storeUint(options.amount ?? this.terms.price, 64)
                .storeUint(await this.jobKey(), 256)
                .storeUint(options.resultCommitment ?? this.resultCommitment, 256)
                .storeUint(hashNamed('trace'), 256)
                .endCell(),
        });
        this.expectStep(result, wallet, 'SubmitResult');
        return result;
    }

    /** Submitted → Demanded. */
    async demand(): Promise<SendMessageResult> {
        const result = await this.chain.send(this.client, {
            to: this.escrow,
            value: this.terms.challengeBond + PLENTY,
            body: body('DemandResult').endCell(),
        });
        this.expectStep(result, this.client, 'DemandResult');
        return result;
    }

    /** Submitted → Disputed. */
    async challenge(): Promise<SendMessageResult> {
        const result = await this.chain.send(this.client, {
            to: this.escrow,
            value: this.terms.challengeBond + PLENTY,
            body: body('Challenge').endCell(),
        });
        this.expectStep(result, this.client, 'Challenge');
        return result;
    }

    private async sendPost(quote: Cell | null): Promise<SendMessageResult> {
        return await this.chain.send(this.client, {
            to: this.escrow,
            value: this.terms.price + PLENTY,
            init: this.init,
            body: this.postBody(quote),
        });
    }

    private expectStep(result: SendMessageResult, wallet: Wallet, op: string): void {
        expectTrace(result, [
            { from: wallet, to: this.escrow, op },
            { from: this.escrow, to: wallet, op: 'Excesses' },
        ]);
    }
}
