import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Address } from '@ton/core';
import { NoAnswerError, PayerOptions, PayingChannel, RefusedError, WorkerConnection } from '../../client';
import { inputCommitment, modelRoot } from '../../protocol';
import { EncryptionKeyPair } from '../../protocol/envelope';
import { openStore } from '../../store';
import { readDigitsModelFile } from '../../worker/models/digits/model';
import { Market, Tier } from '../../wrappers';
import { ChildLine } from './childLine';
import { Setup } from './messages';
import { Plan, PlanFile } from './plan';
import { pause, seededRandom } from './random';
import { slowStore } from './slowStore';
import { IMAGE_COST, imagesOf, MOST_IMAGES } from './terms';

/** Milliseconds that a worker may take; one that was killed takes longer, and is asked again. */
const PATIENCE = 700;
/** Of the requests that a crash or a silence interrupted, so many are given up for good. */
const GIVE_UP_SHARE = 0.3;

/** Pays for one request after the other, and goes on after a crash where its file says. */
export async function runClient(setup: Setup, line: ChildLine): Promise<void> {
    const random = seededRandom(setup.seed);
    let finishing = false;
    line.onFinish = () => (finishing = true);
    const worker = new WorkerConnection(line.transport(setup.line), PATIENCE);
    const [provider, client] = [setup.provider, setup.client].map((raw) => Address.parse(raw));
    const now = () => setup.now;
    const connection = line.connection();
    const registry = Address.parse(setup.registry);
    const market = await Market.connect({ registry, connection, prices: setup.prices, now });
    const store = await openStore(join(setup.folder, 'books.db'));
    const options: PayerOptions = {
        market,
        wallet: line.wallet(client!),
        clientSecret: setup.secret,
        responseKey: await EncryptionKeyPair.fromStored(setup.encryption),
        store: slowStore(store.channels, random, setup.defect),
        tier: Tier.Open,
        now,
    };
    const plans = new PlanFile(setup.folder);
    const root = modelRoot(readDigitsModelFile());
    const giveUp = (plan: Plan) => {
        // Told before it is forgotten: a kill in between repeats the request, which is no harm.
        line.tell({ event: 'gaveUp', requestHash: hashOf(plan) });
        plans.write(null);
    };

    const channel = await patiently(async () => {
        const [known] = await PayingChannel.resume(provider!, options, worker);
        const name = { client: client!, provider: provider!, nonce: setup.nonce };
        return known ?? (await PayingChannel.attach(name, options, worker));
    });
    const interrupted = plans.read();
    if (interrupted && random() < GIVE_UP_SHARE) {
        giveUp(interrupted);
    }
    for (let paidSince = 0; !finishing || paidSince < 2;) {
        let plan = plans.read();
        if (!plan) {
            plan = { salt: randomBytes(32), images: 1 + Math.floor(random() * MOST_IMAGES) };
            plans.write(plan);
        }
        const { salt, images } = plan;
        const request = { modelRoot: root, input: imagesOf(salt, images), maxCost: IMAGE_COST * BigInt(images), salt };
        try {
            const { cost } = await channel.request(request);
            line.tell({ event: 'paid', requestHash: hashOf(plan), cost });
            plans.write(null);
            paidSince += finishing ? 1 : 0;
        } catch (error) {
            if (error instanceof NoAnswerError) {
                if (random() < GIVE_UP_SHARE) {
                    giveUp(plan);
                    await channel.giveUp();
                }
            } else {
                // Every request here is a good one: nobody may refuse it.
                line.tell({ event: 'fault', text: describe(error) });
                giveUp(plan);
                await channel.giveUp();
                await pause(50);
            }
        }
    }
    line.tell({ event: 'finished' });
}

function hashOf({ salt, images }: Plan): bigint {
    return inputCommitment(salt, imagesOf(salt, images));
}

/** A worker that is down is waited for. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
        try {
            return await attempt();
        } catch (error) {
            if (!(error instanceof NoAnswerError)) {
                throw error;
            }
        }
    }
}

function describe(error: unknown): string {
    if (error instanceof RefusedError) {
        return `the worker refused a good request: ${error.reasons.map(({ code, text }) => `${code}, ${text}`).join('; ')}`;
    }
    const { name, message, code } = error as Error & { code?: string };
    return `a good request failed: ${name} ${code ?? ''} ${message}`;
}
