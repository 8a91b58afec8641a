import { toNano } from '@ton/core';
import { networkParamsCell, profileCell, registryInit } from '../../helpers/cells';
import { Chain, SendOptions, strayAddress, Wallet } from '../../helpers/chain';
import { body, Network, openNetwork, openProvider, openStakeBody, prepareProvider } from '../../helpers/network';
import { expectTrace } from '../../helpers/traces';

/** Of TVM: an instruction that it does not know. */
const INVALID_OPCODE = 6;
/** The first version that can read a message's value from its register. */
const NEEDED = 11;

const PLENTY = toNano(5);

/** A message that opens an account is refused at its first step, and all but fees returns. */
async function expectRefused(chain: Chain, from: Wallet, op: string, message: SendOptions): Promise<void> {
    const { to, init } = message;
    const before = await chain.balance(from);
    expectTrace(await chain.send(from, message), [
        { from, to, op, exitCode: INVALID_OPCODE },
        { from: to, to: from, op: `bounced ${op}` },
    ]);
    expect(await chain.balance(from)).toBeGreaterThan(before - toNano('0.2'));
    expect(await chain.balance(to)).toBe(0n);
    expect(await chain.data(to)).toEqualCell(init!.data!);
}

describe('Where the global version (config parameter 8) is one too low for the contracts', () => {
    let chain: Chain;
    beforeAll(async () => {
        chain = await Chain.create({ globalVersion: NEEDED - 1 });
    });

    /** A network whose Registry was never opened. */
    const nowhere = () => ({ chain, registry: strayAddress(7) }) as Network;

    it('no network opens', async () => {
        const governor = await chain.wallet('governor');
        const { address: to, init } = registryInit({ networkId: chain.globalId, governor: governor.address, salt: 0n });
        const params = networkParamsCell({
            feeBps: 200,
            minStake: toNano(100),
            unbondingPeriod: 1_209_600,
            timelockDelay: 172_800,
            treasury: governor.address,
            arbiter: governor.address,
            verifier: null,
        });
        const opening = body('OpenNetwork').storeRef(params).endCell();
        await expectRefused(chain, governor, 'OpenNetwork', { to, value: PLENTY, init, body: opening });
    });

    it('no stake opens, whatever its Registry is', async () => {
        const { owner, stake, stakeInit, amount, profile } = await prepareProvider(nowhere());
        const opening = openStakeBody(amount, profileCell(profile));
        const message = { to: stake, value: amount + PLENTY, init: stakeInit, body: opening };
        await expectRefused(chain, owner, 'OpenStake', message);
    });
});

it('with the next version both open', async () => {
    const chain = await Chain.create({ globalVersion: NEEDED });
    // Both expect the traces of success.
    await openProvider(await openNetwork(chain));
});
