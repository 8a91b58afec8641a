import { beginCell, comment, Dictionary, internal, Message, SendMode, toNano } from '@ton/core';
import { internal as fromNowhere } from '@ton/sandbox';
import { Chain, GENESIS, PRICE_SETS, strayAddress, Wallet } from '../../helpers/chain';
import { useChain } from '../../helpers/fixture';
import { Job } from '../../helpers/jobs';
import { deployNetwork } from '../../helpers/network';
import { Step } from '../../helpers/step';
import { expectTrace, transactionsAt } from '../../helpers/traces';
import { raiseUnforgiven, ViolationError } from '../../helpers/watch';

const YEAR = 31536000;

/** A cell of some size, so that forward fees have a part per bit. */
const bulky = comment('x'.repeat(300));

async function violationOf(chain: Chain, act: () => Promise<unknown> | void): Promise<string> {
    await expect((async () => await act())()).rejects.toThrow(ViolationError);
    const violations = chain.checks.takeViolations();
    expect(violations.length).toBeGreaterThan(0);
    return violations.join('\n');
}

/** Changes the step of the first transaction that `wanted` picks. */
function plantOnce(chain: Chain, wanted: (step: Step) => boolean, change: (step: Step) => Step): void {
    let planted = false;
    chain.checks.tamper((step) => {
        if (planted || !wanted(step)) {
            return step;
        }
        planted = true;
        return change(step);
    });
}

function withAfterBalance(step: Step, add: bigint): Step {
    const after = step.after!;
    const balance = { ...after.storage.balance, coins: after.storage.balance.coins + add };
    return { ...step, after: { ...after, storage: { ...after.storage, balance } } };
}

function withValueIn(step: Step, add: bigint): Step {
    const message = step.transaction.inMessage!;
    if (message.info.type !== 'internal') {
        throw new Error('No value comes from outside');
    }
    const info = { ...message.info, value: { ...message.info.value, coins: message.info.value.coins + add } };
    return { ...step, transaction: { ...step.transaction, inMessage: { ...message, info } } };
}

function withOut(step: Step, change: (message: Message) => Message | null): Step {
    const outMessages = Dictionary.empty<number, Message>();
    for (const [index, message] of step.transaction.outMessages) {
        const changed = change(message);
        if (changed) {
            outMessages.set(index, changed);
        }
    }
    return { ...step, transaction: { ...step.transaction, outMessages } };
}

describe.each(PRICE_SETS)('conservation at %s prices', (prices) => {
    const fixture = useChain({ prices });
    let chain: Chain;
    let alice: Wallet;
    let bob: Wallet;

    beforeEach(async () => {
        chain = fixture.chain;
        alice = await chain.wallet('alice');
        bob = await chain.wallet('bob');
    });

    describe('holds', () => {
        it('for transfers with bodies and references', async () => {
            await chain.send(alice, { to: bob, value: toNano(3), body: bulky });
            await chain.sendAll(alice, [
                { to: bob, value: 1n },
                { to: bob, value: 0n, body: beginCell().storeRef(bulky).storeRef(bulky).endCell() },
            ]);
            expect(chain.checks.ledger.pending).toBe(0);
        });

        it('for a bounce off an account without code, and for one that cannot pay the bounce', async () => {
            const bounced = await chain.send(alice, { to: strayAddress(1), value: toNano(1), body: bulky });
            expectTrace(bounced, [
                { from: alice, to: strayAddress(1), exitCode: 'skipped' },
                { from: strayAddress(1), to: alice },
            ]);
            const stuck = await chain.send(alice, { to: strayAddress(2), value: 1n, body: bulky });
            expectTrace(stuck, [{ from: alice, to: strayAddress(2), exitCode: 'skipped' }]);
        });

        it('for a message that stays where no code is', async () => {
            await chain.send(alice, { to: strayAddress(3), value: toNano(1), bounce: false });
            expect(await chain.balance(strayAddress(3))).toBe(toNano(1));
        });

        it('for an action phase that fails', async () => {
            const result = await chain.send(alice, { to: bob, value: toNano(2_000_000) });
            const [transaction] = transactionsAt(result, alice);
            const { description } = transaction!;
            expect(description.type === 'generic' && description.actionPhase?.resultCode).toBe(37);
        });

        it('for a whole balance with mode 128 and the account destroyed with 32', async () => {
            await chain.send(alice, {
                to: bob,
                value: 0n,
                sendMode: SendMode.CARRY_ALL_REMAINING_BALANCE | SendMode.DESTROY_ACCOUNT_IF_ZERO,
            });
            expect(await chain.isGone(alice)).toBe(true);
        });

        it('for flags of the bounce format, which are in the field of the IHR fee and are no money', async () => {
            const message = internal({ to: strayAddress(4), value: toNano(1), body: bulky });
            const flagged = { ...message, info: { ...message.info, ihrFee: 1n } as typeof message.info };
            await alice.sendMessages([flagged], SendMode.PAY_GAS_SEPARATELY);
            expect(await chain.balance(strayAddress(4))).toBe(0n);
        });

        it('for the masterchain', async () => {
            await chain.send(alice, { to: strayAddress(5, -1), value: toNano(1), bounce: false, body: bulky });
            expect(await chain.balance(strayAddress(5, -1))).toBe(toNano(1));
        });

        it('for value from outside', async () => {
            await chain.blockchain.sendMessage(
                fromNowhere({ from: strayAddress(8), to: bob.address, value: toNano(1), body: bulky }),
            );
        });

        it('for rent, rent in arrears, and an account that rent froze', async () => {
            await chain.setBalance(alice, 1000n);
            chain.pass(5 * YEAR);
            await chain.send(bob, { to: alice, value: 1n, bounce: false });
            chain.pass(50 * YEAR);
            await chain.send(bob, { to: alice, value: toNano(5), bounce: false });
            await chain.send(bob, { to: alice, value: toNano(5) });
            expect(await chain.balance(alice)).toBeGreaterThan(toNano(4));
        });

        it('for a network, its jobs, and their events', async () => {
            const { provider } = await deployNetwork({ prices });
            const job = await Job.prepare(provider);
            await job.post();
            await job.accept();
            await job.submit();
            const quoted = await Job.prepare(provider, { nonce: 2n });
            await quoted.postQuoted();
        });

        it('for interleaved traces', async () => {
            const iterators = await Promise.all(
                [alice, bob].map(async (wallet) =>
                    chain.blockchain.sendMessageIter(
                        fromNowhere({ from: strayAddress(8), to: wallet.address, value: toNano(1), body: bulky }),
                        { allowParallel: true },
                    ),
                ),
            );
            for (const iterator of iterators) {
                await iterator.next();
            }
            chain.checks.verify();
        });

        it('through snapshots', async () => {
            const before = await chain.balance(alice);
            await chain.rewinding(async () => {
                await chain.send(alice, { to: bob, value: toNano(3) });
                expect(await chain.balance(alice)).toBeLessThan(before);
            });
            expect(await chain.balance(alice)).toBe(before);
            await chain.send(alice, { to: bob, value: toNano(4) });
        });

        it('for a balance that the test announces', async () => {
            await chain.setBalance(alice, 123_456_789_012n);
            await chain.plant(strayAddress(6), {
                code: beginCell().endCell(),
                data: beginCell().endCell(),
                balance: 5n,
            });
            await chain.send(alice, { to: bob, value: 1n });
        });
    });

    describe('catches', () => {
        it.each([1n, -1n])('a balance that changed by %d without a message, at the next message', async (off) => {
            (await chain.blockchain.getContract(alice.address)).balance += off;
            const violation = await violationOf(chain, () => chain.send(bob, { to: strayAddress(7), value: 1n }));
            expect(violation).toMatch(
                new RegExp(`the balance of alice is \\d+ nanoTON, ${off} nanoTON off the ledger's \\d+ nanoTON`),
            );
        });

        it('a balance that changed by one nanoTON after the last message', async () => {
            (await chain.blockchain.getContract(bob.address)).balance -= 1n;
            expect(await violationOf(chain, () => chain.checks.verify())).toContain('-1 nanoTON off');
        });

        it('an account that vanished', async () => {
            const snapshots = chain.blockchain as unknown as { storage: { clearKnownContracts(): void } };
            snapshots.storage.clearKnownContracts();
            expect(await violationOf(chain, () => chain.checks.verify())).toContain('is gone from the chain');
        });

        it.each([
            ['lost', -1n],
            ['made', 1n],
        ])('a nanoTON that a transaction %s', async (word, add) => {
            plantOnce(
                chain,
                (step) => step.address.equals(bob.address),
                (step) => withAfterBalance(step, add),
            );
            expect(await violationOf(chain, () => chain.send(alice, { to: bob, value: toNano(1) }))).toMatch(
                new RegExp(`empty at bob ${word} 1 nanoTON`),
            );
        });

        it.each([1n, -1n])('a message that brings %d nanoTON more than was sent', async (add) => {
            plantOnce(
                chain,
                (step) => step.address.equals(bob.address),
                (step) => withValueIn(step, add),
            );
            const violation = await violationOf(chain, () => chain.send(alice, { to: bob, value: toNano(1) }));
            expect(violation).toContain(`brought ${toNano(1) + add} nanoTON, but ${toNano(1)} nanoTON was sent`);
        });

        it('a message that is lost on its way', async () => {
            plantOnce(
                chain,
                (step) => step.address.equals(alice.address),
                (step) => withOut(step, () => null),
            );
            expect(await violationOf(chain, () => chain.send(alice, { to: bob, value: toNano(1) }))).toContain(
                'external at alice lost',
            );
        });

        it('a forward fee that is a nanoTON short', async () => {
            plantOnce(
                chain,
                (step) => step.address.equals(alice.address),
                (step) =>
                    withOut(step, (message) => ({
                        ...message,
                        info:
                            message.info.type === 'internal'
                                ? { ...message.info, forwardFee: message.info.forwardFee - 1n }
                                : message.info,
                    })),
            );
            expect(await violationOf(chain, () => chain.send(alice, { to: bob, value: toNano(1) }))).toContain(
                'lost 1 nanoTON',
            );
        });

        it('total fees that are not the sum of the phases', async () => {
            plantOnce(
                chain,
                (step) => step.address.equals(bob.address),
                (step) => {
                    const totalFees = { coins: step.transaction.totalFees.coins + 1n };
                    return withAfterBalance({ ...step, transaction: { ...step.transaction, totalFees } }, -1n);
                },
            );
            expect(await violationOf(chain, () => chain.send(alice, { to: bob, value: toNano(1) }))).toMatch(
                /the fees of empty at bob are \d+ nanoTON, 1 nanoTON off/,
            );
        });

        it('an import fee that is not the price of the external message', async () => {
            plantOnce(
                chain,
                (step) => step.address.equals(alice.address),
                (step) => {
                    const totalFees = { coins: step.transaction.totalFees.coins - 1n };
                    return withAfterBalance({ ...step, transaction: { ...step.transaction, totalFees } }, 1n);
                },
            );
            expect(await violationOf(chain, () => chain.send(alice, { to: bob, value: toNano(1) }))).toMatch(
                /the fees of external at alice are \d+ nanoTON, -1 nanoTON off/,
            );
        });

        it('a snapshot of another chain', async () => {
            const other = await Chain.create({ prices });
            await expect(chain.blockchain.loadFrom(other.blockchain.snapshot())).rejects.toThrow(
                'was not taken from this watched chain',
            );
        });
    });
});

describe('a violation', () => {
    it('fails its test even if the test catches it', async () => {
        const chain = await Chain.create();
        const alice = await chain.wallet('alice');
        (await chain.blockchain.getContract(alice.address)).balance += 1n;
        await expect(chain.send(alice, { to: alice, value: 1n })).rejects.toThrow(ViolationError);
        expect(raiseUnforgiven).toThrow('1 nanoTON off');
        expect(raiseUnforgiven).not.toThrow();
    });

    it('names the account and the message', async () => {
        const { chain, provider } = await deployNetwork();
        const job = await Job.prepare(provider);
        await job.post();
        plantOnce(
            chain,
            (step) => step.address.equals(job.escrow),
            (step) => withAfterBalance(step, -5n),
        );
        expect(await violationOf(chain, () => job.accept())).toContain('JobAccepted at JobEscrow lost 5 nanoTON');
    });

    it('needs no contract to be found: unknown accounts count too', async () => {
        const chain = await Chain.create();
        const alice = await chain.wallet('alice');
        await chain.send(alice, { to: strayAddress(9), value: toNano(1), bounce: false });
        (await chain.blockchain.getContract(strayAddress(9))).balance -= 1n;
        expect(await violationOf(chain, () => chain.checks.verify())).toContain('-1 nanoTON off');
    });
});

describe('the chain', () => {
    it('is testnet at the fixed time, with the prices asked for', async () => {
        const [older, newer] = await Promise.all(PRICE_SETS.map((prices) => Chain.create({ prices })));
        expect(older!.now).toBe(GENESIS);
        expect(new Date(GENESIS * 1000).toISOString()).toBe('2026-11-01T00:00:00.000Z');
        // Basechain: 400 nanoTON per gas before the cut of 2026, 66.67 after it; no charge per stored bit any more.
        expect(older!.prices).toMatchObject({ gasPrice: 400n << 16n, lumpPrice: 400_000n, storageBitPrice: 1n });
        expect(newer!.prices).toMatchObject({ gasPrice: 4_369_067n, lumpPrice: 66_667n, storageBitPrice: 0n });
    });
});
