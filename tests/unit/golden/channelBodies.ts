import { Cell } from '@ton/core';
import { PaymentChannel } from '../../../wrappers';
import { ED25519, HASH_1, raw, SIGNATURE } from './raw';

/** One message by its schema, and the ways to build it. */
export interface Golden {
    /** By the schema. */
    hand: Cell;
    /** For the generated bindings, without query id. */
    fields?: Record<string, unknown>;
    /** Events and shares that only contracts send have no wrapper. */
    wrapper?: () => Cell;
}

const number = (hex: string) => BigInt(`0x${hex}`);
const bytes = (hex: string) => Buffer.from(hex, 'hex');

const queryId = 0x0102030405060708n;
const QUERY = 'x0102030405060708';
/** Of RFC 8032's second test vector. */
const OTHER_KEY = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const OTHER_SIGNATURE = 'a5'.repeat(64);

const VOUCHER_FIELDS = `x00000000075bcd15 x00000002540be400 x${'4c'.repeat(32)}`;
/** Voucher: 704 bits. */
const voucherRaw = raw(`x434d2e7663682e31 x${HASH_1} ${VOUCHER_FIELDS}`);
const AGREEMENT_FIELDS = 'x00000000075bcd15 x00000002540be400 x6b000000';
/** CloseAgreement: 480 bits. */
const agreementRaw = raw(`x434d2e636c732e31 x${HASH_1} ${AGREEMENT_FIELDS}`);

/** schemas/channel.tlb. */
export const channelBodies: Record<string, Golden | Golden[]> = {
    Redeem: {
        hand: raw(`x50430001 ${QUERY} ${VOUCHER_FIELDS} x${SIGNATURE}`),
        fields: { signed: raw(`${VOUCHER_FIELDS} x${SIGNATURE}`).beginParse() },
        wrapper: () => PaymentChannel.createRedeemBody({ queryId, signature: bytes(SIGNATURE), voucher: voucherRaw }),
    },
    TopUpChannel: [
        {
            hand: raw(`x50430002 ${QUERY} x0000000000000001`),
            fields: { amount: 1n },
            wrapper: () => PaymentChannel.createTopUpChannelBody({ queryId, amount: 1n }),
        },
        {
            hand: raw(`x50430002 ${QUERY} xffffffffffffffff`),
            fields: { amount: 2n ** 64n - 1n },
            wrapper: () => PaymentChannel.createTopUpChannelBody({ queryId, amount: 2n ** 64n - 1n }),
        },
    ],
    CloseChannel: {
        hand: raw(`x50430003 ${QUERY} ${AGREEMENT_FIELDS} x${SIGNATURE}`, raw(`x${OTHER_SIGNATURE}`)),
        fields: {
            signed: raw(`${AGREEMENT_FIELDS} x${SIGNATURE}`).beginParse(),
            providerSignature: raw(`x${OTHER_SIGNATURE}`),
        },
        wrapper: () =>
            PaymentChannel.createCloseChannelBody({
                queryId,
                clientSignature: bytes(SIGNATURE),
                agreement: agreementRaw,
                providerSignature: bytes(OTHER_SIGNATURE),
            }),
    },
    RequestClose: [
        {
            hand: raw(`x50430004 ${QUERY}`),
            fields: { signature: raw('').beginParse() },
            wrapper: () => PaymentChannel.createRequestCloseBody({ queryId }),
        },
        {
            hand: raw(`x50430004 ${QUERY} x${SIGNATURE}`),
            fields: { signature: raw(`x${SIGNATURE}`).beginParse() },
            wrapper: () => PaymentChannel.createRequestCloseBody({ queryId, signature: bytes(SIGNATURE) }),
        },
    ],
    FinalizeChannel: {
        hand: raw(`x50430005 ${QUERY}`),
        wrapper: () => PaymentChannel.createFinalizeChannelBody({ queryId }),
    },
    OpenChannel: {
        hand: raw(`x50430006 ${QUERY} x00000002540be400 x6b000000 x00000e10 x${ED25519} x${OTHER_KEY}`),
        fields: {
            deposit: 10_000_000_000n,
            closesAt: 0x6b000000n,
            closeDelay: 3600n,
            clientKey: number(ED25519),
            providerKey: number(OTHER_KEY),
        },
        wrapper: () =>
            PaymentChannel.createOpenChannelBody({
                queryId,
                deposit: 10_000_000_000n,
                closesAt: 0x6b000000,
                closeDelay: 3600,
                clientKey: bytes(ED25519),
                providerKey: number(OTHER_KEY),
            }),
    },
    ChannelClosed: {
        hand: raw(`x50430007 ${QUERY}`),
        wrapper: () => PaymentChannel.createChannelClosedBody({ queryId }),
    },
};
