import { toNano } from '@ton/core';
import { Chain, strayAddress } from '../../helpers/chain';
import { labelOf, opcodeName, opcodeOf, operationOf } from '../../helpers/labels';
import { Job } from '../../helpers/jobs';
import { body, deployNetwork } from '../../helpers/network';
import { describeTrace, eventsOf, expectTrace, gasOf, received, transactionAt } from '../../helpers/traces';

describe('expectTrace', () => {
    it('compares every listed field, and counts', async () => {
        const chain = await Chain.create();
        const alice = await chain.wallet('alice');
        const to = strayAddress(1);
        const trace = await chain.send(alice, { to, value: toNano(1), body: body('Settle').endCell() });
        const first = { from: alice, to, op: 'Settle', exitCode: 'skipped' as const, value: toNano(1), messagesOut: 1 };
        const second = { from: to, to: alice, op: 'bounced Settle', exitCode: 0 };
        expectTrace(trace, [first, second]);
        expect(() => expectTrace(trace, [first])).toThrow('2 transactions instead of 1');
        expect(() => expectTrace(trace, [first, second, second])).toThrow('2 transactions instead of 3');
        expect(() => expectTrace(trace, [{ ...first, exitCode: 0x102 }, second])).toThrow(
            '#1 exitCode: skipped instead of 258 (0x102)',
        );
        expect(() => expectTrace(trace, [{ ...first, op: 'Withdraw' }, second])).toThrow(
            '#1 op: Settle instead of Withdraw',
        );
        expect(() => expectTrace(trace, [{ ...first, value: 1n }, second])).toThrow(
            '#1 value: 1000000000 instead of 1',
        );
        expect(() => expectTrace(trace, [{ ...first, messagesOut: 0 }, second])).toThrow(
            '#1 messagesOut: 1 instead of 0',
        );
        expect(() => expectTrace(trace, [first, { ...second, from: alice }])).toThrow('#2 from:');
        expect(() => expectTrace(trace, [first, { ...second, to }])).toThrow('#2 to: alice instead of');
        expect(() => expectTrace(trace, [first, { ...second, destroyed: true }])).toThrow('#2 destroyed');
        expect(() => expectTrace(trace, [first, { ...second, actionResultCode: 37 }])).toThrow('#2 actionResultCode');
        expect(() => expectTrace(trace, [first, { ...second, success: false }])).toThrow('#2 success');
        expect(() => expectTrace(trace, [first, { ...second, events: 1 }])).toThrow('#2 events');
    });

    it('defaults to success, so that a failure cannot pass unseen', async () => {
        const { chain, provider } = await deployNetwork();
        const stranger = await chain.wallet('stranger');
        const trace = await chain.send(stranger, {
            to: provider.stake,
            value: toNano(1),
            body: body('ResetAllowanceUsed').endCell(),
        });
        expect(() => expectTrace(trace, [{ op: 'ResetAllowanceUsed' }, { op: 'bounced ResetAllowanceUsed' }])).toThrow(
            '#1 exitCode: 257 (0x101) instead of 0',
        );
        expectTrace(trace, [{ op: 'ResetAllowanceUsed', exitCode: 0x101 }, { op: 'bounced ResetAllowanceUsed' }]);
    });

    it('refuses a wallet that could not send', async () => {
        const chain = await Chain.create();
        const alice = await chain.wallet('alice');
        const trace = await chain.send(alice, { to: strayAddress(1), value: toNano(2_000_000) });
        expect(() => expectTrace(trace, [])).toThrow('The wallet alice could not send');
    });

    it('shows a table', async () => {
        const { provider } = await deployNetwork();
        const job = await Job.prepare(provider);
        await job.post();
        const table = describeTrace(await job.accept()).split('\n');
        expect(table).toHaveLength(5);
        expect(table[2]).toMatch(/^2 {2}provider\.operator {2}ProviderStake +AcceptJob +0 +0 +1000000000 +2 +0$/);
    });
});

describe('figures of a trace', () => {
    it('sums gas over accounts, and what arrived', async () => {
        const { network, provider } = await deployNetwork();
        const job = await Job.prepare(provider);
        await job.post();
        const trace = await job.accept();
        const atStake = gasOf(trace, [provider.stake]);
        const atEscrow = gasOf(trace, [job.escrow]);
        expect(atStake).toBeGreaterThan(5000n);
        expect(gasOf(trace, [provider.stake, job.escrow])).toBe(atStake + atEscrow);
        expect(gasOf(trace)).toBe(atStake + atEscrow + gasOf(trace, [provider.operator]));
        expect(gasOf(trace, [network.registry])).toBe(0n);
        const accepted = transactionAt(trace, job.escrow, 'JobAccepted').inMessage!.info;
        expect(received(trace, job.escrow)).toBe(accepted.type === 'internal' ? accepted.value.coins : 0n);
        expect(() => transactionAt(trace, job.escrow, 'Settle')).toThrow('0 transactions Settle at JobEscrow');
        expect(eventsOf(trace)).toEqual([]);
    });
});

describe('labels', () => {
    it('name accounts and messages', () => {
        expect(opcodeOf('Settle')).toBe(0x50530001);
        expect(opcodeName(0x50530001)).toBe('Settle');
        expect(opcodeName(5)).toBe('0x00000005');
        expect(() => opcodeOf('Nothing')).toThrow('No contract declares a message Nothing');
        expect(operationOf(undefined)).toBe('empty');
        expect(labelOf(null)).toBe('outside');
        expect(labelOf(strayAddress(0xab))).toBe('0:ababab…');
    });
});
