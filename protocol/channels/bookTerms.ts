import { Address } from '@ton/core';
import { refuseIf } from './channelErrors';
import { ChannelTerms, requireSoundChannelTerms } from './channelTerms';
import { ChannelOpening } from './signedCells';

/** What an operation of a book gives: the state to commit first, then the output to act on. */
export interface BookStep<State, Output> {
    readonly state: State;
    readonly output: Output;
}

/** The terms as a book keeps them: plain values alone. */
export interface BookTerms extends Omit<Readonly<ChannelTerms>, 'channel'> {
    /** `0:` and 64 hexadecimal digits. */
    readonly channel: string;
}

/** Checks terms and makes them plain. */
export function keepTerms(terms: ChannelTerms): BookTerms {
    const sound = requireSoundChannelTerms(terms);
    return { ...sound, channel: sound.channel.toRawString() };
}

/** The terms with their address. */
export function termsOf(book: { readonly terms: BookTerms }): ChannelTerms {
    return { ...book.terms, channel: Address.parse(book.terms.channel) };
}

/** Refuses what was signed for another channel, or for another opening of this one. */
export function requireOpening(terms: ChannelTerms, found: ChannelOpening): void {
    refuseIf(!found.channel.equals(terms.channel), 'foreign-channel', 'It was signed for another channel');
    refuseIf(found.openedLt !== terms.openedLt, 'foreign-opening', 'It was signed for another opening of the channel');
}

/** Refuses to sign with another key than the one that the channel knows. */
export function requireOwnKey(secretKey: Uint8Array, publicKey: bigint): void {
    const known = Buffer.from(publicKey.toString(16).padStart(64, '0'), 'hex');
    refuseIf(
        secretKey.length !== 64 || !known.equals(Buffer.from(secretKey).subarray(32)),
        'foreign-key',
        "This secret key is not of the channel's key pair; pass its 64 bytes",
    );
}
