import { join } from 'node:path';
import { Address } from '@ton/core';
import { EncryptionKeyPair } from '../../protocol/envelope';
import { decodeMessage, encodeMessage } from '../../protocol/wire';
import { openStore } from '../../store';
import { readDigitsModelFile } from '../../worker/models/digits/model';
import { ChannelDesk, ChannelMessage, createRefereeEngine } from '../../worker/node';
import { Market, toUint256 } from '../../wrappers';
import { ChildLine } from './childLine';
import { Setup } from './messages';
import { pause, seededRandom } from './random';
import { slowStore } from './slowStore';
import { MIN_DUE, MODEL_TOKENS, RATES } from './terms';

/** Milliseconds between two ticks, at most. */
const TICK = 500;

/** Serves paid requests, and redeems now and then. */
export async function runWorker(setup: Setup, line: ChildLine): Promise<void> {
    const random = seededRandom(setup.seed);
    const early: [number, Uint8Array][] = [];
    line.onBytes = (...said) => void early.push(said);
    const now = () => setup.now;
    const connection = line.connection();
    const registry = Address.parse(setup.registry);
    const market = await Market.connect({ registry, connection, prices: setup.prices, now });
    const store = await openStore(join(setup.folder, 'books.db'));
    const engine = createRefereeEngine(readDigitsModelFile());
    const desk = new ChannelDesk({
        market,
        connection,
        owner: Address.parse(setup.provider),
        operator: line.wallet(Address.parse(setup.operator)),
        signingSecret: setup.secret,
        encryptionKeys: [await EncryptionKeyPair.fromStored(setup.encryption)],
        engines: [engine],
        store: slowStore(store.channels, random, setup.defect),
        policy: {
            settlement: Address.parse(setup.till),
            signingKey: toUint256('signingKey', Buffer.from(setup.secret).subarray(32)),
            minDeposit: 1n,
            minRemaining: 86_400,
            minCloseDelay: 3_600,
            redeemMargin: 1_800,
            maxChannelsPerClient: 1,
            codeLibraryPaidUntil: 0,
        },
        redeeming: { minDue: MIN_DUE, beforeClosing: 7_200 },
        rates: new Map([[engine.modelRoot, RATES]]),
        meter: (_, input) => MODEL_TOKENS(input),
        now,
    });
    await desk.resume();
    const serve = (lineOfClient: number, bytes: Uint8Array) => {
        desk.answer(decodeMessage(bytes) as ChannelMessage).then(
            (answer) => line.say(lineOfClient, encodeMessage(answer)),
            (error: Error) => line.tell({ event: 'fault', text: `the worker failed: ${error.stack}` }),
        );
    };
    line.onBytes = serve;
    early.splice(0).forEach((said) => serve(...said));
    for (;;) {
        await pause(random() * TICK);
        for (const { step, error } of await desk.tick()) {
            if (error || step === 'forget') {
                line.tell({ event: 'fault', text: `${step} at a tick: ${error?.stack ?? 'the channel is open'}` });
            }
        }
    }
}
