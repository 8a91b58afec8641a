import { toNano } from '@ton/core';
import { KeyPair } from '@ton/crypto';
import { Message } from '../fixtures/stakes';
import { keyPairOf, tagBits, TAGS, uint256Of } from '../helpers/cells';
import { withoutWallets } from '../helpers/traces';
import { Scene, useScene } from './scene';
import {
    cellOf,
    Draft,
    draftOf,
    Fields,
    hashOf,
    keyOf,
    messageOf,
    otherJobKeys,
    Role,
    signaturesOf,
    signWith,
    stretched,
    Tag,
    Thing,
    ThingName,
    THINGS,
} from './signed';

// Everything that is signed, by whom it should not be, for what it is not, and with what was not in it. Each row is refused with
// exactly its error, and the genuine one is taken right after: nothing but the forgery stood in its way.

const held = useScene();
const each = THINGS.map((thing) => [thing.name, thing] as const);

interface Forged {
    what: string;
    message: Message;
    error: string;
}

async function expectForged(thing: Thing, forge: (scene: Scene, draft: Draft) => Promise<Forged[]>): Promise<void> {
    const { scene } = held;
    const { market } = scene;
    await scene.enter(thing.at);
    const draft = await draftOf(scene, thing);
    const forged = await forge(scene, draft);
    expect(forged.length).toBeGreaterThan(0);
    for (const { what, message, error } of forged) {
        try {
            await market.refused(thing.from(scene), message, error);
        } catch (cause) {
            throw new Error(`${what}: ${(cause as Error).message}`, { cause });
        }
    }
    const before = await scene.world();
    const [taken] = withoutWallets(await market.send(thing.from(scene), messageOf(scene, draft)));
    expect(taken!.description).toMatchObject({ computePhase: { exitCode: 0 }, actionPhase: { resultCode: 0 } });
    expect(await scene.world()).not.toEqual(before);
}

/** The same but signed by somebody else in each role. */
const bySigner = (thing: Thing, make: (role: Role, error: string) => Forged[]) =>
    thing.signers.flatMap((role) => make(role, thing.errors[role]!));

describe('Signed by another key', () => {
    it.each(each)('%s', async (_, thing) => {
        await expectForged(thing, async (scene, draft) => {
            const keys: [string, KeyPair][] = [
                ['the client', keyOf(scene, 'client')],
                ['the provider', keyOf(scene, 'provider')],
                ...['provider.owner', 'provider.operator', 'provider.encryption', 'second.key', 'governor'].map(
                    (name) => [name, keyPairOf(name)] as [string, KeyPair],
                ),
            ];
            return await Promise.resolve(
                bySigner(thing, (role, error) =>
                    keys
                        .filter(([, key]) => !key.publicKey.equals(keyOf(scene, role).publicKey))
                        .map(([name, key]) => ({
                            what: `${role}'s by ${name}`,
                            message: messageOf(scene, draft, { [role]: signWith(hashOf(draft), key) }),
                            error,
                        })),
                ),
            );
        });
    });

    it('closeAgreement, with the two signatures in each other’s place', async () => {
        const agreement = THINGS.find(({ name }) => name === 'closeAgreement')!;
        await expectForged(agreement, async (scene, draft) => {
            const { client, provider } = signaturesOf(scene, draft);
            const swapped = messageOf(scene, draft, { client: provider, provider: client });
            const message = [{ what: 'swapped', message: swapped, error: 'BAD_CLIENT_SIGNATURE' }];
            return await Promise.resolve(message);
        });
    });
});

const RECEIPT = uint256Of(Buffer.from('CM.rcp.1'));

/** The draft with another tag, or another value in one field. */
async function variationsOf(scene: Scene, draft: Draft): Promise<[what: string, draft: Draft][]> {
    const { thing, tag, fields } = draft;
    const tags: [string, bigint][] = [
        ...(Object.keys(TAGS) as Tag[]).map((name) => [name, tagBits(name)] as [string, bigint]),
        ['receipt', RECEIPT],
        ['nothing', 0n],
    ];
    const flipped = Object.entries(thing.layout).flatMap(([name, bits]) =>
        [0, bits - 1].map((bit): [string, Draft] => [
            `bit ${bit} of ${name}`,
            { ...draft, fields: { ...fields, [name]: fields[name]! ^ (1n << BigInt(bit)) } },
        ]),
    );
    const keys = 'jobKey' in thing.layout ? await otherJobKeys(scene) : [];
    return [
        ...tags
            .filter(([, other]) => other !== tag)
            .map(([name, other]): [string, Draft] => [`the tag of ${name}`, { ...draft, tag: other }]),
        ...flipped,
        ...keys.map(([what, jobKey]): [string, Draft] => [what, { ...draft, fields: { ...fields, jobKey } }]),
    ];
}

describe('Signed for something else and shown as if it were this', () => {
    it.each(each)('%s', async (_, thing) => {
        await expectForged(thing, async (scene, draft) => {
            const variations = await variationsOf(scene, draft);
            return bySigner(thing, (role, error) =>
                variations.map(([what, other]) => ({
                    what: `${role}'s with ${what}`,
                    message: messageOf(scene, draft, { [role]: signaturesOf(scene, other)[role] }),
                    error,
                })),
            );
        });
    });
});

/** What of a message can say something else than what was signed, and the error that it gets. */
const CARRIED: Record<ThingName, (scene: Scene, fields: Fields) => [Fields, string][]> = {
    quote: (_, { termsHash, collateral, validUntil }) => [
        [{ termsHash: termsHash! ^ 1n }, 'BAD_QUOTE_SIGNATURE'],
        [{ collateral: collateral! - 1n }, 'BAD_QUOTE_SIGNATURE'],
        [{ collateral: collateral! + 1n }, 'BAD_QUOTE_SIGNATURE'],
        [{ validUntil: validUntil! + 1n }, 'BAD_QUOTE_SIGNATURE'],
        [{ validUntil: validUntil! - 60n }, 'QUOTE_WINDOW'],
        [{ validUntil: validUntil! + 61n }, 'QUOTE_WINDOW'],
    ],
    approveFull: () => [],
    approveSubmitted: (_, { resultCommitment, amount }) => [
        [{ resultCommitment: resultCommitment! ^ 1n }, 'RESULT_MISMATCH'],
        [{ amount: amount! - 1n }, 'RESULT_MISMATCH'],
        [{ amount: amount! + 1n }, 'RESULT_MISMATCH'],
    ],
    voucher: (_, { amount }) => [
        [{ amount: amount! + 1n }, 'BAD_VOUCHER_SIGNATURE'],
        [{ receiptHead: 0n }, 'BAD_VOUCHER_SIGNATURE'],
        [{ openedLt: 0n }, 'SIGNED_FOR_ANOTHER'],
    ],
    closeAgreement: (_, { finalAmount, validUntil }) => [
        [{ finalAmount: finalAmount! + 1n }, 'BAD_CLIENT_SIGNATURE'],
        [{ validUntil: validUntil! + 1n }, 'BAD_CLIENT_SIGNATURE'],
        [{ openedLt: 0n }, 'SIGNED_FOR_ANOTHER'],
    ],
    requestClose: () => [],
};

describe('Altered after it was signed', () => {
    it.each(each.filter(([name]) => !['approveFull', 'requestClose'].includes(name)))('%s', async (name, thing) => {
        await expectForged(
            thing,
            async (scene, draft) =>
                await Promise.resolve(
                    CARRIED[name](scene, draft.fields).map(([change, error]) => ({
                        what: Object.keys(change).join(),
                        message: messageOf(scene, { ...draft, fields: { ...draft.fields, ...change } }, {}, draft),
                        error,
                    })),
                ),
        );
    });
});

/** Cells that both sides signed rightly, for another purpose, subject or sum. */
const SIGNED_AS_THEY_ARE: Partial<
    Record<ThingName, (draft: Draft) => [what: string, change: Partial<Draft>, error: string][]>
> = {
    voucher: ({ fields }) => [
        ...ofAnotherSubject('voucher', fields),
        ['nothing', { fields: { ...fields, amount: 0n } }, 'NOTHING_DUE'],
    ],
    closeAgreement: ({ fields }) => {
        const later = (by: bigint) => ({ fields: { ...fields, validUntil: fields['validUntil']! + by } });
        return [
            ...ofAnotherSubject('closeAgreement', fields),
            ['more than there is', { fields: { ...fields, finalAmount: toNano(10) + 1n } }, 'FINAL_AMOUNT'],
            ['a time that has passed', later(-60n), 'AGREEMENT_WINDOW'],
            ['a time too far ahead', later(541n), 'AGREEMENT_WINDOW'],
        ];
    },
};

function ofAnotherSubject(own: ThingName, fields: Fields): [string, Partial<Draft>, string][] {
    // The message says of which opening it is; tag and channel are the channel's own, so that others make the signature wrong.
    const { client } = THINGS.find(({ name }) => name === own)!.errors;
    const tags = (Object.keys(TAGS) as Tag[]).filter((name) => name !== own).map(tagBits);
    const changes: Fields[] = [
        { channel: fields['channel']! ^ 1n },
        { channel: fields['channel']! ^ (1n << 255n) },
        { channel: 0n },
        { openedLt: fields['openedLt']! - 1n },
        { openedLt: fields['openedLt']! + 1n },
        { openedLt: 0n },
    ];
    return [
        ...[...tags, RECEIPT, 0n].map((tag): [string, Partial<Draft>, string] => [`the tag ${tag}`, { tag }, client!]),
        ...changes.map((change): [string, Partial<Draft>, string] => [
            `another ${Object.keys(change).join()}`,
            { fields: { ...fields, ...change } },
            'openedLt' in change ? 'SIGNED_FOR_ANOTHER' : client!,
        ]),
    ];
}

describe('Rightly signed for something else', () => {
    it.each(Object.entries(SIGNED_AS_THEY_ARE))('%s', async (name, changesOf) => {
        await expectForged(
            THINGS.find((thing) => thing.name === name)!,
            async (scene, draft) =>
                await Promise.resolve(
                    changesOf(draft).map(([what, change, error]) => ({
                        what,
                        message: messageOf(scene, { ...draft, ...change }),
                        error,
                    })),
                ),
        );
    });
});

describe('Used as every other thing', () => {
    it.each(each)('%s', async (_, thing) => {
        await expectForged(thing, async (scene, draft) => {
            const forged: Forged[] = [];
            for (const other of THINGS.filter((one) => one !== thing)) {
                // As it would be where it belongs; what its opening lacks here, this one's has.
                const foreign = {
                    ...draft,
                    thing: other,
                    tag: tagBits(other.name),
                    fields: await fieldsOf(scene, other),
                };
                for (const role of thing.signers) {
                    const signatures = signaturesOf(scene, foreign);
                    forged.push({
                        what: `the ${role}'s signature of ${other.name}`,
                        message: messageOf(scene, draft, { [role]: signatures[role] }),
                        error: thing.errors[role]!,
                    });
                }
                if (thing.form === 'cell') {
                    // The very bits that were signed, as a cell that both sides signed.
                    const cell = cellOf(foreign);
                    const signatures = {
                        client: signWith(cell.hash(), keyOf(scene, 'client')),
                        provider: signWith(cell.hash(), keyOf(scene, 'provider')),
                    };
                    forged.push({
                        what: `the cell of ${other.name}`,
                        message: messageOf(scene, draft, signatures),
                        error: thing.errors.client!,
                    });
                }
            }
            return forged;
        });
    });
});

/** In a situation in which there is a job too. */
async function fieldsOf(scene: Scene, thing: Thing): Promise<Fields> {
    return await scene.market.chain.rewinding(async () => {
        await scene.enter(thing.at);
        return await thing.fields(scene);
    });
}

describe('A signature', () => {
    it.each(each)('that is not to the letter: %s', async (_, thing) => {
        await expectForged(thing, async (scene, draft) => {
            const flip = (signature: Buffer, index: number, bit: number) => {
                const copy = Buffer.from(signature);
                copy[index] = copy[index]! ^ bit;
                return copy;
            };
            const changes: [string, (signature: Buffer) => Buffer][] = [
                ['with the order added to S', stretched],
                ['of zeros', () => Buffer.alloc(64)],
                ['of ones', () => Buffer.alloc(64, 0xff)],
                ['with the first bit of R flipped', (signature) => flip(signature, 0, 0x80)],
                ['with the sign of R flipped', (signature) => flip(signature, 31, 0x80)],
                ['with the lowest bit of S flipped', (signature) => flip(signature, 32, 1)],
                ['with the highest bit of S set', (signature) => flip(signature, 63, 0x80)],
                [
                    'with halves swapped',
                    (signature) => Buffer.concat([signature.subarray(32), signature.subarray(0, 32)]),
                ],
            ];
            const genuine = signaturesOf(scene, draft);
            return await Promise.resolve(
                bySigner(thing, (role, error) =>
                    changes.map(([what, change]) => ({
                        what: `${role}'s ${what}`,
                        message: messageOf(scene, draft, { [role]: change(genuine[role]) }),
                        error,
                    })),
                ),
            );
        });
    });

    const LENGTHS: [ThingName, string][] = [
        ['quote', 'MALFORMED_CELL'],
        ['approveFull', 'WRONG_SENDER'],
        ['approveSubmitted', 'WRONG_SENDER'],
        ['requestClose', 'WRONG_SENDER'],
    ];
    it.each(LENGTHS)('of another length is none: %s', async (name, error) => {
        const thing = THINGS.find((one) => one.name === name)!;
        await expectForged(thing, async (scene, draft) => {
            const role = thing.signers[0]!;
            const whole = signaturesOf(scene, draft)[role];
            const lengths = [Buffer.alloc(0), whole.subarray(0, 63), Buffer.concat([whole, Buffer.alloc(1)])];
            return await Promise.resolve(
                lengths.map((signature) => ({
                    what: `${signature.length} bytes`,
                    message: messageOf(scene, draft, { [role]: signature }),
                    error,
                })),
            );
        });
    });
});
