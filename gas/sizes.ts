import { Address, Cell, toNano } from '@ton/core';
import { openAttestation, packed, quoteOf, remember } from '../tests/fixtures/attestation/stage';
import { Channel } from '../tests/fixtures/channels';
import { pckCertificateInit } from '../tests/helpers/cells';
import { Chain } from '../tests/helpers/chain';
import { Job } from '../tests/helpers/jobs';
import { serveLibraries } from '../tests/helpers/libraries';
import { deployNetwork } from '../tests/helpers/network';
import { PriceSet } from '../tests/helpers/prices';
import { codeOf, libraryOf } from '../tests/helpers/sources';
import { channelCode, LibraryPublisher, loadMasterchainPrices, loadPrices, storageFee } from '../wrappers';
import { Size, sizeOf } from './cells';

/** One contract at one price set. */
export interface MeasuredSize {
    code: Size;
    /** Its first data: what its address is derived from. */
    uninit: Size;
    /** Its data in use, as {@link measureSizes} says of each. */
    live: Size;
    /** The whole account in use, as rent is reckoned. */
    account: Size;
    /** nanoTON of a year's rent of the account in use. */
    rent: number;
}

/** What is measured, in words; the contracts' names come first. */
export const MEASURED: Readonly<Record<string, string>> = {
    Registry: 'a network that was opened, without models',
    ProviderStake: 'registered, with one offer and one open job',
    PayoutSettlement: 'a till that was paid, one payee',
    JobEscrow: 'a job with its result submitted',
    PaymentChannel: 'a channel with a voucher redeemed',
    'PaymentChannel, library': 'the same, its code a library',
    AttestationVerifier: 'one image and one platform in its policy',
    PckCertificate: 'a certificate that was remembered',
    LibraryPublisher: "what publishes the channel's code, in the masterchain",
};

const YEAR = 31_536_000n;

/** Sizes and rent of every contract in ordinary use, in the order of {@link MEASURED}. */
export async function measureSizes(prices: PriceSet): Promise<Map<string, MeasuredSize>> {
    const { chain, network, provider } = await deployNetwork({ prices });
    serveLibraries(chain, codeOf('PaymentChannel'));
    const job = await Job.prepare(provider);
    await job.postQuoted();
    await job.submit();
    const channels = await Promise.all([
        Channel.prepare(provider),
        Channel.prepare(provider, { code: libraryOf('PaymentChannel') }),
    ]);
    for (const channel of channels) {
        await channel.open();
        await channel.redeem(toNano(1));
    }
    const publisher = await LibraryPublisher.createFromLibrary(await channelCode());
    await chain.send(provider.owner, publisher.getPublishTxParams({ state: 'uninit', seconds: YEAR }));

    const accounts: Record<keyof typeof MEASURED, [Address, Cell]> = {
        Registry: [network.registry, network.registryInit.data],
        ProviderStake: [provider.stake, provider.stakeInit.data],
        PayoutSettlement: [provider.till, provider.tillInit.data],
        JobEscrow: [job.escrow, job.init.data],
        PaymentChannel: [channels[0].address, channels[0].init.data],
        'PaymentChannel, library': [channels[1].address, channels[1].init.data],
        LibraryPublisher: [publisher.address, publisher.init.data],
    };
    const attested = await measureAttestation(prices);
    const sizes = new Map<string, MeasuredSize>();
    for (const name of Object.keys(MEASURED)) {
        sizes.set(name, attested.get(name) ?? (await measure(chain, ...accounts[name]!)));
    }
    return sizes;
}

/** The accounts of attestation, on a network of their own. */
async function measureAttestation(prices: PriceSet): Promise<Map<string, MeasuredSize>> {
    const stage = await openAttestation({ prices });
    const { chain, verifier, provider, submitter } = stage;
    const policy = (await chain.data(verifier))!;
    const certificate = await remember(stage);
    const { facts } = packed(quoteOf(provider));
    const { init } = pckCertificateInit({ verifier, holder: submitter.address, facts });
    return new Map([
        ['AttestationVerifier', await measure(chain, verifier, policy)],
        ['PckCertificate', await measure(chain, certificate, init.data)],
    ]);
}

async function measure(chain: Chain, address: Address, uninit: Cell): Promise<MeasuredSize> {
    const { account, accountState } = await chain.blockchain.getContract(address);
    if (accountState?.type !== 'active') {
        throw new Error(`${address.toString()} is not in use`);
    }
    const { code, data } = accountState.state;
    const { cells, bits } = account.account!.storageStats.used;
    const { config } = chain.blockchain;
    const prices = address.workChain === 0 ? loadPrices(config) : loadMasterchainPrices(config);
    return {
        code: sizeOf(code!),
        uninit: sizeOf(uninit),
        live: sizeOf(data!),
        account: { cells: Number(cells), bits: Number(bits) },
        rent: Number(storageFee(prices, BigInt(cells), BigInt(bits), YEAR)),
    };
}
