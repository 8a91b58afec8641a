import { Address, beginCell, Cell, toNano } from '@ton/core';
import { KeyPair } from '@ton/crypto';
import { EncryptionKeyPair, Kem } from '../../protocol/envelope';
import { toBytes32 } from '../../wrappers';
import {
    Deployable,
    hashNamed,
    keyPairOf,
    networkParamsCell,
    profileCell,
    registryInit,
    stakeInit,
    tillInit,
    uint256Of,
} from './cells';
import { Chain, ChainOptions, Wallet } from './chain';
import { label, opcodeOf } from './labels';
import { NetworkParams, parseStakeData, Profile, STAKE_REGISTERED } from './layout';
import { expectTrace } from './traces';

const DAY = 86400;

/** An opened Registry and who runs it. */
export interface Network {
    readonly chain: Chain;
    readonly registry: Address;
    readonly registryInit: Deployable['init'];
    readonly governor: Wallet;
    readonly treasury: Wallet;
    readonly arbiter: Wallet;
    readonly params: NetworkParams;
}

/** A registered provider with its till. */
export interface Provider {
    readonly network: Network;
    readonly owner: Wallet;
    readonly operator: Wallet;
    readonly signing: KeyPair;
    /** What clients seal their inputs to. */
    readonly encryption: EncryptionKeyPair;
    readonly profile: Profile;
    /** nanoTON */
    readonly amount: bigint;
    readonly stake: Address;
    readonly stakeInit: Deployable['init'];
    readonly till: Address;
    readonly tillInit: Deployable['init'];
}

/** More than any setup costs under either price set; what is left returns. */
const PLENTY = toNano(5);

/** Opens a Registry with these parameters instead of the usual ones: 2 %, 100 TON, 14 days to unbond, 2 days' timelock. */
export async function openNetwork(
    chain: Chain,
    options: { params?: Partial<NetworkParams>; salt?: bigint; networkId?: number } = {},
): Promise<Network> {
    const [governor, treasury, arbiter] = await Promise.all(
        ['governor', 'treasury', 'arbiter'].map(namedWallet(chain)),
    );
    const params: NetworkParams = {
        feeBps: 200,
        minStake: toNano(100),
        unbondingPeriod: 14 * DAY,
        timelockDelay: 2 * DAY,
        treasury: treasury!.address,
        arbiter: arbiter!.address,
        verifier: null,
        ...options.params,
    };
    const { address: registry, init } = registryInit({
        networkId: options.networkId ?? chain.globalId,
        governor: governor!.address,
        salt: options.salt ?? 0n,
    });
    label(registry, 'Registry');
    const result = await chain.send(governor!, {
        to: registry,
        value: PLENTY,
        init,
        body: body('OpenNetwork').storeRef(networkParamsCell(params)).endCell(),
    });
    expectTrace(result, [
        { from: governor!, to: registry, op: 'OpenNetwork' },
        { from: registry, to: governor!, op: 'Excesses' },
    ]);
    return {
        chain,
        registry,
        registryInit: init,
        governor: governor!,
        treasury: treasury!,
        arbiter: arbiter!,
        params,
    };
}

/** Stakes, registers, and with that deploys the till. */
export async function openProvider(
    network: Network,
    options: { name?: string; amount?: bigint; profile?: Partial<Profile> } = {},
): Promise<Provider> {
    const { chain } = network;
    const provider = await prepareProvider(network, options);
    const { owner, stake, till, amount, profile } = provider;
    const result = await chain.send(owner, {
        to: stake,
        value: amount + PLENTY,
        init: provider.stakeInit,
        body: openStakeBody(amount, profileCell(profile)),
    });
    expectTrace(result, [
        { from: owner, to: stake, op: 'OpenStake' },
        { from: stake, to: network.registry, op: 'RegisterMe' },
        { from: network.registry, to: stake, op: 'Initialise', events: 1 },
        { from: stake, to: till, op: 'TillParams' },
        { from: till, to: owner, op: 'Excesses' },
    ]);
    const data = await chain.data(stake);
    if (data === null || parseStakeData(data).state !== STAKE_REGISTERED) {
        throw new Error('The provider is not registered');
    }
    return provider;
}

/** Everything about a provider before its first message. */
export async function prepareProvider(
    network: Network,
    options: { name?: string; amount?: bigint; profile?: Partial<Profile> } = {},
): Promise<Provider> {
    const name = options.name ?? 'provider';
    const [owner, operator] = await Promise.all([`${name}.owner`, `${name}.operator`].map(namedWallet(network.chain)));
    const signing = keyPairOf(`${name}.signing`);
    const encryption = await EncryptionKeyPair.fromSeed(Kem.X25519, toBytes32('seed', hashNamed(`${name}.encryption`)));
    const stake = stakeInit({ registry: network.registry, owner: owner!.address });
    const till = tillInit(stake.address);
    label(stake, name === 'provider' ? 'ProviderStake' : `ProviderStake(${name})`);
    label(till, name === 'provider' ? 'PayoutSettlement' : `PayoutSettlement(${name})`);
    return {
        network,
        owner: owner!,
        operator: operator!,
        signing,
        encryption,
        amount: options.amount ?? toNano(1000),
        profile: {
            operator: operator!.address,
            allowanceCap: toNano(500),
            signingKey: uint256Of(signing.publicKey),
            encryptionKey: encryption.publicKey.name,
            endpoint: Buffer.from('https://provider.example/v1'),
            offers: [
                {
                    modelRoot: hashNamed('model'),
                    prompt: toNano('0.1'),
                    cached: toNano('0.02'),
                    completion: toNano('0.4'),
                    reasoning: toNano('0.4'),
                },
            ],
            ...options.profile,
        },
        stake: stake.address,
        stakeInit: stake.init,
        till: till.address,
        tillInit: till.init,
    };
}

/** A chain with an open network and one registered provider: where most tests begin. */
export async function deployNetwork(
    options: ChainOptions & {
        params?: Partial<NetworkParams>;
        amount?: bigint;
        profile?: Partial<Profile>;
    } = {},
): Promise<{ chain: Chain; network: Network; provider: Provider }> {
    const chain = await Chain.create(options);
    const network = await openNetwork(chain, { params: options.params });
    const provider = await openProvider(network, { amount: options.amount, profile: options.profile });
    return { chain, network, provider };
}

/** OpenStake for setups; `profile` may be malformed on purpose. */
export function openStakeBody(amount: bigint, profile: Cell, queryId = 0n): Cell {
    return body('OpenStake', queryId).storeUint(amount, 64).storeRef(profile).endCell();
}

/** Opcode and query id. */
export function body(op: string, queryId = 0n) {
    return beginCell().storeUint(opcodeOf(op), 32).storeUint(queryId, 64);
}

function namedWallet(chain: Chain) {
    return (name: string) => chain.wallet(name);
}
