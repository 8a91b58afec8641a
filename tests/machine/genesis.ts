import { toNano } from '@ton/core';
import { idOf, publicKeyOf } from './actors';
import { profileOf } from './bodies';
import { Coverage } from './coverage';
import { Memory } from './memory';
import { Message } from './model/types';
import { Play } from './actions';
import { Place, REGISTRY, STAKE } from './places';
import { World } from './world';

const DAY = 86400;
const queryId = 1n;

/** An open network with one registered provider: the rest of the stage is for the commands. */
export async function genesis(): Promise<World> {
    const world = new World();
    const take = async (message: Message, from: Parameters<typeof idOf>[0], { id }: Place, value: bigint) => {
        await world.send(message, idOf(from), id, { value, deploys: true });
        await world.drain();
    };
    const params = {
        ...{ feeBps: 200, minStake: toNano(100), unbondingPeriod: 14 * DAY, timelockDelay: 2 * DAY },
        ...{ treasury: idOf('treasury'), arbiter: idOf('arbiter'), verifier: idOf('verifier') },
    };
    await take({ op: 'OpenNetwork', queryId, params }, 'governor', REGISTRY, toNano(5));
    const profile = profileOf({
        ...{ operator: idOf('p.operator'), allowanceCap: toNano(100), signingKey: publicKeyOf('p.signing') },
        encryptionKey: 11n,
    });
    await take({ op: 'OpenStake', queryId, amount: toNano(1000), profile }, 'p.owner', STAKE, toNano(1005));
    return world;
}

/** A play that begins there. */
export function playIn(world: World, coverage: Coverage, situations: Set<string>): Play {
    return { world: world.fork(), memory: new Memory(), coverage, situations, sent: 0, accepted: 0 };
}
