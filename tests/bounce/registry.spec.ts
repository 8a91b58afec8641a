import { beginCell, toNano } from '@ton/core';
import { profileCell } from '../helpers/cells';
import { strayAddress } from '../helpers/chain';
import { body } from '../helpers/network';
import { expectTrace } from '../helpers/traces';
import { bouncedBody, errorCode, inMasterchain, PLENTY, toRegistry, toStake, useMarket } from '../fixtures/stakes';

describe('A bounce at the Registry', () => {
    const m = useMarket({ registered: false });

    it('of anything from anybody is kept and changes nothing', async () => {
        const bodies = [
            bouncedBody(toStake.updateParams(m.network.params, 1, m.stranger.address)),
            bouncedBody(toStake.initialise(1n, m.network.params)),
            bouncedBody(toStake.refuse(1n, 1)),
            bouncedBody(toRegistry.pause(m.now + 1)),
            bouncedBody(body('Excesses').endCell()),
            beginCell().storeUint(0xffffffff, 32).endCell(),
        ];
        for (const from of [m.stake, m.stranger.address, m.governor.address, strayAddress(1), inMasterchain(m.stake)]) {
            for (const message of bodies) {
                await m.ignored(from, { to: m.registry, value: PLENTY, body: message, bounced: true });
            }
        }
    });

    it('of parameters for a stake that is not Registered leaves that stake as it was', async () => {
        await m.send(m.owner, {
            to: m.stake,
            value: toNano(55),
            init: m.provider.stakeInit,
            body: toStake.open(toNano(50), profileCell(m.provider.profile)),
        });
        expect((await m.data()).state).toBe(2);
        const before = await m.dataHash(m.stake);
        const registryBefore = await m.dataHash(m.registry);
        const trace = await m.send(m.stranger, {
            to: m.registry,
            value: PLENTY,
            body: toRegistry.sync(m.owner.address),
        });
        expectTrace(trace, [
            { from: m.stranger, to: m.registry, op: 'SyncParams' },
            { from: m.registry, to: m.stake, op: 'UpdateParams', exitCode: errorCode('WRONG_STATE') },
            { from: m.registry, to: m.stranger, op: 'Excesses' },
            { from: m.stake, to: m.registry, op: 'bounced UpdateParams', messagesOut: 0 },
        ]);
        expect(await m.dataHash(m.stake)).toBe(before);
        expect(await m.dataHash(m.registry)).toBe(registryBefore);
    });

    it('cannot follow an answer: answers to registrations do not bounce', async () => {
        const step = await m.step(m.owner, {
            to: m.stake,
            value: toNano(1005),
            init: m.provider.stakeInit,
            body: toStake.open(toNano(1000), profileCell(m.provider.profile)),
        });
        await step();
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdrawUnregistered() });
        const answered = await step();
        expect([...answered.outMessages.values()].map((message) => message.info)).toMatchObject([{ bounce: false }]);
        const late = await step();
        expect(late.outMessagesCount).toBe(0);
        await expect(step()).rejects.toThrow('The trace has ended');
    });
});
