import { Address, Cell } from '@ton/core';
import { toStake } from '../fixtures/stakes';
import { packedHash, uint256Of } from '../helpers/cells';
import { strayAddress } from '../helpers/chain';
import { Provider } from '../helpers/network';

/** The verifier of the networks here: whatever it says of a stake's keys is believed. */
export const VERIFIER: Address = strayAddress(0x7e);

/** What it says: the keys in the provider's profile are attested until then, in unix seconds. */
export function attestation({ stake, profile }: Provider, validUntil: number): Cell {
    const { signingKey, encryptionKey } = profile;
    const keys = packedHash('reportData', [uint256Of(stake.hash), 256], [signingKey, 256], [encryptionKey, 256]);
    return toStake.verdict(Buffer.concat([keys, Buffer.alloc(32)]), validUntil);
}
