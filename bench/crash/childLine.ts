import {
    Address,
    Cell,
    Contract,
    ContractProvider,
    openContract,
    parseTuple,
    Sender,
    serializeTuple,
    toNano,
    TupleReader,
} from '@ton/core';
import { ByteListener, ByteTransport } from '../../protocol/transport';
import { Connection } from '../../wrappers';
import { AccountView, ChainQuestion, ChildEvent, FromChild, ToChild } from './messages';

/** A child's only way out: the channel to its parent. */
export class ChildLine {
    private readonly pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
    private nextId = 1;
    /** Told of what the other side says. */
    onBytes: (line: number, bytes: Uint8Array) => void = () => undefined;
    /** Told that no more kills come. */
    onFinish: () => void = () => undefined;

    /** Takes what the parent says, `start` excepted. */
    receive(message: ToChild): void {
        switch (message.kind) {
            case 'bytes':
                this.onBytes(message.line, message.bytes);
                break;
            case 'answer': {
                const waiting = this.pending.get(message.id);
                this.pending.delete(message.id);
                if (message.error === null) {
                    waiting?.resolve(message.value);
                } else {
                    waiting?.reject(new Error(message.error));
                }
                break;
            }
            case 'finish':
                this.onFinish();
                break;
        }
    }

    /** Says something to the other side. */
    say(line: number, bytes: Uint8Array): void {
        // A copy: a view would carry the whole memory behind it.
        send({ kind: 'bytes', line, bytes: Uint8Array.from(bytes) });
    }

    tell(event: ChildEvent): void {
        send({ kind: 'event', ...event });
    }

    /** The line as a client's transport. */
    transport(line: number): ByteTransport {
        const early: Uint8Array[] = [];
        let listener: ByteListener = (bytes) => void early.push(bytes);
        this.onBytes = (_, bytes) => listener(bytes);
        return {
            send: (bytes) => this.say(line, bytes),
            listen: (next) => {
                listener = next;
                early.splice(0).forEach(next);
            },
            close: () => undefined,
        };
    }

    /** The parent's chain. */
    connection(): Connection {
        const open = <T extends Contract>(contract: T) =>
            openContract(contract, ({ address }) => this.provider(address));
        return { open };
    }

    /** A wallet of the parent's that is this child's. */
    wallet(address: Address): Sender {
        return {
            address,
            send: async ({ to, value, bounce, body, sendMode, init }) => {
                if (init) {
                    throw new Error('A child deploys nothing');
                }
                await this.ask({
                    ask: 'send',
                    to: to.toRawString(),
                    value,
                    bounce: bounce ?? true,
                    body: body ? body.toBoc() : null,
                    sendMode: sendMode ?? null,
                });
            },
        };
    }

    private ask<T>(question: ChainQuestion): Promise<T> {
        const id = this.nextId++;
        return new Promise<T>((resolve, reject) => {
            this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
            send({ kind: 'question', id, question });
        });
    }

    private provider(address: Address): ContractProvider {
        const raw = address.toRawString();
        return {
            getState: async () => {
                const { balance, active, code, data } = await this.ask<AccountView>({ ask: 'state', address: raw });
                const bytes = (part: Uint8Array | null) => part && Buffer.from(part);
                return {
                    balance,
                    extracurrency: null,
                    last: null,
                    state: active ? { type: 'active', code: bytes(code), data: bytes(data) } : { type: 'uninit' },
                };
            },
            get: async (method, args) => {
                const question = {
                    ask: 'get',
                    address: raw,
                    method: String(method),
                    args: serializeTuple(args).toBoc(),
                } as const;
                const stack = await this.ask<Uint8Array>(question);
                return { stack: new TupleReader(parseTuple(Cell.fromBoc(Buffer.from(stack))[0]!)) };
            },
            internal: async (via, { value, bounce, body, sendMode }) => {
                if (typeof body === 'string') {
                    throw new Error('A child sends no comments');
                }
                const nanoton = typeof value === 'string' ? toNano(value) : value;
                await via.send({ to: address, value: nanoton, bounce, body, sendMode });
            },
            external: () => Promise.reject(new Error('A child sends no external messages')),
            open: (contract) => openContract(contract, ({ address: other }) => this.provider(other)),
            getTransactions: () => Promise.reject(new Error('A child reads no transactions')),
        };
    }
}

function send(message: FromChild): void {
    // It fails only when the parent is gone, and then this process ends too.
    process.send?.(message, undefined, undefined, () => undefined);
}
