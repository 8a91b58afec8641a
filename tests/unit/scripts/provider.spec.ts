import { Address, toNano } from '@ton/core';
import { run as acceptJob } from '../../../scripts/acceptJob';
import { run as cancelUnbond } from '../../../scripts/cancelUnbond';
import { run as expireJob } from '../../../scripts/expireJob';
import { run as inspectJob } from '../../../scripts/inspectJob';
import { run as inspectProvider } from '../../../scripts/inspectProvider';
import { run as openStake } from '../../../scripts/openStake';
import { run as pause } from '../../../scripts/pause';
import { run as postJob } from '../../../scripts/postJob';
import { run as releaseStaleLock } from '../../../scripts/releaseStaleLock';
import { run as requestUnbond } from '../../../scripts/requestUnbond';
import { run as resetAllowanceUsed } from '../../../scripts/resetAllowanceUsed';
import { run as retryRegister } from '../../../scripts/retryRegister';
import { run as topUpStake } from '../../../scripts/topUpStake';
import { run as updateProfile } from '../../../scripts/updateProfile';
import { run as withdrawStake } from '../../../scripts/withdrawStake';
import { Roles, rolesInNetwork, rolesWithProvider, useRoles } from './roles';

const DAY = 86_400;

describe('registration', () => {
    const all = useRoles(rolesInNetwork);

    it('a stake below the minimum is refused in words, topped up, and admitted', async () => {
        const { desk, owner, stranger, profileFile } = all();
        await expect(desk.run(openStake, owner, '--amount', '60', '--profile', profileFile)).rejects.toMatchObject({
            name: 'StateError',
            message: expect.stringContaining('run topUpStake'),
        });
        await expect(desk.run(openStake, owner, '--amount', '60', '--profile', profileFile)).rejects.toMatchObject({
            code: 'wrong-state',
            message: expect.stringContaining('is open but was refused'),
        });
        await desk.twice(topUpStake, stranger, '--to', '100', '--owner', owner.address.toString());
        await desk.twice(retryRegister, owner);
        expect((await desk.run(openStake, owner, '--amount', '60', '--profile', profileFile)).result.status).toBe(
            'already',
        );
    });

    it('while the network is paused a stake is refused, and can be closed', async () => {
        const { desk, governor, owner, chain, profileFile } = all();
        await desk.twice(pause, governor, '--for', '12h');
        await expect(desk.run(openStake, owner, '--amount', '1000', '--profile', profileFile)).rejects.toThrow(
            'the network is paused',
        );
        const before = await chain.balance(owner);
        await desk.run(withdrawStake, owner);
        expect((await chain.balance(owner)) - before).toBeGreaterThan(toNano('999'));
        const again = await desk.run(withdrawStake, owner);
        expect(again.result.message).toBe('There is no stake, so nothing to withdraw.');
        chain.pass(13 * 3600);
        await desk.twice(openStake, owner, '--amount', '1000', '--profile', profileFile);
    });

    it('there is nothing to retry without a stake', async () => {
        const { desk, owner } = all();
        await expect(desk.run(retryRegister, owner)).rejects.toMatchObject({ code: 'not-found' });
    });
});

describe('the owner of a registered stake', () => {
    const all = useRoles(rolesWithProvider);

    it('tops up, changes the profile, unbonds, thinks better of it', async () => {
        const { desk, owner, profile } = all();
        const topped = await desk.twice(topUpStake, owner, '--to', '1500');
        expect(topped.message).toBe('The stake holds 1500 TON.');
        const changed = desk.write('changed.json', { ...profile, endpoint: 'https://elsewhere.example' });
        await desk.twice(updateProfile, owner, '--profile', changed);
        await desk.twice(requestUnbond, owner, '--amount', '100');
        await expect(desk.run(requestUnbond, owner, '--amount', '200')).rejects.toMatchObject({ code: 'wrong-state' });
        await desk.twice(cancelUnbond, owner);
        const { shim } = await desk.run(inspectProvider, owner);
        expect(shim.output[0]).toMatch(/stake +1500 TON/);
        expect(shim.output[0]).toMatch(/endpoint +https:\/\/elsewhere\.example/);
    });

    it('pays for lateness, resets the allowance, and frees a lock that nobody freed', async () => {
        const { desk, chain, owner, operator, client, stranger } = all();
        const [late, stale] = [await accepted(all(), '1'), await accepted(all(), '2')];
        await expect(desk.run(expireJob, stranger, '--job', late)).rejects.toMatchObject({ code: 'too-early' });
        chain.pass(3 * 3600);
        await desk.twice(expireJob, stranger, '--job', late);
        const { result } = await desk.run(inspectProvider, operator, '--owner', owner.address.toString());
        expect(result).toMatchObject({ record: { late: 1 }, stake: { stake: { words: '998 TON' } } });
        await desk.twice(resetAllowanceUsed, owner);

        await expect(
            desk.run(releaseStaleLock, client, '--slot', '1', '--owner', owner.address.toString()),
        ).rejects.toMatchObject({ code: 'too-early' });
        chain.pass(60 * DAY);
        await desk.twice(releaseStaleLock, client, '--slot', '1', '--owner', owner.address.toString());
        expect(await chain.isActive(Address.parse(stale))).toBe(true);
    });
});

async function accepted({ desk, client, owner, operator, termsFile }: Roles, nonce: string): Promise<string> {
    const posted = await desk.twice(
        postJob,
        client,
        ...['--provider', owner.address.toString(), '--terms', termsFile, '--nonce', nonce],
    );
    const escrow = posted.contracts.JobEscrow!.address;
    const { result } = await desk.run(inspectJob, operator, '--job', escrow);
    const { jobKey } = (result as { job: { jobKey: string } }).job;
    await desk.twice(acceptJob, operator, '--job', escrow, '--job-key', jobKey);
    return escrow;
}
