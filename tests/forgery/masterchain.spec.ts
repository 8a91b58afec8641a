import { Address, beginCell, Cell, contractAddress, StateInit, toNano } from '@ton/core';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inMasterchain, Message, PLENTY, toRegistry, toStake } from '../fixtures/stakes';
import {
    channelInit,
    escrowInit,
    jobTermsCell,
    networkParamsCell,
    payeesCell,
    registryInit,
    stakeInit,
    tillInit,
} from '../helpers/cells';
import { NetworkParams } from '../helpers/layout';
import { body } from '../helpers/network';
import { MARKET_NAMES, MarketName } from '../helpers/sources';
import { withoutWallets } from '../helpers/traces';
import { CASES, stageCase } from './cases';
import { Scene, Situation, useScene } from './scene';

// The account id alone is no identity: the masterchain has one of the same number. An address there is refused wherever a message of a
// user's brings one, in every identity, and as an account's own. Senders there: senders.spec.ts.

const held = useScene();

/** One address of one cell. */
interface Row {
    /** Constructor and field in the schemas. */
    field: string;
    in: string;
    at: Situation;
    /** The message with that address, and who sends it. */
    make: (scene: Scene, at: (address: Address) => Address) => Promise<[from: Address, message: Message]>;
    error: string;
}

const openStake = (scene: Scene, change: Parameters<Scene['market']['profile']>[0]): [Address, Message] => {
    const { market } = scene;
    const { owner, stake, provider } = market;
    return [
        owner.address,
        {
            to: stake,
            init: provider.stakeInit,
            value: provider.amount + PLENTY,
            body: toStake.open(provider.amount, market.profile(change)),
        },
    ];
};

const paramsRow = (name: 'treasury' | 'arbiter' | 'verifier', message: 'OpenNetwork' | 'ProposeParams'): Row => ({
    field: `network_params.${name}`,
    in: message,
    at: 'network',
    error: 'NOT_BASECHAIN',
    make: async ({ market, unopenedRegistry }, at) => {
        const params: NetworkParams = { ...market.network.params, [name]: at(market.network.params[name]!) };
        const cell = networkParamsCell(params);
        const opening = message === 'OpenNetwork';
        return await Promise.resolve([
            market.governor.address,
            {
                to: opening ? unopenedRegistry.address : market.registry,
                init: opening ? unopenedRegistry.init : null,
                value: PLENTY,
                body: opening ? toRegistry.open(cell) : toRegistry.proposeParams(cell),
            },
        ]);
    },
});

/** The message of a case with one address in its body rewritten. */
const rewritten =
    (name: string, which: (scene: Scene) => Address): Row['make'] =>
    async (scene, at) => {
        const { from, message } = await stageCase(
            scene,
            CASES.find((one) => one.name === name)!,
        );
        const { body: exact } = message;
        const fresh = beginCell()
            .storeAddress(at(which(scene)))
            .endCell().bits;
        const start = bitString(exact).indexOf(bitString(beginCell().storeAddress(which(scene)).endCell()));
        expect(start).toBeGreaterThan(0);
        const changed = beginCell()
            .storeBits(exact.bits.substring(0, start))
            .storeBits(fresh)
            .storeBits(exact.bits.substring(start + 267, exact.bits.length - start - 267));
        exact.refs.forEach((ref) => changed.storeRef(ref));
        return [from, { ...message, body: changed.endCell() }];
    };

const bitString = ({ bits }: Cell) =>
    Array.from({ length: bits.length }, (_, index) => Number(bits.at(index))).join('');

const ROWS: Row[] = [
    {
        field: 'register_me.owner',
        in: 'RegisterMe',
        at: 'registering',
        // Another owner, another stake: this one is not the sender, and the other could never open.
        error: 'WRONG_SENDER',
        make: rewritten('RegisterMe', ({ market }) => market.owner.address),
    },
    {
        field: 'sync_params.owner',
        in: 'SyncParams',
        at: 'registered',
        error: 'NOT_BASECHAIN',
        make: rewritten('SyncParams', ({ market }) => market.owner.address),
    },
    {
        field: 'propose_governor.governor',
        in: 'ProposeGovernor',
        at: 'network',
        error: 'NOT_BASECHAIN',
        make: rewritten('ProposeGovernor', ({ market }) => market.client.address),
    },
    ...(['treasury', 'arbiter', 'verifier'] as const).flatMap((name) => [
        paramsRow(name, 'OpenNetwork'),
        paramsRow(name, 'ProposeParams'),
    ]),
    {
        field: 'profile.operator',
        in: 'OpenStake',
        at: 'network',
        error: 'NOT_BASECHAIN',
        make: async (scene, at) =>
            await Promise.resolve(openStake(scene, { operator: at(scene.market.operator.address) })),
    },
    {
        field: 'profile.operator',
        in: 'UpdateProfile',
        at: 'registered',
        error: 'NOT_BASECHAIN',
        make: async ({ market }, at) =>
            await Promise.resolve([
                market.owner.address,
                {
                    to: market.stake,
                    value: PLENTY,
                    body: toStake.updateProfile(market.profile({ operator: at(market.operator.address) })),
                },
            ]),
    },
    {
        field: 'accept_quote.client',
        in: 'AcceptQuote',
        at: 'quoting',
        error: 'WRONG_SENDER',
        // From an account that is not there: the genuine escrow would take its bounce for an answer.
        make: async (scene, at) => {
            const [, message] = await rewritten('AcceptQuote', ({ market }) => market.client.address)(scene, at);
            await scene.enter('channel');
            return [scene.job.escrow, message];
        },
    },
    {
        field: 'accept_job.client',
        in: 'AcceptJob',
        at: 'open',
        error: 'NOT_BASECHAIN',
        make: rewritten('AcceptJob', ({ market }) => market.client.address),
    },
    {
        field: 'job_terms.arbiter',
        in: 'PostJob',
        at: 'channel',
        error: 'NOT_BASECHAIN',
        make: async ({ job }, at) => {
            const terms = jobTermsCell({ ...job.terms, arbiter: at(job.terms.arbiter) });
            const posting = body('PostJob').storeRef(terms).storeMaybeRef(null).endCell();
            const { escrow: to, init } = job;
            return await Promise.resolve([
                job.client.address,
                { to, init, value: job.terms.price + PLENTY, body: posting },
            ]);
        },
    },
    ...[0, 1].map((which): Row => ({
        field: 'payee.address',
        in: `SetPayees (${which + 1} of 2)`,
        at: 'registered',
        error: 'NOT_BASECHAIN',
        make: async ({ market, till }, at) => {
            const payees = [market.owner.address, market.client.address].map((address, index) => ({
                address: index === which ? at(address) : address,
                bps: 5000,
            }));
            const message = body('SetPayees').storeUint(0, 64).storeMaybeRef(payeesCell(payees)).endCell();
            return await Promise.resolve([market.owner.address, { to: till, value: PLENTY, body: message }]);
        },
    })),
];

describe('An address in the masterchain is refused', () => {
    it.each(ROWS.map((row) => [row.field, row.in, row] as const))('as %s in %s', async (_, __, row) => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter(row.at);
        const [from, message] = await row.make(scene, inMasterchain);
        await market.refused(from, message, row.error);
        // The very same message with the address where it belongs.
        await scene.enter(row.at);
        const [sender, genuine] = await row.make(scene, (address) => address);
        const [taken] = withoutWallets(await market.send(sender, genuine));
        expect(taken!.description).toMatchObject({ computePhase: { exitCode: 0 }, actionPhase: { resultCode: 0 } });
    });
});

/** Addresses that only the contracts themselves write, after one of the rows above or of the identities below has looked at them. */
const WRITTEN_BY_CONTRACTS = [
    'slash_collateral.client',
    'update_params.excesses_to',
    'apply_policy.excesses_to',
    'revoke_certificate.excesses_to',
    'attest_remembered.holder',
    'till_params.owner',
    'till_addresses.treasury',
    'till_addresses.excesses_to',
    'lock.escrow',
    'party.settlement',
    'party.operator',
    'party.owner',
    'provider_registered.owner',
    'profile_updated.owner',
];
/** For indexers; nobody reads it. */
const UNREAD = ['settle.source'];
const IDENTITIES = [
    'registry.governor',
    'stake_identity.registry',
    'stake_identity.owner',
    'job_fields.client',
    'job_fields.provider_stake',
    'till_uninit.provider_stake',
    'channel_identity.client',
    'channel_identity.settlement',
];
/** Of accounts to which nobody sends money: a Registry's parameters name the verifier, and that derives its certificates. */
const ATTESTATION = ['verifier.registry', 'pck_certificate.verifier', 'pck_certificate.holder'];
/** Copies of those in storage. */
const STORED = [
    'governance.pending_governor',
    'stake_opening.registry',
    'stake_opening.owner',
    'stake_cold.treasury',
    'stake_cold.registry',
    'stake_cold.owner',
    'stake_settled.settlement',
    'stake_settled.verifier',
    'till_terms.owner',
    'till_terms.treasury',
    'till_terms.provider_stake',
    'channel_terms.settlement',
    'channel_terms.client',
];

it('The schemas have no other address', () => {
    const folder = join(__dirname, '..', '..', 'schemas');
    const fields = readdirSync(folder).flatMap((file) =>
        readFileSync(join(folder, file), 'utf8')
            .replace(/\/\/.*$/gm, '')
            .split(';')
            .flatMap((statement) => {
                const name = /^\s*(\w+)[#$]/.exec(statement)?.[1];
                return [...statement.matchAll(/(\w+):MsgAddress(?:Int)?\b/g)].map(([, field]) => `${name}.${field}`);
            }),
    );
    const known = [
        ...ROWS.map(({ field }) => field),
        ...WRITTEN_BY_CONTRACTS,
        ...UNREAD,
        ...IDENTITIES,
        ...ATTESTATION,
        ...STORED,
    ];
    const inSchemas = fields.filter((field) => !field.startsWith('_.') && !field.startsWith('undefined.'));
    expect([...new Set(inSchemas)].sort()).toEqual([...new Set(known)].sort());
});

/** An opening message of each contract, from whoever may send it, at the address of this identity. */
function openings(scene: Scene, at: (field: string, address: Address) => Address) {
    const { market, job, channel, till } = scene;
    const governor = at('registry.governor', market.governor.address);
    const owner = at('stake_identity.owner', market.owner.address);
    const jobClient = at('job_fields.client', market.client.address);
    const payer = at('channel_identity.client', market.client.address);
    const stake = at('till_uninit.provider_stake', market.stake);
    const registry = registryInit({ networkId: market.chain.globalId, governor, salt: 7n });
    const ownStake = stakeInit({ registry: at('stake_identity.registry', market.registry), owner });
    const providerStake = at('job_fields.provider_stake', market.stake);
    const escrow = escrowInit({ client: jobClient, providerStake, nonce: 1n });
    const settlement = at('channel_identity.settlement', till);
    const ownChannel = channelInit({ client: payer, settlement, nonce: 1n });
    const params = body('TillParams')
        .storeUint(1, 32)
        .storeUint(200, 16)
        .storeAddress(market.owner.address)
        .storeRef(
            beginCell().storeAddress(market.network.treasury.address).storeAddress(market.owner.address).endCell(),
        )
        .endCell();
    const rows: [MarketName, Address, { address: Address; init: StateInit }, Cell, bigint][] = [
        ['Registry', governor, registry, toRegistry.open(networkParamsCell(market.network.params)), 0n],
        ['ProviderStake', owner, ownStake, toStake.open(toNano(100), market.profile()), toNano(100)],
        ['JobEscrow', jobClient, escrow, job.postBody(), job.terms.price],
        ['PayoutSettlement', stake, tillInit(stake), params, 0n],
        ['PaymentChannel', payer, ownChannel, channel.openBody(), channel.offer.deposit],
    ];
    return rows;
}

describe('An identity in the masterchain does not open', () => {
    it.each(IDENTITIES)('%s', async (field) => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('network');
        const genuine = openings(scene, (_, address) => address);
        const forged = openings(scene, (one, address) => (one === field ? inMasterchain(address) : address));
        const changed = forged.filter(([, , { address }], index) => !address.equals(genuine[index]![2].address));
        expect(changed).toHaveLength(1);
        const [, from, { address: to, init }, message, value] = changed[0]!;
        await market.refused(from, { to, init, value: value + PLENTY, body: message }, 'NOT_BASECHAIN');
    });
});

describe('An account in the masterchain does not open', () => {
    it.each(MARKET_NAMES)('%s', async (contract) => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('network');
        const genuine = openings(scene, (_, address) => address);
        const [, from, { init }, message, value] = genuine.find(([name]) => name === contract)!;
        const there = contractAddress(-1, init);
        // Gas is dearer there.
        const sending = { to: there, init, value: value + 4n * PLENTY, body: message };
        await market.refused(from, sending, 'NOT_BASECHAIN');
        // Here it does.
        const here = { ...sending, to: contractAddress(0, init) };
        const [taken] = withoutWallets(await market.send(from, here));
        expect(taken!.description).toMatchObject({ computePhase: { exitCode: 0 } });
    });
});
