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
import type { PayerOptions } from './payingChannel';
import { providerKey } from './providerKey';

/** Where in a channel a request stands. */
export type SealedPlace = ChannelOpening & Pick<RequestPlace, 'seq' | 'modelRoot'>;

/** Seals a channel's requests to the provider, and opens the responses. */
export class ChannelSeals {
    private constructor(
        private readonly networkId: number,
        private readonly provider: PublicEncryptionKey,
        private readonly responses: EncryptionKeyPair,
        private readonly attested: () => Promise<void>,
    ) {}

    /**
     * By the key that the provider's profile names now.
     *
     * @param provider - owner of the stake
     * @throws AttestationRefusedError if the tier is to be Attested and is not
     * @throws StateError `not-found` without such a provider
     * @throws EnvelopeError for a worker that serves another key than the profile pins
     */
    static async of(
        provider: Address,
        { market, tier, attestation, responseKey, now }: PayerOptions,
        line: WorkerConnection,
    ): Promise<ChannelSeals> {
        const { profile } = (await market.provider(provider)).stake ?? {};
        if (!profile) {
            throw new StateError('not-found', `${provider.toString()} has no stake in this network`);
        }
        const guard = new AttestationGuard({ market, trust: attestation, now });
        const attested = async () => {
            if (tier === Tier.Attested) {
                await guard.require(provider, profile.encryptionKey, line);
            }
        };
        await attested();
        const key = await providerKey(profile.encryptionKey, line);
        const responses = responseKey ?? (await EncryptionKeyPair.create());
        return new ChannelSeals(await market.networkId(), key, responses, attested);
    }

    /** @throws AttestationRefusedError if the provider has to be attested and is no longer: look before you pay */
    async requireTier(): Promise<void> {
        await this.attested();
    }

    /**
     * Input and salt of a request, with the key of its response.
     *
     * @throws AttestationRefusedError if the provider has to be attested and is no longer
     */
    async request(place: SealedPlace, { salt, input }: { salt: Uint8Array; input: Uint8Array }): Promise<Buffer> {
        await this.requireTier();
        const binding = channelRequest({ ...place, networkId: this.networkId });
        const payload = packRequest({ recipient: this.responses.publicKey, salt, input });
        return await seal(payload, { recipient: this.provider, binding });
    }

    /** @throws EnvelopeError for what was not sealed in answer to this place's request, or was changed on its way */
    async response(place: SealedPlace, sealedOutput: Uint8Array): Promise<Buffer> {
        const binding = channelResponse({ ...place, networkId: this.networkId });
        return await open(sealedOutput, { key: this.responses, binding });
    }
}
