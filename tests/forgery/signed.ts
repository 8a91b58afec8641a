import { Address, beginCell, Cell } from '@ton/core';
import { KeyPair, sha256_sync } from '@ton/crypto';
import { createPrivateKey, sign as signNatively } from 'node:crypto';
import { Message, PLENTY } from '../fixtures/stakes';
import { jobKeyOf, tagBits, TAGS, uint256Of } from '../helpers/cells';
import { body } from '../helpers/network';
import { Scene, Situation } from './scene';

export type Tag = keyof typeof TAGS;
export type ThingName = 'quote' | 'approveFull' | 'approveSubmitted' | 'voucher' | 'closeAgreement' | 'requestClose';
export type Role = 'client' | 'provider';

/** Fields in the order in which they are signed. */
export type Fields = Record<string, bigint>;

/** What is signed, and how a contract is shown it. */
export interface Thing {
    readonly name: ThingName;
    /** Width in bits of every field behind the tag. */
    readonly layout: Readonly<Record<string, number>>;
    /** A cell is signed over its own hash and travels whole; packed fields are hashed and travel as far as the contract lacks them. */
    readonly form: 'cell' | 'packed';
    readonly signers: readonly Role[];
    readonly at: Situation;
    /** What a wrong signature gets, by whose it is. */
    readonly errors: Readonly<Partial<Record<Role, string>>>;
    readonly fields: (scene: Scene) => Promise<Fields>;
    readonly from: (scene: Scene) => Address;
    /** The message with what the fields say and these signatures; `cell` replaces what was signed. */
    readonly message: (scene: Scene, fields: Fields, signatures: Record<Role, Buffer>, cell: Cell) => Message;
}

const stranger = ({ market }: Scene) => market.stranger.address;
const openedLtOfChannel = async ({ channel }: Scene) => (await channel.terms()).openedLt;

export const THINGS: readonly Thing[] = [
    {
        name: 'quote',
        layout: { escrow: 256, termsHash: 256, collateral: 64, validUntil: 32 },
        form: 'packed',
        signers: ['provider'],
        // Nobody is at the escrow's address yet, so nobody is there to act on a bounce.
        at: 'channel',
        errors: { provider: 'BAD_QUOTE_SIGNATURE' },
        fields: async ({ job, market }) =>
            await Promise.resolve({
                escrow: uint256Of(job.escrow.hash),
                termsHash: uint256Of(job.termsCell.hash()),
                collateral: job.terms.requiredCollateral,
                validUntil: BigInt(market.now + 60),
            }),
        from: ({ job }) => job.escrow,
        message: ({ market, job }, { termsHash, collateral, validUntil }, { provider }) => ({
            to: market.stake,
            value: PLENTY,
            body: body('AcceptQuote', 1n)
                .storeUint(collateral!, 64)
                .storeAddress(market.client.address)
                .storeUint(job.nonce, 64)
                .storeUint(job.lockUntil, 32)
                .storeRef(
                    beginCell().storeUint(termsHash!, 256).storeUint(validUntil!, 32).storeBuffer(provider).endCell(),
                )
                .endCell(),
        }),
    },
    {
        name: 'approveFull',
        layout: { jobKey: 256 },
        form: 'packed',
        signers: ['client'],
        at: 'accepted',
        errors: { client: 'BAD_APPROVAL_SIGNATURE' },
        fields: async ({ job }) => ({ jobKey: await job.jobKey() }),
        from: stranger,
        message: ({ job }, _, { client }) => ({
            to: job.escrow,
            value: PLENTY,
            body: body('ApproveFull').storeBuffer(client).endCell(),
        }),
    },
    {
        name: 'approveSubmitted',
        layout: { jobKey: 256, resultCommitment: 256, amount: 64 },
        form: 'packed',
        signers: ['client'],
        at: 'submitted',
        errors: { client: 'BAD_APPROVAL_SIGNATURE' },
        fields: async ({ job }) => ({
            jobKey: await job.jobKey(),
            resultCommitment: job.resultCommitment,
            amount: job.terms.price,
        }),
        from: stranger,
        message: ({ job }, { amount, resultCommitment }, { client }) => ({
            to: job.escrow,
            value: PLENTY,
            body: body('ApproveSubmitted')
                .storeUint(amount!, 64)
                .storeUint(resultCommitment!, 256)
                .storeBuffer(client)
                .endCell(),
        }),
    },
    {
        name: 'voucher',
        layout: { channel: 256, openedLt: 64, amount: 64, receiptHead: 256 },
        form: 'cell',
        signers: ['client'],
        at: 'channel',
        errors: { client: 'BAD_VOUCHER_SIGNATURE' },
        fields: async (scene) => ({
            channel: uint256Of(scene.channel.address.hash),
            openedLt: await openedLtOfChannel(scene),
            amount: scene.channel.offer.deposit / 2n,
            receiptHead: 5n,
        }),
        from: stranger,
        message: ({ channel }, _, { client }, cell) => ({
            to: channel.address,
            value: PLENTY,
            body: channel.redeemBody(cell, client),
        }),
    },
    {
        name: 'closeAgreement',
        layout: { channel: 256, openedLt: 64, finalAmount: 64, validUntil: 32 },
        form: 'cell',
        signers: ['client', 'provider'],
        at: 'channel',
        errors: { client: 'BAD_CLIENT_SIGNATURE', provider: 'BAD_PROVIDER_SIGNATURE' },
        fields: async (scene) => ({
            channel: uint256Of(scene.channel.address.hash),
            openedLt: await openedLtOfChannel(scene),
            finalAmount: scene.channel.offer.deposit / 2n,
            validUntil: BigInt(scene.market.now + 60),
        }),
        from: stranger,
        message: ({ channel }, _, signatures, cell) => ({
            to: channel.address,
            value: PLENTY,
            body: channel.closeBody(cell, signatures),
        }),
    },
    {
        name: 'requestClose',
        layout: { channel: 256, openedLt: 64 },
        form: 'packed',
        signers: ['client'],
        at: 'channel',
        errors: { client: 'BAD_CLIENT_SIGNATURE' },
        fields: async (scene) => ({
            channel: uint256Of(scene.channel.address.hash),
            openedLt: await openedLtOfChannel(scene),
        }),
        from: stranger,
        message: ({ channel }, _, { client }) => ({
            to: channel.address,
            value: PLENTY,
            body: channel.requestCloseBody(client),
        }),
    },
];

/** A thing with the fields that it has here and now. */
export interface Draft {
    readonly thing: Thing;
    readonly tag: bigint;
    readonly fields: Fields;
}

export async function draftOf(scene: Scene, thing: Thing): Promise<Draft> {
    return { thing, tag: tagBits(thing.name), fields: await thing.fields(scene) };
}

/** Tag and fields as a cell; of packed things a cell with the same bits. */
export function cellOf({ thing, tag, fields }: Draft): Cell {
    const builder = beginCell().storeUint(tag, 64);
    Object.entries(thing.layout).forEach(([name, bits]) => builder.storeUint(fields[name]!, bits));
    return builder.endCell();
}

/** The 32 bytes that the key signs. */
export function hashOf(draft: Draft): Buffer {
    const cell = cellOf(draft);
    return draft.thing.form === 'cell' ? cell.hash() : sha256_sync(cell.bits.subbuffer(0, cell.bits.length)!);
}

/** The key that a role signs with. */
export function keyOf({ market, channel }: Scene, role: Role): KeyPair {
    return role === 'client' ? channel.clientKey : market.provider.signing;
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Ed25519. Node's own is forty times as fast as the library's. */
export function signWith(hash: Buffer, { secretKey }: KeyPair): Buffer {
    const key = Buffer.concat([PKCS8, secretKey.subarray(0, 32)]);
    return signNatively(null, hash, createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

/** Both roles' signatures over a draft. */
export function signaturesOf(scene: Scene, draft: Draft): Record<Role, Buffer> {
    const hash = hashOf(draft);
    return { client: signWith(hash, keyOf(scene, 'client')), provider: signWith(hash, keyOf(scene, 'provider')) };
}

/** The message that shows a draft to its contract; `signed` is what the signatures are over. */
export function messageOf(
    scene: Scene,
    draft: Draft,
    signatures: Partial<Record<Role, Buffer>> = {},
    signed: Draft = draft,
): Message {
    const all = { ...signaturesOf(scene, signed), ...signatures };
    return draft.thing.message(scene, draft.fields, all, cellOf(draft));
}

/** A job key like the scene's with one part changed. */
export async function otherJobKeys({ job, market }: Scene): Promise<[what: string, jobKey: bigint][]> {
    const { openedLt } = await job.data();
    const terms = job.termsCell;
    const another = beginCell().storeSlice(terms.beginParse()).storeBit(0).endCell();
    return [
        ['another escrow', jobKeyOf(market.stake, terms, openedLt)],
        ['other terms', jobKeyOf(job.escrow, another, openedLt)],
        ['the opening before', jobKeyOf(job.escrow, terms, openedLt - 1n)],
        ['the opening after', jobKeyOf(job.escrow, terms, openedLt + 1n)],
        ['no opening', jobKeyOf(job.escrow, terms, 0n)],
    ];
}

/** The order of Ed25519's group. */
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;

const little = (bytes: Buffer) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
export const littleEndian = (value: bigint): Buffer =>
    Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

/** The same signature with the order added to S: RFC 8032 forbids it, many libraries take it. */
export function stretched(signature: Buffer): Buffer {
    return Buffer.concat([signature.subarray(0, 32), littleEndian(little(signature.subarray(32)) + ORDER)]);
}

/** A scalar below the order. */
export const reduced = (bytes: Buffer): bigint => little(bytes) % ORDER;
