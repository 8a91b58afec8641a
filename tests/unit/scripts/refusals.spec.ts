import { Address, beginCell, toNano } from '@ton/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run as deployNetwork } from '../../../scripts/deployNetwork';
import { run as inspectNetwork } from '../../../scripts/inspectNetwork';
import { run as inspectProvider } from '../../../scripts/inspectProvider';
import { readChain } from '../../../scripts/lib/chain';
import { deploymentPath } from '../../../scripts/lib/deployments';
import { run as openStake } from '../../../scripts/openStake';
import { run as setPayees } from '../../../scripts/setPayees';
import { run as topUpStake } from '../../../scripts/topUpStake';
import { DEFAULT_PRICES } from '../../../wrappers';
import { useChain } from '../../helpers/fixture';
import { BlueprintShim } from './blueprint';
import { roles, rolesWithProvider, useRoles } from './roles';

describe('mainnet', () => {
    const all = useRoles(() => roles({ globalId: -239 }));

    it('is refused, and entered with --mainnet', async () => {
        const { desk, governor, owner, profileFile } = all();
        await expect(desk.run(deployNetwork, governor)).rejects.toMatchObject({
            name: 'ScriptError',
            code: 'mainnet-refused',
        });
        expect(existsSync(desk.file)).toBe(false);
        await desk.twice(deployNetwork, governor, '--mainnet');
        expect(desk.read().globalId).toBe(-239);
        const stake = ['--amount', '1000', '--profile', profileFile];
        await expect(desk.run(openStake, owner, ...stake)).rejects.toMatchObject({ code: 'mainnet-refused' });
        await desk.twice(openStake, owner, ...stake, '--mainnet');
        await desk.run(inspectNetwork, owner);
    });
});

describe('a chain of before the global version 11', () => {
    const all = useRoles(() => roles({ globalVersion: 10 }));

    it('opens no network, and nothing is sent', async () => {
        const { chain, desk, governor } = all();
        const before = await chain.balance(governor);
        await expect(desk.run(deployNetwork, governor)).rejects.toMatchObject({
            name: 'ScriptError',
            code: 'old-chain',
            message: expect.stringContaining('global version 10') as string,
        });
        expect(await chain.balance(governor)).toBe(before);
    });
});

describe('the global id', () => {
    const fixture = useChain({ prices: '2026-06' });

    it('and the prices are the configuration account’s', async () => {
        const { chain } = fixture;
        const shim = new BlueprintShim(chain, await chain.wallet('owner'), { network: 'mainnet' });
        expect(await readChain(shim)).toMatchObject({
            network: 'mainnet',
            globalId: -3,
            globalVersion: 12,
            prices: { gas: { price: 4_369_067n } },
        });
    });

    it.each([
        ['mainnet', -239],
        ['testnet', -3],
    ] as const)('follows from the name %s if there is no configuration', async (network, globalId) => {
        const { chain } = fixture;
        const shim = new BlueprintShim(chain, await chain.wallet('owner'), { network, hideConfig: true });
        const found = await readChain(shim);
        expect(found).toMatchObject({ network, globalId, prices: DEFAULT_PRICES });
        expect(deploymentPath(found)).toBe(join('deployments', `${network}.json`));
    });

    it('is unknown on a custom network without a configuration', async () => {
        const { chain } = fixture;
        const shim = new BlueprintShim(chain, await chain.wallet('owner'), { hideConfig: true });
        await expect(readChain(shim)).rejects.toMatchObject({ name: 'ScriptError', code: 'unknown-chain' });
    });
});

describe('other code at a derived address', () => {
    const all = useRoles(rolesWithProvider);
    const other = { code: beginCell().storeUint(1, 8).endCell(), data: beginCell().endCell(), balance: toNano(1) };

    it('stops the deployment of a network', async () => {
        const { chain, desk, governor } = all();
        await chain.plant(Address.parse(desk.read().registry), other);
        await expect(desk.run(deployNetwork, governor)).rejects.toMatchObject({ code: 'wrong-code' });
        await expect(desk.run(inspectNetwork, governor)).rejects.toMatchObject({ code: 'wrong-code' });
    });

    it.each([
        ['stake', 'ProviderStake'],
        ['settlement', 'PayoutSettlement'],
    ])('stops whoever would send to a provider, at its %s', async (which, name) => {
        const { chain, desk, owner } = all();
        const address: string = desk.read().providers[owner.address.toString()][which];
        await chain.plant(Address.parse(address), other);
        for (const [script, ...args] of [[topUpStake, '--to', '2000'], [inspectProvider]] as const) {
            await expect(desk.run<object>(script, owner, ...args)).rejects.toMatchObject({
                code: 'wrong-code',
                message: expect.stringContaining(`instead of ${name}'s`),
            });
        }
    });
});

describe('arguments', () => {
    const all = useRoles(rolesWithProvider);

    const bad: [string, string[], string, string][] = [
        ['a missing flag', [], 'missing-argument', '--to <TON> is missing'],
        ['no amount', ['--to', 'much'], 'bad-argument', '--to: "much" is not an amount in TON such as 12.5'],
        ['a negative amount', ['--to', '-5'], 'bad-argument', '--to: "-5" is not an amount'],
        ['too many decimals', ['--to', '1.0000000001'], 'bad-argument', '--to'],
        ['an unknown flag', ['--to', '5', '--form', '6'], 'bad-argument', "unknown option '--form'"],
        ['a stray word', ['--to', '5', 'six'], 'bad-argument', 'too many arguments'],
        ['no address', ['--to', '5', '--owner', 'EQx'], 'bad-argument', '--owner: "EQx" is not an address'],
        ['no duration', ['--to', '5', '--timeout', 'soon'], 'bad-argument', '--timeout'],
    ];
    it.each(bad)('%s', async (_, args, code, message) => {
        const { desk, owner } = all();
        await expect(desk.run(topUpStake, owner, ...args)).rejects.toMatchObject({
            name: 'ScriptError',
            code,
            message: expect.stringContaining(message),
        });
    });

    const badProfiles: [string, unknown, string][] = [
        ['no object', [], 'is not an object'],
        ['a missing field', { operator: undefined }, 'operator: nothing is not an address'],
        ['an unknown field', { colour: 'red' }, 'colour is no field here'],
        ['a short key', { signingKey: '0xab' }, 'signingKey: "0xab" is not 32 bytes'],
        ['a bad offer', { offers: [{ modelRoot: 'x' }] }, 'offers: [0]: modelRoot: "x" is not 32 bytes'],
    ];
    it.each(badProfiles)('a profile with %s', async (_, change, message) => {
        const { desk, owner, profile } = all();
        const file = desk.write('bad.json', Array.isArray(change) ? change : { ...profile, ...(change as object) });
        await expect(desk.run(openStake, owner, '--amount', '1', '--profile', file)).rejects.toMatchObject({
            code: 'bad-argument',
            message: expect.stringContaining(message),
        });
    });

    it('files that are missing or no JSON, payees that are malformed', async () => {
        const { desk, owner } = all();
        const stake = (file: string) => desk.run(openStake, owner, '--amount', '1', '--profile', file);
        await expect(stake('/nowhere/profile.json')).rejects.toThrow('cannot be read');
        await expect(stake(desk.write('no.json', Buffer.from('{')))).rejects.toThrow('is not JSON');
        await expect(desk.run(setPayees, owner, '--payee', 'nobody')).rejects.toThrow('<address>:<basis points>');
        const half = `${owner.address.toString()}:5000`;
        await expect(desk.run(setPayees, owner, '--payee', half)).rejects.toMatchObject({
            name: 'InputError',
            code: 'bps-sum',
        });
    });

    it('a network that is not named, or of another chain, or recorded otherwise', async () => {
        const { chain, desk, owner, governor } = all();
        const shim = () => new BlueprintShim(chain, owner);
        const nowhere = join(desk.folder, 'nowhere.json');
        await expect(inspectNetwork(shim(), ['--file', nowhere])).rejects.toMatchObject({ code: 'missing-argument' });
        await expect(
            inspectNetwork(shim(), ['--file', nowhere, '--registry', owner.address.toString()]),
        ).rejects.toMatchObject({ code: 'wrong-code' });
        const empty = new Address(0, Buffer.alloc(32, 9)).toString();
        await expect(inspectNetwork(shim(), ['--file', nowhere, '--registry', empty])).rejects.toMatchObject({
            code: 'not-found',
        });
        const foreign = desk.write('foreign.json', { ...desk.read(), globalId: 5 });
        await expect(inspectNetwork(shim(), ['--file', foreign])).rejects.toMatchObject({ code: 'wrong-deployment' });
        await expect(desk.run(deployNetwork, governor, '--salt', '1')).rejects.toMatchObject({
            code: 'wrong-deployment',
        });
    });

    it('a message that never arrives', async () => {
        const { chain, desk, owner } = all();
        const shim = new BlueprintShim(chain, owner);
        shim.offline = true;
        const { now } = chain;
        await expect(topUpStake(shim, ['--to', '5000', '--timeout', '10s', '--file', desk.file])).rejects.toMatchObject(
            { code: 'no-answer' },
        );
        expect(chain.now - now).toBe(10);
    });

    it('a message with too little value', async () => {
        const { desk, owner } = all();
        await expect(desk.run(topUpStake, owner, '--to', '5000', '--value', '1')).rejects.toMatchObject({
            code: 'refused',
            message: expect.stringContaining('ERROR_INSUFFICIENT_VALUE'),
        });
    });
});

describe('every script', () => {
    const folder = join(__dirname, '../../../scripts');
    const names = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    const fixture = useChain();

    it.each(names)('%s has run() and explains itself', async (name) => {
        const { run } = (await import(join(folder, name))) as { run: (shim: BlueprintShim, args: string[]) => unknown };
        const shim = new BlueprintShim(fixture.chain, await fixture.chain.wallet('owner'));
        expect(await run(shim, ['--help'])).toBeNull();
        const help = shim.output.join('\n');
        expect(help).toContain(`npx blueprint run ${name.slice(0, -3)}`);
        expect(help).toContain('--json');
        expect(readFileSync(join(folder, name), 'utf8').split('\n').length).toBeLessThan(90);
    });
});
