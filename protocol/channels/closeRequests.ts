import { sha256_sync } from '@ton/crypto';
import { Bits256, requireAddress, requireUint } from '../../wrappers/checks';
import { signHash, verifyHash } from '../../wrappers/signing';
import { ChannelOpening, ChannelTag } from './signedCells';

/**
 * What clientKey signs so that anybody may request the close: SHA-256(tag ‖ channel ‖ openedLt), 48 bytes.
 *
 * @throws InputError for a logical time that does not fit 64 bits, or a channel outside the basechain
 */
export function closeRequestHash(opening: ChannelOpening): Buffer {
    const openedLt = requireUint('openedLt', opening.openedLt, 64).toString(16).padStart(16, '0');
    return sha256_sync(
        Buffer.concat([
            Buffer.from(ChannelTag.RequestClose, 'ascii'),
            requireAddress('channel', opening.channel).hash,
            Buffer.from(openedLt, 'hex'),
        ]),
    );
}

/**
 * Signs a request to close with clientKey. It has no end: whoever holds it can send it as long as this opening lives.
 *
 * @param secretKey - 64 bytes
 * @returns 64 bytes
 * @throws InputError as {@link closeRequestHash}, or `malformed-signature` for a secret key of another length
 */
export function signCloseRequest(opening: ChannelOpening, secretKey: Uint8Array): Buffer {
    return signHash(closeRequestHash(opening), secretKey);
}

/**
 * Whether this client signed a request to close this opening.
 *
 * @throws InputError `malformed-signature`, or `weak-key` for a key with which everything would verify
 */
export function verifyCloseRequest(opening: ChannelOpening, signature: Uint8Array, clientKey: Bits256): boolean {
    return verifyHash(closeRequestHash(opening), signature, clientKey);
}
