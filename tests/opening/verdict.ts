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

/** Sends an opening to the contract of a trace: one transaction, after which both are forgotten. */
export async function verdictOn(subject: Subject, opening: Opening): Promise<Verdict> {
    executor ??= Executor.create();
    const { init } = await OpeningContract.fromInit(
        numberOf(subject.modelRoot),
        numberOf(subject.traceRoot),
        shapeOf(subject.configuration),
    );
    const address = contractAddress(0, init!);
    const message = internal({ to: address, value: PLENTY, body: bodyOf(opening) });
    const { result } = await (
        await executor
    ).runTransaction({
        config: defaultConfig,
        libs: null,
        verbosity: 'short',
        shardAccount: shardAccountOf(address, init!),
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

function shardAccountOf(address: Address, { code, data }: { code: Cell; data: Cell }): string {
    const account = createShardAccount({ address, code, data, balance: PLENTY });
    return beginCell().store(storeShardAccount(account)).endCell().toBoc().toString('base64');
}

function numberOf(hash: Buffer): bigint {
    return BigInt(`0x${hash.toString('hex')}`);
}
