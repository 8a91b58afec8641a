import { Builder, toNano } from '@ton/core';
import { attest, attestedUntil, FLOOR, packed, quoteOf, useAttestation } from '../../fixtures/attestation/stage';
import { networkParamsCell } from '../../helpers/cells';
import { GENESIS } from '../../helpers/chain';
import { NetworkParams } from '../../helpers/layout';
import { body } from '../../helpers/network';
import { expectTrace } from '../../helpers/traces';

// How long a stake stays attested, whoever would like it otherwise.

const stage = useAttestation();

beforeEach(async () => {
    await attest(stage, packed(quoteOf(stage.provider)));
    expect(await attestedUntil(stage, stage.provider)).toBe(FLOOR.validUntil);
});

describe('The tier Attested, once given', () => {
    it('is not shortened by an older quote of the same keys, which anybody may send', async () => {
        const { chain, provider, verifier } = stage;
        const older = packed(quoteOf(provider, { pck: { serial: 5n, notAfter: GENESIS + 60 } }));
        const stranger = await chain.wallet('stranger');
        expectTrace(await attest(stage, older, { from: stranger }), [
            { from: stranger, to: verifier, op: 'AttestQuote' },
            { from: verifier, to: provider.stake, op: 'AttestationVerdict' },
            { from: verifier, to: stranger, op: 'Excesses' },
            { from: provider.stake, to: verifier, op: 'Excesses' },
        ]);
        expect(await attestedUntil(stage, provider)).toBe(FLOOR.validUntil);
    });

    it('ends when the network changes its verifier, or has none any more', async () => {
        for (const verifier of [null, stage.network.arbiter.address]) {
            await stage.chain.rewinding(async () => {
                await changeParams({ verifier });
                expect(await attestedUntil(stage, stage.provider)).toBe(0);
            });
        }
    });

    it('does not end when the network changes anything else', async () => {
        await changeParams({ minStake: stage.network.params.minStake + 1n });
        expect(await attestedUntil(stage, stage.provider)).toBe(FLOOR.validUntil);
    });
});

/** Through the timelock and to the stake. */
async function changeParams(changes: Partial<NetworkParams>): Promise<void> {
    const { chain, network, provider, submitter } = stage;
    const { governor, registry, params } = network;
    const tell = (message: Builder, from = governor) =>
        chain.send(from, { to: registry, value: toNano(3), body: message.endCell() });
    await tell(body('ProposeParams').storeRef(networkParamsCell({ ...params, ...changes })));
    chain.pass(params.timelockDelay);
    await tell(body('ExecuteProposal'), submitter);
    expectTrace(await tell(body('SyncParams').storeAddress(provider.owner.address), submitter), [
        { op: 'SyncParams' },
        { to: provider.stake, op: 'UpdateParams' },
        { to: submitter, op: 'Excesses' },
        { op: 'TillParams' },
        { to: submitter, op: 'Excesses' },
    ]);
}
