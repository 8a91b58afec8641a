import { toNano } from '@ton/core';
import { idOf, publicKeyOf } from '../actors';
import { ciphertextOf, termsOf } from '../bodies';
import { Chance } from '../chance';
import { EscrowAccount, Id, Message, Signature, Signed } from '../model/types';
import { hashes } from '../places';
import {
    anybody,
    anyKey,
    bare,
    DAY,
    HOUR,
    Intent,
    jobKeyAt,
    Makers,
    MINUTE,
    queryId,
    Scene,
    signed,
    spoiltSignature,
} from './scene';

function termsFor({ world, chance, place, account, wild }: Scene<EscrowAccount>) {
    const { now } = world;
    const sound = {
        price: chance.of([toNano('0.5'), toNano(3), toNano(10)]),
        requiredCollateral: chance.of([0n, world.costs.dust(), toNano(20), toNano(20), toNano(20), toNano(60)]),
        tier: chance.once(8) ? 1 : 0,
        acceptBy: now + chance.of([1, 10 * MINUTE, HOUR, HOUR, HOUR, DAY, DAY]),
        deliverWithin: chance.of([2 * MINUTE, HOUR, DAY]),
        challengeWindow: chance.of([10 * MINUTE, DAY]),
        responseWindow: chance.of([HOUR, DAY]),
        arbitrationWindow: chance.of([DAY, 7 * DAY]),
        challengeBond: chance.of([0n, 1n, toNano(2)]),
        lateSlashBps: chance.of([0, 1000, 2500]),
        toClientBps: chance.of([0, 3333, 5000]),
        clientKey: publicKeyOf(place.key!),
        arbiter: idOf('arbiter'),
    };
    const wrong = [
        { price: 0n },
        { requiredCollateral: world.costs.dust() - 1n },
        { tier: 2 },
        { acceptBy: now - chance.int(2) },
        { deliverWithin: chance.of([2 * MINUTE - 1, 30 * DAY + 1]) },
        { challengeWindow: chance.of([10 * MINUTE - 1, 14 * DAY + 1]) },
        { responseWindow: chance.of([HOUR - 1, 14 * DAY + 1]) },
        { arbitrationWindow: chance.of([DAY - 1, 30 * DAY + 1]) },
        { lateSlashBps: 2501 },
        { toClientBps: 5001 },
        { arbiter: account.client },
        { deliverWithin: 30 * DAY, challengeWindow: 14 * DAY, responseWindow: 14 * DAY, arbitrationWindow: 30 * DAY },
    ];
    return termsOf(wild ? { ...sound, ...chance.of(wrong) } : sound);
}

const RESULTS = (['small', 'full', 'big'] as const).map((size) => {
    const bytes = { small: 100, full: 4096, big: 4097 }[size];
    return { hash: ciphertextOf(size, bytes), tooLarge: size === 'big' };
});

const clientOf = ({ account }: Scene<EscrowAccount>): Id => account.client;
const whoever = ({ chance }: Scene<EscrowAccount>): Id => anybody(chance);
const provider = ({ chance, account }: Scene<EscrowAccount>): Id =>
    account.party ? chance.of([account.party.operator, account.party.owner]) : anybody(chance);

export const ESCROW: Makers<EscrowAccount> = {
    PostJob: (scene) => {
        const { world, memory, chance, place, account } = scene;
        // Bad terms or a bad quote, not both.
        const badQuote = scene.wild && chance.once(2);
        const terms = termsFor({ ...scene, wild: scene.wild && !badQuote });
        if (!badQuote && chance.once(2)) {
            return { message: { op: 'PostJob', queryId, terms, quote: null }, from: account.client };
        }
        const stake = world.model.get(account.providerStake);
        const by =
            stake?.kind === 'ProviderStake' && stake.profile ? stake.profile.signingKey : publicKeyOf('p.signing');
        const validUntil = world.now + (badQuote ? chance.of([0, 121, 60, 60]) : chance.of([1, MINUTE, 2 * MINUTE]));
        const over: Signed = {
            ...{ tag: 'quote', escrow: place.id, termsHash: terms.hash, validUntil },
            collateral: terms.requiredCollateral,
        };
        const good = signed(memory, by, over);
        const signature = badQuote ? spoiltSignature(scene, good) : good;
        return {
            message: { op: 'PostJob', queryId, terms, quote: { termsHash: terms.hash, validUntil, signature } },
            from: account.client,
        };
    },
    JobAccepted: ({ chance, place, account }) => ({
        message: {
            ...{ op: 'JobAccepted', queryId: 5n, slot: 0, jobKey: jobKeyAt(place, account) },
            collateral: account.terms?.requiredCollateral ?? 0n,
            ...{ lockUntil: account.lockUntil, tier: 1, attestedUntil: account.lockUntil },
            party: {
                settlement: hashes.till(account.providerStake),
                operator: anybody(chance),
                owner: anybody(chance),
            },
        },
        from: anybody(chance),
    }),
    ApproveFull: (scene) => {
        const { memory, chance, place, account, wild } = scene;
        const over = { tag: 'approveFull', jobKey: jobKeyAt(place, account) } as const;
        const good = signed(memory, publicKeyOf(place.key!), over);
        return approval(scene, (signature) => ({ op: 'ApproveFull', queryId, signature }), good, wild, chance);
    },
    ApproveSubmitted: (scene) => {
        const { memory, chance, place, account, wild } = scene;
        const { amount, resultCommitment } = account.submission ?? { amount: 1n, resultCommitment: RESULTS[0]!.hash };
        const off = wild && chance.once(2);
        const fields = {
            amount: off && chance.once(2) ? amount + 1n : amount,
            resultCommitment: off ? chance.of(RESULTS).hash : resultCommitment,
        };
        const over = { tag: 'approveSubmitted', jobKey: jobKeyAt(place, account), ...fields } as const;
        const good = signed(memory, publicKeyOf(place.key!), over);
        return approval(
            scene,
            (signature) => ({ op: 'ApproveSubmitted', queryId, ...fields, signature }),
            good,
            wild && !off,
            chance,
        );
    },
    SubmitResult: (scene) => {
        const { chance, wild, place, account } = scene;
        const price = account.terms?.price ?? 1n;
        const right = { amount: chance.of([price, price, price / 2n, 0n]), jobKey: jobKeyAt(place, account) };
        const wrong: Partial<typeof right>[] = [{ amount: price + 1n }, { jobKey: right.jobKey ^ 1n }];
        return {
            message: {
                ...{ op: 'SubmitResult', queryId, ...right, ...(wild ? chance.of(wrong) : {}) },
                ...{ resultCommitment: chance.of([...RESULTS, RESULTS[0]!]).hash, traceRoot: 6n },
            },
            from: provider(scene),
        };
    },
    FinalizeJob: bare('FinalizeJob', whoever),
    ExpireJob: bare('ExpireJob', whoever),
    CancelJob: bare('CancelJob', clientOf),
    DemandResult: bare('DemandResult', clientOf),
    PublishResult: ({ chance, wild, account }) => {
        const right = RESULTS.find(({ hash }) => hash === account.submission?.resultCommitment);
        const result = wild || !right ? chance.of(RESULTS) : right;
        return { message: { op: 'PublishResult', queryId, ...result }, from: anybody(chance) };
    },
    PublishStorageId: (scene) => ({
        message: { op: 'PublishStorageId', queryId, bytes: scene.wild ? 0 : scene.chance.of([1, 127]) },
        from: provider(scene),
    }),
    ExpireDemand: bare('ExpireDemand', whoever),
    Challenge: bare('Challenge', clientOf),
    Verdict: ({ chance, wild, account }) => ({
        message: {
            ...{ op: 'Verdict', queryId, wrong: wild || chance.once(2) },
            slashBps: wild ? 10001 : chance.of([0, 1, 5000, 10000]),
        },
        from: account.terms?.arbiter ?? idOf('arbiter'),
    }),
    ExpireDispute: bare('ExpireDispute', whoever),
};

/** By the client's wallet, or by anybody with the signature. */
function approval(
    { account }: Scene<EscrowAccount>,
    make: (signature: Signature | null) => Message,
    good: Signature,
    wild: boolean,
    chance: Chance,
): Intent {
    if (wild) {
        const over: Signed = chance.once(2)
            ? good.over
            : { tag: 'approveFull', jobKey: 'jobKey' in good.over ? good.over.jobKey ^ 1n : 1n };
        return { message: make({ by: anyKey(chance), over }), from: anybody(chance) };
    }
    return chance.once(2)
        ? { message: make(null), from: account.client }
        : { message: make(good), from: anybody(chance) };
}
