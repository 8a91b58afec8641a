import { AttestationVerifier, createPolicyChangeCell, PckCertificate, Registry } from '../../../wrappers';
import { Golden } from './channelBodies';
import { addressOf, HASH_1, ID_A, ID_B, raw, std } from './raw';

const A = addressOf(ID_A);
const B = addressOf(ID_B);
const number = (hex: string) => BigInt(`0x${hex}`);

const queryId = 0x0102030405060708n;
const QUERY = 'x0102030405060708';
const SERIAL = '956f5dcdbd1be1e94049c9d4f433ce01570bde54';
const SERIAL_HALF = SERIAL.slice(-32);

const quoteRaw = raw('xaa01');
const chainRaw = raw('xbb02', raw('xbb03'));
const factsRaw = raw('xcc04');
const [infoRaw, signedRaw, signerRaw] = [raw('xdd05'), raw('xdd06'), raw('xdd07')];

const SVNS = '02020202030100050000000000000000';
const TDX_SVNS = '05000200000000000000000000000000';
const MODULES = `${'00'.repeat(28)}03000400`;

/** PolicyChange, in each of its kinds, by the schema. */
export const policyChanges = [
    {
        hand: raw(`x01 x${HASH_1} x6b000000 b1`, raw('x6d31')),
        wrapper: () =>
            createPolicyChangeCell({
                kind: 'measurement',
                measurement: number(HASH_1),
                allowed: { validUntil: 0x6b000000, name: 'm1' },
            }),
    },
    {
        hand: raw(`x01 x${HASH_1} x00000000 b0`),
        wrapper: () => createPolicyChangeCell({ kind: 'measurement', measurement: number(HASH_1), allowed: null }),
    },
    {
        hand: raw(`x02 xb0c06f000000 x69000000 x6a000000 x00000011 x${SVNS} x000b x${TDX_SVNS} x${MODULES}`),
        wrapper: () =>
            createPolicyChangeCell({
                kind: 'floor',
                fmspc: 0xb0c06f000000n,
                floor: {
                    issuedAt: 0x69000000,
                    validUntil: 0x6a000000,
                    evaluation: 17,
                    svns: [2, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
                    pceSvn: 11,
                    tdxSvns: [5, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                    modules: { 1: 4, 3: 3 },
                },
            }),
    },
    {
        hand: raw(`x02 xb0c06f000000 x${'00'.repeat(78)}`),
        wrapper: () => createPolicyChangeCell({ kind: 'floor', fmspc: 0xb0c06f000000n, floor: null }),
    },
    { hand: raw('x03 x0005'), wrapper: () => createPolicyChangeCell({ kind: 'leastIsvSvn', leastIsvSvn: 5 }) },
    {
        hand: raw(`x04 x${SERIAL_HALF}`),
        wrapper: () => createPolicyChangeCell({ kind: 'reinstate', serial: number(SERIAL) }),
    },
];

const changeRaw = policyChanges[0]!.hand;

/** schemas/attestation.tlb, and what schemas/registry.tlb has of it. */
export const attestationBodies: Record<string, Golden | Golden[]> = {
    ProposePolicy: policyChanges.map(({ hand }) => ({
        hand: raw(`x5247000b ${QUERY}`, hand),
        fields: { change: hand },
        wrapper: () => Registry.createProposePolicyBody({ queryId, change: hand }),
    })),
    RevokeAttestation: {
        hand: raw(`x5247000c ${QUERY} x${SERIAL_HALF}`),
        fields: { serial: number(SERIAL_HALF) },
        wrapper: () => Registry.createRevokeAttestationBody({ queryId, serial: number(SERIAL) }),
    },
    AttestQuote: [
        {
            hand: raw(`x41560001 ${QUERY} x${ID_A} b1`, quoteRaw, chainRaw),
            fields: { stake: number(ID_A), remember: true, quote: quoteRaw, chain: chainRaw },
            wrapper: () =>
                AttestationVerifier.createAttestQuoteBody({
                    queryId,
                    stake: A,
                    remember: true,
                    quote: quoteRaw,
                    chain: chainRaw,
                }),
        },
        {
            hand: raw(`x41560001 ${QUERY} x${ID_B} b0`, quoteRaw, chainRaw),
            fields: { stake: number(ID_B), remember: false, quote: quoteRaw, chain: chainRaw },
            wrapper: () =>
                AttestationVerifier.createAttestQuoteBody({ queryId, stake: B, quote: quoteRaw, chain: chainRaw }),
        },
    ],
    AttestRemembered: {
        hand: raw(`x41560002 ${QUERY} x${ID_A} ${std(ID_B)}`, factsRaw, quoteRaw),
        fields: { stake: number(ID_A), holder: B, facts: factsRaw, quote: quoteRaw },
        wrapper: () =>
            AttestationVerifier.createAttestRememberedBody({
                queryId,
                stake: A,
                holder: B,
                facts: factsRaw,
                quote: quoteRaw,
            }),
    },
    SubmitTcbInfo: {
        hand: raw(`x41560003 ${QUERY}`, infoRaw, signedRaw, signerRaw),
        fields: { info: infoRaw, signed: signedRaw, signer: signerRaw },
        wrapper: () =>
            AttestationVerifier.createSubmitTcbInfoBody({
                queryId,
                info: infoRaw,
                signed: signedRaw,
                signer: signerRaw,
            }),
    },
    ApplyPolicy: {
        hand: raw(`x41560004 ${QUERY} ${std(ID_A)}`, changeRaw),
        fields: { excessesTo: A, change: changeRaw },
        wrapper: () => AttestationVerifier.createApplyPolicyBody({ queryId, excessesTo: A, change: changeRaw }),
    },
    RevokeCertificate: {
        hand: raw(`x41560005 ${QUERY} x${SERIAL_HALF} ${std(ID_A)}`),
        fields: { serial: number(SERIAL_HALF), excessesTo: A },
        wrapper: () =>
            AttestationVerifier.createRevokeCertificateBody({ queryId, serial: number(SERIAL), excessesTo: A }),
    },
    RememberPck: {
        hand: raw(`x504b0001 ${QUERY}`),
        wrapper: () => PckCertificate.createRememberPckBody({ queryId }),
    },
    AttestWithPck: {
        hand: raw(`x504b0002 ${QUERY} x${ID_A}`, quoteRaw),
        fields: { stake: number(ID_A), quote: quoteRaw },
        wrapper: () => PckCertificate.createAttestWithPckBody({ queryId, stake: A, quote: quoteRaw }),
    },
    ForgetPck: {
        hand: raw(`x504b0003 ${QUERY}`),
        wrapper: () => PckCertificate.createForgetPckBody({ queryId }),
    },
};
