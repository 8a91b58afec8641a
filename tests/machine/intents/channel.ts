import { toNano } from '@ton/core';
import { publicKeyOf } from '../actors';
import { ChannelAccount, Signed } from '../model/types';
import { anybody, bare, DAY, HOUR, Makers, MINUTE, queryId, Scene, signed, spoiltSignature, YEAR } from './scene';

export const CHANNEL: Makers<ChannelAccount> = {
    OpenChannel: ({ world, chance, wild, place, account }) => {
        const closeDelay = chance.of([HOUR, HOUR, DAY, 30 * DAY]);
        const right = {
            deposit: chance.of([1n, toNano('0.02'), toNano(1), toNano(5)]),
            closesAt: world.now + closeDelay * chance.of([1, 2, 5]),
            closeDelay,
        };
        const wrong: Partial<typeof right>[] = [
            { deposit: 0n },
            { closesAt: world.now + closeDelay - 1 },
            { closesAt: world.now + YEAR + 1 },
            { closeDelay: HOUR - 1 },
            { closeDelay: 30 * DAY + 1, closesAt: world.now + 40 * DAY },
        ];
        return {
            message: {
                ...{ op: 'OpenChannel', queryId, ...right, ...(wild ? chance.of(wrong) : {}) },
                clientKey: publicKeyOf(place.key!),
                providerKey: publicKeyOf('p.signing'),
            },
            from: account.client,
        };
    },
    Redeem: (scene) => {
        const { memory, chance, wild, place, account } = scene;
        const old = memory.signatures.filter(({ over }) => over.tag === 'voucher' || over.tag === 'closeAgreement');
        if (wild && old.length > 0 && chance.once(2)) {
            const signature = chance.of(old);
            return { message: { op: 'Redeem', queryId, voucher: signature.over, signature }, from: anybody(chance) };
        }
        const voucher: Signed = {
            ...{ tag: 'voucher', channel: place.id, openedLt: account.openedLt, receiptHead: BigInt(chance.int(2)) },
            amount: account.claimed + chance.of([1n, toNano('0.01'), toNano('0.5'), toNano(2), wild ? 0n : 1n]),
        };
        const good = signed(memory, publicKeyOf(place.key!), voucher);
        return {
            message: {
                ...{ op: 'Redeem', queryId, voucher },
                signature: wild ? spoiltSignature(scene, good) : good,
            },
            from: anybody(chance),
        };
    },
    TopUpChannel: ({ chance, wild }) => ({
        message: { op: 'TopUpChannel', queryId, amount: wild ? 0n : chance.of([1n, toNano('0.1'), toNano(1)]) },
        from: anybody(chance),
    }),
    CloseChannel: (scene) => {
        const { world, memory, chance, wild, place, account } = scene;
        const { claimed, totalDeposited, openedLt } = account;
        const right = {
            finalAmount: chance.of([claimed, (claimed + totalDeposited) / 2n, totalDeposited]),
            validUntil: world.now + chance.of([1, MINUTE, 10 * MINUTE]),
        };
        const wrong: Partial<typeof right>[] = [
            { finalAmount: totalDeposited + 1n },
            { finalAmount: claimed > 0n ? claimed - 1n : totalDeposited + 1n },
            { validUntil: world.now + chance.of([0, 10 * MINUTE + 1]) },
            {},
            {},
        ];
        const old = memory.signatures.filter(({ over }) => over.tag === 'voucher' || over.tag === 'closeAgreement');
        const agreement: Signed =
            wild && old.length > 0 && chance.once(3)
                ? chance.of(old).over
                : {
                      ...{ tag: 'closeAgreement', channel: place.id, openedLt },
                      ...right,
                      ...(wild ? chance.of(wrong) : {}),
                  };
        const client = signed(memory, publicKeyOf(place.key!), agreement);
        const providers = signed(memory, account.providerKey || publicKeyOf('p.signing'), agreement);
        const spoils = wild ? chance.int(3) : 0;
        return {
            message: {
                ...{ op: 'CloseChannel', queryId, agreement },
                clientSignature: spoils === 1 ? spoiltSignature(scene, client) : client,
                providerSignature: spoils === 2 ? spoiltSignature(scene, providers) : providers,
            },
            from: anybody(chance),
        };
    },
    RequestClose: (scene) => {
        const { memory, chance, wild, place, account } = scene;
        if (!wild && chance.once(2)) {
            return { message: { op: 'RequestClose', queryId, signature: null }, from: account.client };
        }
        const over = { tag: 'requestClose', channel: place.id, openedLt: account.openedLt } as const;
        const good = signed(memory, publicKeyOf(place.key!), over);
        return {
            message: {
                ...{ op: 'RequestClose', queryId },
                signature: wild ? spoiltSignature(scene, good) : good,
            },
            from: anybody(chance),
        };
    },
    FinalizeChannel: bare('FinalizeChannel', ({ chance }: Scene<ChannelAccount>) => anybody(chance)),
};
