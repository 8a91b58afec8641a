import { run as acceptGovernor } from '../../../scripts/acceptGovernor';
import { run as cancelProposal } from '../../../scripts/cancelProposal';
import { run as deployNetwork } from '../../../scripts/deployNetwork';
import { run as executeProposal } from '../../../scripts/executeProposal';
import { run as inspectNetwork } from '../../../scripts/inspectNetwork';
import { run as pause } from '../../../scripts/pause';
import { run as proposeGovernor } from '../../../scripts/proposeGovernor';
import { run as proposeModel } from '../../../scripts/proposeModel';
import { run as proposeParams } from '../../../scripts/proposeParams';
import { run as syncParams } from '../../../scripts/syncParams';
import { hexNamed, rolesWithProvider, useRoles } from './roles';

const DAY = 86_400;

describe('the governor', () => {
    const all = useRoles(rolesWithProvider);

    it('changes parameters behind the timelock, and anybody carries them to the providers', async () => {
        const { desk, chain, governor, owner, stranger } = all();
        await desk.twice(proposeParams, governor, '--fee-bps', '150', '--timelock-delay', '3d');
        await expect(desk.run(proposeParams, governor, '--fee-bps', '100')).rejects.toMatchObject({
            code: 'wrong-state',
        });
        await expect(desk.run(executeProposal, stranger)).rejects.toMatchObject({ code: 'too-early' });
        chain.pass(2 * DAY);
        await desk.twice(executeProposal, stranger);
        const { result } = await desk.run(proposeParams, governor, '--fee-bps', '150');
        expect(result).toMatchObject({ status: 'already', message: 'The network has these parameters.' });
        await desk.twice(syncParams, stranger, '--owner', owner.address.toString());
        const { shim } = await desk.run(inspectNetwork, stranger);
        expect(shim.output[0]).toMatch(/fee +1\.5 %/);
        expect(shim.output[0]).toMatch(/timelockDelay +3 d/);
        expect((await desk.run(deployNetwork, governor, '--fee-bps', '150')).result.message).toBe(
            'The network is open.',
        );
        expect((await desk.run(deployNetwork, governor, '--fee-bps', '200')).result.message).toContain('proposeParams');
    });

    it('lists and removes a model', async () => {
        const { desk, chain, governor, stranger } = all();
        const model = ['--model-root', hexNamed('model')];
        await desk.twice(proposeModel, governor, ...model, '--descriptor', 'digits 1.0');
        chain.pass(2 * DAY);
        await desk.twice(executeProposal, stranger);
        const listed = await desk.run(proposeModel, governor, ...model, '--descriptor', 'digits 1.0');
        expect(listed.result.message).toBe('The model is listed so.');
        await desk.twice(proposeModel, governor, ...model);
        await desk.twice(cancelProposal, governor);
        const { shim } = await desk.run(inspectNetwork, governor, '--json');
        expect(JSON.parse(shim.output[0]!)).toMatchObject({
            proposal: null,
            models: { [`0x${hexNamed('model')}`]: 'digits 1.0' },
        });
    });

    it('lets a proposal that has expired give way', async () => {
        const { desk, chain, governor } = all();
        await desk.run(proposeParams, governor, '--fee-bps', '150');
        chain.pass(16 * DAY);
        await desk.twice(proposeParams, governor, '--fee-bps', '150');
    });

    it('pauses, and waits for the cool-down', async () => {
        const { desk, chain, governor } = all();
        await desk.twice(pause, governor, '--for', '1d');
        chain.pass(DAY);
        await expect(desk.run(pause, governor, '--for', '1d')).rejects.toMatchObject({ code: 'too-early' });
        chain.pass(DAY);
        await desk.twice(pause, governor, '--for', '1d');
    });

    it('hands the office over in two steps; nobody else can', async () => {
        const { desk, governor, stranger } = all();
        const next = ['--governor', stranger.address.toString()];
        await expect(desk.run(proposeGovernor, stranger, ...next)).rejects.toMatchObject({
            name: 'ScriptError',
            code: 'refused',
            message: expect.stringContaining('exit code 257 (ERROR_WRONG_SENDER)'),
        });
        await desk.twice(proposeGovernor, governor, ...next);
        await desk.twice(acceptGovernor, stranger);
        expect((await desk.run(proposeGovernor, governor, ...next)).result.message).toBe('He is the governor.');
    });
});
