import { Address, beginCell, Cell, Contract, ContractProvider, Sender } from '@ton/core';
import { deriveEscrow, EscrowIdentity } from './addresses';
import { Bits256, requireAddress, requireBps, requireBytes, requireSignature, requireUint, toUint256 } from './checks';
import * as fees from './fees';
import { CIPHERTEXT_MAX_BITS, CIPHERTEXT_MAX_CELLS, LOCK_MAX_SECONDS } from './gasLimits';
import { InputError } from './marketError';
import { EscrowOp } from './opcodes';
import { createPartyCell, parseParty, Party } from './party';
import { DEFAULT_PRICES, Prices } from './prices';
import { createQuoteCell, Quote } from './quote';
import { JobOutcome, JobState, Tier } from './states';
import { createJobTermsCell, JobTerms, lockUntilOf, parseJobTerms } from './terms';
import { MessageOptions, queryIdOf, sendTx, TxParams, valueOf, WireOptions } from './transaction';

/** What the provider committed to, and what became of it. */
export interface Submission {
    /** nanoTON to be paid. */
    amount: bigint;
    /** nanoTON held for an open demand or dispute. */
    bond: bigint;
    /** Whether the one demand was used. */
    demanded: boolean;
    /** Hash of the cell that holds the ciphertext. */
    resultCommitment: bigint;
    traceRoot: bigint;
}

/** A job as its escrow has it. */
export interface JobInfo {
    state: JobState;
    client: Address;
    /** Address of the provider's stake; whether it is genuine only the Registry can say. */
    providerStake: Address;
    nonce: bigint;
    /** Logical time of the opening; 0 in Uninit. */
    openedLt: bigint;
    /** Logical time of the acceptance; 0 before. */
    lockId: bigint;
    /** Slot of the lock in the stake; 0 before the acceptance. */
    slot: number;
    /** Unix seconds: the one deadline of the state, see {@link JobState}. In Quoting: from when the client may cancel. */
    deadline: number;
    /** Unix seconds when the stake's lock ends. */
    lockUntil: number;
    /** Identity of this opening; 0 in Uninit. */
    jobKey: bigint;
    terms: JobTerms | null;
    /** Hash of the cell of the terms; null in Uninit. */
    termsHash: bigint | null;
    /** Known from the acceptance on. */
    party: Party | null;
    /** Known from Submitted on. */
    submission: Submission | null;
}

/** Options of PostJob. */
export interface PostJobOptions extends MessageOptions {
    /** Checked as the contract does, unless given as a cell, which goes as it is. */
    terms: JobTerms | Cell;
    /** The provider's signed quote; without one the job waits for AcceptJob. */
    quote?: Quote | Cell | null;
    /** Unix seconds; the machine's clock by default. Decides how long rent is paid for. */
    now?: number;
}

/** Options of ApproveFull. */
export interface ApproveFullOptions extends MessageOptions {
    /** 64 bytes by clientKey; leave it out when the client's wallet sends the message. */
    signature?: Uint8Array | null;
}

/** Options of ApproveSubmitted. */
export interface ApproveSubmittedOptions extends MessageOptions {
    /** nanoTON, as submitted. */
    amount: bigint;
    /** As submitted. */
    resultCommitment: Bits256;
    /** 64 bytes by clientKey; leave it out when the client's wallet sends the message. */
    signature?: Uint8Array | null;
}

/** Options of SubmitResult. */
export interface SubmitResultOptions extends MessageOptions {
    /** Of this opening; see {@link jobKey}. */
    jobKey: Bits256;
    /** nanoTON to be paid; at most the price. */
    amount: bigint;
    /** Hash of the cell that holds the ciphertext. */
    resultCommitment: Bits256;
    /** Root of the computation's trace; 0 if there is none. */
    traceRoot: Bits256;
}

/** Options of DemandResult. */
export interface DemandResultOptions extends MessageOptions {
    /** nanoTON, as in the terms; the contract holds at least what 4 KiB cost to publish. */
    challengeBond: bigint;
}

/** Options of PublishResult. */
export interface PublishResultOptions extends MessageOptions {
    /** The cell that was committed to; at most 4 KiB; `resultCell` makes one that fits. */
    ciphertext: Cell;
}

/** Options of PublishStorageId. */
export interface PublishStorageIdOptions extends MessageOptions {
    /** Where the ciphertext lies; 1 to 127 bytes. */
    storageId: string | Uint8Array;
}

/** Options of Challenge. */
export interface ChallengeOptions extends MessageOptions {
    /** nanoTON, as in the terms. */
    challengeBond: bigint;
}

/** Options of Verdict. */
export interface VerdictOptions extends MessageOptions {
    /** Whether the provider was wrong. */
    wrong: boolean;
    /** Basis points of the collateral to slash; only read when wrong. */
    slashBps: number;
}

/** Options of JobAccepted. */
export interface JobAcceptedOptions extends WireOptions {
    /** 0 to 255. */
    slot: number;
    jobKey: Bits256;
    /** nanoTON */
    collateral: bigint;
    /** Unix seconds. */
    lockUntil: number;
    tier: Tier;
    /** Unix seconds. */
    attestedUntil: number;
    party: Party | Cell;
}

/** Options of JobClosed. */
export interface JobClosedOptions extends WireOptions {
    outcome: JobOutcome;
}

function termsCellOf(options: PostJobOptions): Cell {
    return options.terms instanceof Cell ? options.terms : createJobTermsCell(options.terms);
}

function quoteCellOf(quote: Quote | Cell | null | undefined): Cell | null {
    return quote instanceof Cell ? quote : quote ? createQuoteCell(quote) : null;
}

function signatureOf(signature: Uint8Array | null | undefined): Buffer {
    return signature ? requireSignature('signature', signature) : Buffer.alloc(0);
}

/** A chain of ordinary cells, each with at most one reference; see schemas/escrow.tlb. */
function ciphertextOf(cell: Cell): Cell {
    let cells = 0;
    let bits = 0;
    for (let next: Cell | undefined = cell; next; next = next.refs[0]) {
        if (next.isExotic || next.refs.length > 1) {
            throw new InputError(
                'malformed-cell',
                'ciphertext',
                `is no chain of ordinary cells (cell ${cells}); build it with createResultCell, or as a snake of bytes`,
            );
        }
        cells += 1;
        bits += next.bits.length;
    }
    if (BigInt(cells) > CIPHERTEXT_MAX_CELLS || BigInt(bits) > CIPHERTEXT_MAX_BITS) {
        throw new InputError(
            'too-long',
            'ciphertext',
            `has ${Math.ceil(bits / 8)} bytes in ${cells} cells; ${Number(CIPHERTEXT_MAX_BITS) / 8} bytes in ${CIPHERTEXT_MAX_CELLS} cells fit, publish a storage id instead`,
        );
    }
    return cell;
}

/**
 * One paid job: holds the price, ends by paying everyone and destroying itself. Its address follows from client, stake and
 * nonce.
 *
 * The `get…TxParams` methods belong to this object, not to what a client's `open()` makes of it.
 */
export class JobEscrow implements Contract {
    private constructor(
        readonly address: Address,
        readonly init: { code: Cell; data: Cell } | undefined,
        /** What default values are reckoned with. */
        readonly prices: Prices,
    ) {}

    /**
     * The job of a client with a provider, under a nonce of the client.
     *
     * @param prices - the network's prices; see {@link loadPrices}
     * @throws InputError for an address that is missing or outside the basechain, or a number that does not fit
     */
    static async createFromConfig(config: EscrowIdentity, prices: Prices = DEFAULT_PRICES): Promise<JobEscrow> {
        const { address, init } = await deriveEscrow(config);
        return new JobEscrow(address, init, prices);
    }

    /**
     * The contract at a known address; it cannot be deployed through this object.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static createFromAddress(address: Address, prices: Prices = DEFAULT_PRICES): JobEscrow {
        return new JobEscrow(requireAddress('address', address), undefined, prices);
    }

    // Messages that people and workers send.

    /**
     * From the client: opens the job, and with a quote takes it to the provider's stake in the same trace.
     *
     * @throws InputError for terms that the contract would refuse
     */
    static createPostJobBody(options: PostJobOptions): Cell {
        return beginCell()
            .storeUint(EscrowOp.PostJob, 32)
            .storeUint(queryIdOf(options), 64)
            .storeRef(termsCellOf(options))
            .storeMaybeRef(quoteCellOf(options.quote))
            .endCell();
    }

    /**
     * PostJob, ready for any wallet. Default value: price, rent until a year after the lock's end, and every later step's
     * gas; the rest returns when the job ends.
     */
    getPostJobTxParams(options: PostJobOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, this.postingValue(options)),
            body: JobEscrow.createPostJobBody(options),
            init: this.init,
        };
    }

    /** Sends PostJob. */
    async sendPostJob(provider: ContractProvider, via: Sender, options: PostJobOptions): Promise<void> {
        await sendTx(provider, via, this.getPostJobTxParams(options));
    }

    /**
     * From the client, or anyone with clientKey's signature: pays the whole price of an accepted job.
     *
     * @throws InputError `malformed-signature`
     */
    static createApproveFullBody(options: ApproveFullOptions = {}): Cell {
        return beginCell()
            .storeUint(EscrowOp.ApproveFull, 32)
            .storeUint(queryIdOf(options), 64)
            .storeBuffer(signatureOf(options.signature))
            .endCell();
    }

    /** ApproveFull, ready for any wallet. Default value: what the end costs at most. */
    getApproveFullTxParams(options: ApproveFullOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.settlingEndValue(this.prices)),
            body: JobEscrow.createApproveFullBody(options),
        };
    }

    /** Sends ApproveFull. */
    async sendApproveFull(provider: ContractProvider, via: Sender, options: ApproveFullOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getApproveFullTxParams(options));
    }

    /**
     * From the client, or anyone with clientKey's signature: pays a submitted result before the challenge window ends.
     *
     * @throws InputError for values that do not fit
     */
    static createApproveSubmittedBody(options: ApproveSubmittedOptions): Cell {
        return beginCell()
            .storeUint(EscrowOp.ApproveSubmitted, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('amount', options.amount, 64), 64)
            .storeUint(toUint256('resultCommitment', options.resultCommitment), 256)
            .storeBuffer(signatureOf(options.signature))
            .endCell();
    }

    /** ApproveSubmitted, ready for any wallet. Default value: what the end costs at most. */
    getApproveSubmittedTxParams(options: ApproveSubmittedOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.settlingEndValue(this.prices)),
            body: JobEscrow.createApproveSubmittedBody(options),
        };
    }

    /** Sends ApproveSubmitted. */
    async sendApproveSubmitted(
        provider: ContractProvider,
        via: Sender,
        options: ApproveSubmittedOptions,
    ): Promise<void> {
        await sendTx(provider, via, this.getApproveSubmittedTxParams(options));
    }

    /**
     * From the operator or owner, before deliverBy: commits to a result and opens the challenge window. Once per job.
     *
     * @throws InputError for values that do not fit
     */
    static createSubmitResultBody(options: SubmitResultOptions): Cell {
        return beginCell()
            .storeUint(EscrowOp.SubmitResult, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('amount', options.amount, 64), 64)
            .storeUint(toUint256('jobKey', options.jobKey), 256)
            .storeUint(toUint256('resultCommitment', options.resultCommitment), 256)
            .storeUint(toUint256('traceRoot', options.traceRoot), 256)
            .endCell();
    }

    /** SubmitResult, ready for any wallet. Default value: its gas. */
    getSubmitResultTxParams(options: SubmitResultOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.escrowStepValue(this.prices)),
            body: JobEscrow.createSubmitResultBody(options),
        };
    }

    /** Sends SubmitResult. */
    async sendSubmitResult(provider: ContractProvider, via: Sender, options: SubmitResultOptions): Promise<void> {
        await sendTx(provider, via, this.getSubmitResultTxParams(options));
    }

    /** From anyone, from the end of the challenge window on: pays what was submitted. */
    static createFinalizeJobBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(EscrowOp.FinalizeJob, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** FinalizeJob, ready for any wallet. Default value: what the end costs at most. */
    getFinalizeJobTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.settlingEndValue(this.prices)),
            body: JobEscrow.createFinalizeJobBody(options),
        };
    }

    /** Sends FinalizeJob. */
    async sendFinalizeJob(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getFinalizeJobTxParams(options));
    }

    /** From anyone, from deliverBy on: refunds the client and slashes lateSlashBps. */
    static createExpireJobBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(EscrowOp.ExpireJob, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** ExpireJob, ready for any wallet. Default value: what the end costs at most. */
    getExpireJobTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.slashingEndValue(this.prices)),
            body: JobEscrow.createExpireJobBody(options),
        };
    }

    /** Sends ExpireJob. */
    async sendExpireJob(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getExpireJobTxParams(options));
    }

    /** From the client (in Open at once, in Quoting after ten minutes), from anyone after acceptBy: refunds the client. */
    static createCancelJobBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(EscrowOp.CancelJob, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** CancelJob, ready for any wallet. Default value: what the end costs at most. */
    getCancelJobTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.cancellingValue(this.prices)),
            body: JobEscrow.createCancelJobBody(options),
        };
    }

    /** Sends CancelJob. */
    async sendCancelJob(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getCancelJobTxParams(options));
    }

    /** From the client, once, before the challenge window ends: asks for the ciphertext on chain. */
    static createDemandResultBody(options: DemandResultOptions): Cell {
        return beginCell().storeUint(EscrowOp.DemandResult, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** DemandResult, ready for any wallet. Default value: the bond and gas. */
    getDemandResultTxParams(options: DemandResultOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.demandingValue(this.prices, options.challengeBond)),
            body: JobEscrow.createDemandResultBody(options),
        };
    }

    /** Sends DemandResult. */
    async sendDemandResult(provider: ContractProvider, via: Sender, options: DemandResultOptions): Promise<void> {
        await sendTx(provider, via, this.getDemandResultTxParams(options));
    }

    /**
     * From anyone who has it, before respondBy: answers a demand with the ciphertext itself.
     *
     * @throws InputError `too-long` for more than 4 KiB, or more cells than the contract counts
     */
    static createPublishResultBody(options: PublishResultOptions): Cell {
        return beginCell()
            .storeUint(EscrowOp.PublishResult, 32)
            .storeUint(queryIdOf(options), 64)
            .storeRef(ciphertextOf(options.ciphertext))
            .endCell();
    }

    /** PublishResult, ready for any wallet. Default value: its gas. */
    getPublishResultTxParams(options: PublishResultOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.publishingValue(this.prices)),
            body: JobEscrow.createPublishResultBody(options),
        };
    }

    /** Sends PublishResult. */
    async sendPublishResult(provider: ContractProvider, via: Sender, options: PublishResultOptions): Promise<void> {
        await sendTx(provider, via, this.getPublishResultTxParams(options));
    }

    /**
     * From the operator or owner, before respondBy: answers a demand with the place where the ciphertext lies.
     *
     * @throws InputError `too-long`
     */
    static createPublishStorageIdBody(options: PublishStorageIdOptions): Cell {
        return beginCell()
            .storeUint(EscrowOp.PublishStorageId, 32)
            .storeUint(queryIdOf(options), 64)
            .storeRef(
                beginCell()
                    .storeBuffer(requireBytes('storageId', Buffer.from(options.storageId), 1))
                    .endCell(),
            )
            .endCell();
    }

    /** PublishStorageId, ready for any wallet. Default value: its gas. */
    getPublishStorageIdTxParams(options: PublishStorageIdOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.publishingValue(this.prices)),
            body: JobEscrow.createPublishStorageIdBody(options),
        };
    }

    /** Sends PublishStorageId. */
    async sendPublishStorageId(
        provider: ContractProvider,
        via: Sender,
        options: PublishStorageIdOptions,
    ): Promise<void> {
        await sendTx(provider, via, this.getPublishStorageIdTxParams(options));
    }

    /** From anyone, from respondBy on: refunds the client with the bond and slashes the whole collateral. */
    static createExpireDemandBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(EscrowOp.ExpireDemand, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** ExpireDemand, ready for any wallet. Default value: what the end costs at most. */
    getExpireDemandTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.slashingEndValue(this.prices)),
            body: JobEscrow.createExpireDemandBody(options),
        };
    }

    /** Sends ExpireDemand. */
    async sendExpireDemand(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getExpireDemandTxParams(options));
    }

    /** From the client, before the challenge window ends: opens a dispute. */
    static createChallengeBody(options: ChallengeOptions): Cell {
        return beginCell().storeUint(EscrowOp.Challenge, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** Challenge, ready for any wallet. Default value: the bond and gas. */
    getChallengeTxParams(options: ChallengeOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.challengingValue(this.prices, options.challengeBond)),
            body: JobEscrow.createChallengeBody(options),
        };
    }

    /** Sends Challenge. */
    async sendChallenge(provider: ContractProvider, via: Sender, options: ChallengeOptions): Promise<void> {
        await sendTx(provider, via, this.getChallengeTxParams(options));
    }

    /**
     * From the arbiter of the terms, before arbitrationEnd: ends a dispute.
     *
     * @throws InputError for more than 10000 basis points
     */
    static createVerdictBody(options: VerdictOptions): Cell {
        return beginCell()
            .storeUint(EscrowOp.Verdict, 32)
            .storeUint(queryIdOf(options), 64)
            .storeBit(options.wrong)
            .storeUint(requireBps('slashBps', options.slashBps), 16)
            .endCell();
    }

    /** Verdict, ready for any wallet. Default value: what the end costs at most. */
    getVerdictTxParams(options: VerdictOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(
                options,
                options.wrong ? fees.slashingEndValue(this.prices) : fees.settlingEndValue(this.prices),
            ),
            body: JobEscrow.createVerdictBody(options),
        };
    }

    /** Sends Verdict. */
    async sendVerdict(provider: ContractProvider, via: Sender, options: VerdictOptions): Promise<void> {
        await sendTx(provider, via, this.getVerdictTxParams(options));
    }

    /** From anyone, from arbitrationEnd on: the arbiter was silent; pays what was submitted and halves the bond. */
    static createExpireDisputeBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(EscrowOp.ExpireDispute, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** ExpireDispute, ready for any wallet. Default value: what the end costs at most. */
    getExpireDisputeTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.settlingEndValue(this.prices)),
            body: JobEscrow.createExpireDisputeBody(options),
        };
    }

    /** Sends ExpireDispute. */
    async sendExpireDispute(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getExpireDisputeTxParams(options));
    }

    // Messages between contracts: for tests, simulations and indexers.

    /** From the provider's stake: the collateral is locked. queryId is the lockId. */
    static createJobAcceptedBody(options: JobAcceptedOptions): Cell {
        return beginCell()
            .storeUint(EscrowOp.JobAccepted, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('slot', options.slot, 8), 8)
            .storeUint(toUint256('jobKey', options.jobKey), 256)
            .storeUint(requireUint('collateral', options.collateral, 64), 64)
            .storeUint(requireUint('lockUntil', options.lockUntil, 32), 32)
            .storeUint(requireUint('tier', options.tier, 8), 8)
            .storeUint(requireUint('attestedUntil', options.attestedUntil, 32), 32)
            .storeRef(options.party instanceof Cell ? options.party : createPartyCell(options.party))
            .endCell();
    }

    /** To the client, with everything that is the client's when the job ends. */
    static createJobClosedBody(options: JobClosedOptions): Cell {
        return beginCell()
            .storeUint(EscrowOp.JobClosed, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('outcome', options.outcome, 8), 8)
            .endCell();
    }

    // Getters.

    /** Whether the account exists: it does not before the posting, nor after the end. */
    async getIsActive(provider: ContractProvider): Promise<boolean> {
        return (await provider.getState()).state.type === 'active';
    }

    /** The whole job. Only while the account exists. */
    async getJob(provider: ContractProvider): Promise<JobInfo> {
        const { stack } = await provider.get('job', []);
        const job = {
            state: stack.readNumber() as JobState,
            client: stack.readAddress(),
            providerStake: stack.readAddress(),
            nonce: stack.readBigNumber(),
            openedLt: stack.readBigNumber(),
            lockId: stack.readBigNumber(),
            slot: stack.readNumber(),
            deadline: stack.readNumber(),
            lockUntil: stack.readNumber(),
            jobKey: stack.readBigNumber(),
        };
        const terms = stack.readCellOpt();
        const party = stack.readCellOpt();
        const submission = stack.readTupleOpt();
        return {
            ...job,
            terms: terms && parseJobTerms(terms),
            termsHash: terms && BigInt('0x' + terms.hash().toString('hex')),
            party: party && parseParty(party),
            submission: submission && {
                amount: submission.readBigNumber(),
                bond: submission.readBigNumber(),
                demanded: submission.readBoolean(),
                resultCommitment: submission.readBigNumber(),
                traceRoot: submission.readBigNumber(),
            },
        };
    }

    /** Where the job stands. */
    async getJobState(provider: ContractProvider): Promise<JobState> {
        return (await this.getJob(provider)).state;
    }

    /** nanoTON that PostJob must bring at least, by the contract's own reckoning. Only while the account exists. */
    async getPostingValue(provider: ContractProvider, shape: fees.PostingShape): Promise<bigint> {
        const { stack } = await provider.get('postingValue', [
            { type: 'int', value: shape.price },
            { type: 'int', value: shape.lockSeconds },
            { type: 'int', value: shape.quoted ? -1n : 0n },
        ]);
        return stack.readBigNumber();
    }

    /** nanoTON that a demand holds as its bond, by the contract's own reckoning. Only while the account exists. */
    async getDemandBond(provider: ContractProvider, challengeBond: bigint): Promise<bigint> {
        return (await provider.get('demandBond', [{ type: 'int', value: challengeBond }])).stack.readBigNumber();
    }

    private postingValue(options: PostJobOptions): bigint {
        const terms = options.terms instanceof Cell ? parseJobTerms(options.terms) : options.terms;
        const now = options.now ?? Math.floor(Date.now() / 1000);
        // A clock by which acceptBy has passed is not the chain's; then the longest lock is paid for.
        const lockSeconds = terms.acceptBy > now ? BigInt(lockUntilOf(terms) - now) : LOCK_MAX_SECONDS;
        return fees.postingValue(this.prices, {
            price: terms.price,
            lockSeconds,
            quoted: !!options.quote,
        });
    }
}
