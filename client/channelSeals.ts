import { Address } from '@ton/core';
import { ChannelOpening } from '../protocol';
import {
    channelRequest,
    channelResponse,
    EncryptionKeyPair,
    open,
    packRequest,
    PublicEncryptionKey,
    RequestPlace,
    seal,
} from '../protocol/envelope';
import { StateError, Tier } from '../wrappers';
import { AttestationGuard } from './attestation';
import { WorkerConnection } from './connection';
import { PayerOptions } from './payerOptions';
import { providerKey } from './providerKey';

/** Where in a channel a request stands. */
export type SealedPlace = ChannelOpening & Pick<RequestPlace, 'seq' | 'modelRoot'>;

/** What is sealed for the provider. */
export interface SealedRequest {
    readonly salt: Uint8Array;
    readonly input: Uint8Array;
}

/** Seals a channel's requests to the provider, and opens the responses. Asks chain and worker for nothing before that is needed. */
export class ChannelSeals {
    private readonly guard: AttestationGuard;
    /** By its name in the profile. */
    private provider?: { readonly name: bigint; key?: PublicEncryptionKey };
    private responses?: EncryptionKeyPair;

    constructor(
        /** Of the provider's stake. */
        private readonly owner: Address,
        private readonly options: PayerOptions,
        private readonly line: WorkerConnection,
    ) {
        const { market, attestation, now } = options;
        this.guard = new AttestationGuard({ market, trust: attestation, now });
    }

    /**
     * The key that the provider's profile named when this was asked first, if the provider is of the tier now.
     *
     * @throws AttestationRefusedError if the tier is Attested and the provider is not
     * @throws InputError `not-found` if the tier is Attested and nobody said whom to believe about machines
     * @throws StateError `not-found` without such a provider
     * @throws EnvelopeError for a worker that serves another key than the profile pins
     */
    async recipient(tier: Tier): Promise<PublicEncryptionKey> {
        const provider = (this.provider ??= { name: await this.keyName() });
        if (tier === Tier.Attested) {
            await this.guard.require(this.owner, provider.name, this.line);
        }
        return (provider.key ??= await providerKey(provider.name, this.line));
    }

    /** Input and salt of a request, with the key of its response; throws what {@link ChannelSeals.recipient} does. */
    async request(place: SealedPlace, tier: Tier, { salt, input }: SealedRequest): Promise<Buffer> {
        const recipient = await this.recipient(tier);
        const binding = channelRequest({ ...place, networkId: await this.options.market.networkId() });
        const { publicKey } = await this.responseKey();
        return await seal(packRequest({ recipient: publicKey, salt, input }), { recipient, binding });
    }

    /** @throws EnvelopeError for what was not sealed in answer to this place's request, or was changed on its way */
    async response(place: SealedPlace, sealedOutput: Uint8Array): Promise<Buffer> {
        const binding = channelResponse({ ...place, networkId: await this.options.market.networkId() });
        return await open(sealedOutput, { key: await this.responseKey(), binding });
    }

    private async responseKey(): Promise<EncryptionKeyPair> {
        return (this.responses ??= this.options.responseKey ?? (await EncryptionKeyPair.create()));
    }

    private async keyName(): Promise<bigint> {
        const { profile } = (await this.options.market.provider(this.owner)).stake ?? {};
        if (!profile) {
            throw new StateError('not-found', `${this.owner.toString()} has no stake in this network`);
        }
        return profile.encryptionKey;
    }
}
