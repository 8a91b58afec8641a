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
import { ChannelName, Market, StateError } from '../wrappers';
import { WorkerConnection } from './connection';
import { providerKey } from './providerKey';

/** Where in a channel a request stands. */
export type SealedPlace = ChannelOpening & Pick<RequestPlace, 'seq' | 'modelRoot'>;

/** Seals a channel's requests to the provider, and opens the responses. */
export class ChannelSeals {
    private constructor(
        private readonly networkId: number,
        private readonly provider: PublicEncryptionKey,
        private readonly responses: EncryptionKeyPair,
    ) {}

    /**
     * By the key that the provider's profile names now.
     *
     * @param responses - what responses are sealed to; a fresh key by default
     * @throws StateError `not-found` without such a provider
     * @throws EnvelopeError for a worker that serves another key than the profile pins
     */
    static async of(
        { provider }: ChannelName,
        market: Market,
        line: WorkerConnection,
        responses?: EncryptionKeyPair,
    ): Promise<ChannelSeals> {
        const { profile } = (await market.provider(provider)).stake ?? {};
        if (!profile) {
            throw new StateError('not-found', `${provider.toString()} has no stake in this network`);
        }
        const key = await providerKey(profile.encryptionKey, line);
        return new ChannelSeals(await market.networkId(), key, responses ?? (await EncryptionKeyPair.create()));
    }

    /** Input and salt of a request, with the key of its response. */
    async request(place: SealedPlace, { salt, input }: { salt: Uint8Array; input: Uint8Array }): Promise<Buffer> {
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
