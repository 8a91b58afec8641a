import { Address, Cell, parseTuple, serializeTuple } from '@ton/core';
import { Channel } from '../../tests/fixtures/channels';
import { Chain, Wallet } from '../../tests/helpers/chain';
import { AccountView, ChainQuestion, Role } from './messages';

/** The chain behind the children: one question after the other, each from the wallet of the side that asks. */
export class ChainHost {
    private queue: Promise<unknown> = Promise.resolve();
    private readonly chain: Chain;

    constructor(
        readonly channel: Channel,
        /** Told of every message that a side sent, once it was executed. */
        private readonly onSent: (from: Role) => Promise<void>,
    ) {
        this.chain = channel.chain;
    }

    /** Answers with plain values. */
    answer(from: Role, question: ChainQuestion): Promise<unknown> {
        const answer = this.queue.then(() => this.execute(from, question));
        this.queue = answer.catch(() => undefined);
        return answer;
    }

    /** Resolves when nothing is waiting. */
    async idle(): Promise<void> {
        await this.queue;
    }

    private async execute(from: Role, question: ChainQuestion): Promise<unknown> {
        switch (question.ask) {
            case 'state':
                return await this.view(Address.parse(question.address));
            case 'get': {
                const provider = this.chain.blockchain.provider(Address.parse(question.address));
                const args = parseTuple(Cell.fromBoc(Buffer.from(question.args))[0]!);
                const { stack } = await provider.get(question.method, args);
                return serializeTuple(
                    (stack as unknown as { items: Parameters<typeof serializeTuple>[0] }).items,
                ).toBoc();
            }
            case 'send': {
                const { to, value, bounce, body, sendMode } = question;
                await this.chain.send(this.wallet(from), {
                    to: Address.parse(to),
                    value,
                    bounce,
                    body: body ? Cell.fromBoc(Buffer.from(body))[0] : undefined,
                    sendMode: sendMode ?? undefined,
                });
                return await this.onSent(from);
            }
        }
    }

    private async view(address: Address): Promise<AccountView> {
        const { accountState, balance } = await this.chain.blockchain.getContract(address);
        const active = accountState?.type === 'active' ? accountState.state : null;
        return {
            balance,
            active: active !== null,
            code: active?.code?.toBoc() ?? null,
            data: active?.data?.toBoc() ?? null,
        };
    }

    private wallet(from: Role): Wallet {
        return from === 'client' ? this.channel.client : this.channel.provider.operator;
    }
}
