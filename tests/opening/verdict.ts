import {
    Address,
    beginCell,
    Cell,
    contractAddress,
    internal,
    loadTransaction,
    storeMessageRelaxed,
    storeShardAccount,
} from '@ton/core';
import { createShardAccount, defaultConfig, Executor } from '@ton/sandbox';
import { Opening as OpeningContract } from '../../build/Opening/Opening_Opening';
import { Configuration } from './model';
import { bodyOf, Opening, shapeOf } from './opening';

/** What the contract said: 0 if it accepted, else its exit code; and the gas of the whole transaction. */
export interface Verdict {
    readonly exitCode: number;
    readonly gas: number;
}

/** A trace under judgement: what a contract of its own is made of. */
export interface Subject {
    readonly configuration: Configuration;
    /** The two cells' hashes, 32 bytes. */
    readonly modelRoot: Buffer;
    readonly traceRoot: Buffer;
}

/** nanoTON: pays a million gas, the most that a transaction may use. */
const PLENTY = 10n ** 9n;

const SENDER = new Address(0, Buffer.alloc(32, 7));

let executor: Promise<Executor> | undefined;

/** Accounts of subjects that are judged again and again: a contract takes longer to read than to run. */
const accounts = new WeakMap<Subject, Promise<Account>>();

interface Account {
    readonly address: Address;
    /** Base64 of its bag of cells. */
    readonly boc: string;
}

/** Sends an opening to the contract of a trace: one transaction, after which both are forgotten. */
export async function verdictOn(subject: Subject, opening: Opening): Promise<Verdict> {
    executor ??= Executor.create();
    const known = accounts.get(subject) ?? accountOf(subject);
    accounts.set(subject, known);
    const { address, boc } = await known;
    const message = internal({ to: address, value: PLENTY, body: bodyOf(opening) });
    const { result } = await (
        await executor
    ).runTransaction({
        config: defaultConfig,
        libs: null,
        verbosity: 'short',
        shardAccount: boc,
        now: 1_800_000_000,
        lt: 1_000_000n,
        randomSeed: Buffer.alloc(32),
        ignoreChksig: false,
        debugEnabled: false,
        message: beginCell()
            .store(storeMessageRelaxed({ ...message, info: { ...message.info, src: SENDER } as typeof message.info }))
            .endCell(),
    });
    if (!result.success) {
        throw new Error(`The emulator failed: ${result.error}`);
    }
    const { description, outMessagesCount } = loadTransaction(Cell.fromBase64(result.transaction).beginParse());
    if (description.type !== 'generic' || description.computePhase.type !== 'vm') {
        throw new Error('The contract did not run');
    }
    const { exitCode, gasUsed, success } = description.computePhase;
    if (success !== (exitCode === 0) || outMessagesCount !== 1) {
        throw new Error(`Exit code ${exitCode}, and ${outMessagesCount} messages out instead of the rest of the value`);
    }
    return { exitCode, gas: Number(gasUsed) };
}

async function accountOf({ configuration, modelRoot, traceRoot }: Subject): Promise<Account> {
    const { init } = await OpeningContract.fromInit(numberOf(modelRoot), numberOf(traceRoot), shapeOf(configuration));
    const address = contractAddress(0, init!);
    const account = createShardAccount({ address, ...init!, balance: PLENTY });
    return { address, boc: beginCell().store(storeShardAccount(account)).endCell().toBoc().toString('base64') };
}

function numberOf(hash: Buffer): bigint {
    return BigInt(`0x${hash.toString('hex')}`);
}
