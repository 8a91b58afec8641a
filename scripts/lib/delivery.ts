import type { NetworkProvider } from '@ton/blueprint';
import { Address, Cell, Message, Sender, SenderArguments, Transaction } from '@ton/core';
import { explainExitCode } from '../../wrappers';
import { ScriptError } from './errors';

/** A message as it left. */
export interface Sent {
    to: Address;
    /** nanoTON */
    value: bigint;
    body: Cell;
}

/**
 * Blueprint's wallet, with a memory. Every wallet that Blueprint knows sends bounceable and warns where somebody says so; hence
 * the flag is left out.
 */
export class RecordingSender implements Sender {
    readonly sent: Sent[] = [];

    constructor(private readonly wallet: Sender) {}

    get address(): Address | undefined {
        return this.wallet.address;
    }

    async send({ to, value, body, init }: SenderArguments): Promise<void> {
        await this.wallet.send({ to, value, body, init });
        this.sent.push({ to, value, body: body ?? new Cell() });
    }
}

/** Logical time of an account's newest transaction; 0 if there is none. */
export async function newestLt(provider: NetworkProvider, account: Address): Promise<bigint> {
    return (await provider.getContractState(account)).last?.lt ?? 0n;
}

const TRANSACTIONS_READ = 20;
const HOPS_FOLLOWED = 4;

/**
 * Follows a message from contract to contract and throws what stopped it. What an API does not show, or not yet, is not judged.
 *
 * @param since - the recipient's newest logical time before the sending
 * @throws ScriptError `refused` with the exit code explained
 */
export async function requireNoRefusal(
    provider: NetworkProvider,
    { to, body }: Sent,
    from: Address,
    since: bigint,
): Promise<void> {
    await follow(
        provider,
        to,
        (message, { lt }) => lt > since && message.info.src?.equals(from) === true && message.body.equals(body),
        HOPS_FOLLOWED,
    );
}

async function follow(
    provider: NetworkProvider,
    account: Address,
    isIt: (message: Message & { info: { src?: Address | null } }, transaction: Transaction) => boolean,
    hops: number,
): Promise<void> {
    const transaction = (await newestTransactions(provider, account)).find(
        (candidate) =>
            candidate.inMessage?.info.type === 'internal' &&
            isIt(candidate.inMessage as Message & { info: { src: Address } }, candidate),
    );
    if (transaction === undefined) {
        return;
    }
    requireSuccess(account, transaction);
    for (const { info } of transaction.outMessages.values()) {
        if (info.type === 'internal' && hops > 1) {
            const { dest, createdLt } = info;
            await follow(
                provider,
                dest,
                (message) =>
                    message.info.type === 'internal' &&
                    message.info.src.equals(account) &&
                    message.info.createdLt === createdLt,
                hops - 1,
            );
        }
    }
}

/** An account's newest transactions, the newest first; none where the API does not show them. */
export async function newestTransactions(provider: NetworkProvider, account: Address): Promise<Transaction[]> {
    const { last } = await provider.getContractState(account);
    if (!last || last.lt === 0n) {
        return [];
    }
    try {
        return await provider.provider(account).getTransactions(account, last.lt, last.hash, TRANSACTIONS_READ);
    } catch {
        return []; // an API without history: the goal alone then tells
    }
}

function requireSuccess(account: Address, { description, inMessage }: Transaction): void {
    if (description.type !== 'generic') {
        return;
    }
    const { computePhase, actionPhase } = description;
    const bounced = inMessage?.info.type === 'internal' && inMessage.info.bounced;
    const exitCode =
        computePhase.type === 'vm'
            ? computePhase.success
                ? (actionPhase?.resultCode ?? 0)
                : computePhase.exitCode
            : computePhase.reason === 'no-gas'
              ? -14
              : 0;
    if (exitCode === 0 || exitCode === 1 || bounced) {
        return;
    }
    const { name, meaning, remedy } = explainExitCode(exitCode);
    throw new ScriptError(
        'refused',
        `${account.toString()} refused with exit code ${exitCode} (${name}): ${meaning} ${remedy}`,
    );
}
