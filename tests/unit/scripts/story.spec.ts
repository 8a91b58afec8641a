import { Address, toNano } from '@ton/core';
import { run as acceptJob } from '../../../scripts/acceptJob';
import { run as approveJob } from '../../../scripts/approveJob';
import { run as deployNetwork } from '../../../scripts/deployNetwork';
import { run as flushFees } from '../../../scripts/flushFees';
import { run as inspectJob } from '../../../scripts/inspectJob';
import { run as openStake } from '../../../scripts/openStake';
import { run as postJob } from '../../../scripts/postJob';
import { run as requestUnbond } from '../../../scripts/requestUnbond';
import { run as setPayees } from '../../../scripts/setPayees';
import { run as submitResult } from '../../../scripts/submitResult';
import { run as withdrawEarnings } from '../../../scripts/withdrawEarnings';
import { run as withdrawStake } from '../../../scripts/withdrawStake';
import { codeHashes } from '../../../wrappers';
import { PRICE_SETS } from '../../helpers/chain';
import { hexNamed, roles, useRoles } from './roles';

describe.each(PRICE_SETS)('the whole life of a job by scripts, prices %s', (prices) => {
    const all = useRoles(() => roles({ prices }));

    it('deploys, stakes, posts, accepts, submits, approves and withdraws, each step once', async () => {
        const { chain, desk, governor, owner, operator, client, arbiter, treasury, stranger, profileFile, termsFile } =
            all();
        const text = (of: { address: { toString(): string } }) => of.address.toString();

        const opened = await desk.twice(
            deployNetwork,
            governor,
            ...['--treasury', text(treasury), '--arbiter', text(arbiter), '--salt', '7'],
        );
        expect(opened.message).toBe('The network is open.');
        const hex = (hash: bigint) => `0x${hash.toString(16).padStart(64, '0')}`;
        const hashes = await codeHashes();
        expect(desk.read()).toEqual({
            network: 'custom',
            globalId: -3,
            registry: opened.contracts.Registry!.address,
            identity: { governor: text(governor), salt: '7' },
            params: {
                feeBps: 200,
                minStake: toNano(100).toString(),
                unbondingPeriod: 14 * 86400,
                timelockDelay: 2 * 86400,
                treasury: text(treasury),
                arbiter: text(arbiter),
                verifier: null,
            },
            codeHashes: {
                paymentChannel: hex(hashes.paymentChannel),
                registry: hex(hashes.registry),
                providerStake: hex(hashes.providerStake),
                jobEscrow: hex(hashes.jobEscrow),
                payoutSettlement: hex(hashes.payoutSettlement),
                attestationVerifier: hex(hashes.attestationVerifier),
                pckCertificate: hex(hashes.pckCertificate),
            },
            providers: {},
            jobs: {},
        });

        const staked = await desk.twice(openStake, owner, '--amount', '1000', '--profile', profileFile);
        expect(staked.message).toBe('The stake is registered with 1000 TON.');
        expect(desk.read().providers).toEqual({
            [text(owner)]: {
                stake: staked.contracts.ProviderStake!.address,
                settlement: staked.contracts.PayoutSettlement!.address,
            },
        });
        await desk.twice(
            setPayees,
            owner,
            '--payee',
            `${text(stranger)}:2500`,
            '--payee',
            `${text(owner)}:7500`,
            '--autopayout',
            'off',
        );

        await desk.twice(postJob, client, '--provider', text(owner), '--terms', termsFile);
        const [[escrow, job]] = Object.entries(desk.read().jobs) as [[string, { nonce: string }]];
        expect(job).toEqual({ client: text(client), provider: text(owner), nonce: job.nonce });

        const seen = await desk.run(inspectJob, operator, '--job', escrow, '--json');
        const { job: shown } = JSON.parse(seen.shim.output.at(-1)!);
        expect(shown).toMatchObject({ state: 'Open', client: text(client), provider: text(owner) });
        await desk.twice(acceptJob, operator, '--job', escrow, '--job-key', shown.jobKey);

        const byName = ['--provider', text(owner), '--client', text(client), '--nonce', job.nonce];
        await desk.twice(submitResult, operator, ...byName, '--result', hexNamed('result'), '--amount', '9.5');
        await desk.twice(approveJob, client, '--job', escrow, '--result', hexNamed('result'), '--amount', '9.5');
        expect(await chain.isGone(Address.parse(escrow))).toBe(true);

        const before = await chain.balance(stranger);
        await desk.twice(withdrawEarnings, owner);
        const quarter = (toNano('9.5') * 98n) / 400n;
        expect((await chain.balance(stranger)) - before).toBeGreaterThan(quarter - toNano('0.01'));
        const fees = await chain.balance(treasury);
        await desk.twice(flushFees, stranger, '--owner', text(owner));
        expect((await chain.balance(treasury)) - fees).toBeGreaterThan(toNano('0.18'));

        await desk.twice(requestUnbond, owner, '--amount', '400');
        await expect(desk.run(withdrawStake, owner)).rejects.toMatchObject({ name: 'StateError', code: 'too-early' });
        chain.pass(14 * 86400);
        await desk.twice(withdrawStake, owner);

        const again = await desk.run(postJob, client, '--provider', text(owner), '--terms', termsFile);
        expect(again.result).toMatchObject({ status: 'already', message: expect.stringContaining('has ended') });
    });
});
