import { Address } from '@ton/core';
import { Message } from '../../fixtures/stakes';
import { Scene } from '../scene';
import { attestationCases } from './attestation';
import { Case } from './case';
import { channelCases } from './channel';
import { escrowCases } from './escrow';
import { registryCases } from './registry';
import { stakeCases } from './stake';
import { tillCases } from './till';

export type { Case } from './case';

/** Every message that a contract of this market receives. */
export const CASES: readonly Case[] = [
    ...registryCases,
    ...stakeCases,
    ...escrowCases,
    ...tillCases,
    ...channelCases,
    ...attestationCases,
];

export const titleOf = ({ name, variant }: Case): string => (variant === undefined ? name : `${name} ${variant}`);

/** Brings the scene to where the message is right, and builds it. */
export async function stageCase(scene: Scene, one: Case): Promise<{ from: Address; message: Message }> {
    await scene.enter(one.at);
    await one.prepare?.(scene);
    const from = one.senders === 'anyone' ? scene.market.stranger.address : one.senders(scene)[0]!;
    return { from, message: await one.message(scene) };
}
