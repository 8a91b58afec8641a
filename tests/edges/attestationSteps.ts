import { Cell } from '@ton/core';
import { packTcbInfo } from '../../protocol/attestation/tcbInfo';
import { policyChange } from '../fixtures/attestation/policies';
import { quoteSpec } from '../fixtures/attestation/quotes';
import {
    attestBody,
    packed,
    quoteOf,
    revocationOf,
    SERIALS,
    tcbInfoBody,
    withPckBody,
} from '../fixtures/attestation/stage';
import { tcbInfoJson, tcbInfoSpec } from '../fixtures/attestation/tcbInfos';
import { TestAuthority } from '../fixtures/attestation/testAuthority';
import { GENESIS } from '../helpers/chain';
import { body } from '../helpers/network';
import { afterTimelock } from './providerSteps';
import { OPENING, plain, step } from './step';
import { World } from './world';

const DAY = 86_400;

// Quotes: a stranger brings them.

const verdict = ['AttestationVerdict verifier stake', 'Excesses verifier stranger', 'Excesses stake verifier'];

export const payRent = step('Rent for the verifier', () => new Cell(), ['empty stranger verifier']);
export const attest = step('AttestQuote', ({ provider }) => attestBody(provider, packed(quoteOf(provider))), [
    'AttestQuote stranger verifier',
    ...verdict,
]);
export const attestOthers = step(
    'AttestQuote over other keys',
    ({ provider }) => attestBody(provider, packed(quoteSpec())),
    [
        'AttestQuote stranger verifier',
        'AttestationVerdict verifier stake!',
        'Excesses verifier stranger',
        'bounced AttestationVerdict stake verifier',
    ],
);
export const remember = step(
    'AttestQuote that remembers',
    ({ provider }) => attestBody(provider, packed(quoteOf(provider)), true),
    ['AttestQuote stranger verifier', ...verdict, 'RememberPck verifier certificate', 'Excesses certificate stranger'],
    { value: () => OPENING },
);
const withPck =
    (changes: Parameters<typeof quoteOf>[1] = {}) =>
    ({ provider }: World) =>
        withPckBody(provider, packed(quoteOf(provider, changes)).quote);
export const attestWithPck = step('AttestWithPck', withPck(), [
    'AttestWithPck stranger certificate',
    'AttestRemembered certificate verifier',
    ...verdict,
]);
export const attestBadly = step('AttestWithPck of another image', withPck({ mrtd: Buffer.alloc(48, 9) }), [
    'AttestWithPck stranger certificate',
    'AttestRemembered certificate verifier!',
    'bounced AttestRemembered verifier certificate',
    'Excesses certificate stranger',
]);
export const forgetPck = step('ForgetPck', plain('ForgetPck'), [
    'ForgetPck stranger certificate',
    'Excesses certificate stranger',
]);

// Policy

export const submitTcbInfo = step(
    'SubmitTcbInfo',
    () => {
        const authority = new TestAuthority();
        const signed = authority.signTcbInfo(tcbInfoJson(tcbInfoSpec()), GENESIS - 100 * DAY, GENESIS + 100 * DAY);
        return tcbInfoBody(packTcbInfo(signed, authority.root.point));
    },
    ['SubmitTcbInfo stranger verifier', 'Excesses verifier stranger'],
);
const propose = (name: string, change: Cell) =>
    step(name, () => body('ProposePolicy').storeRef(change).endCell(), [
        'ProposePolicy governor registry',
        'Excesses registry governor',
    ]);
export const proposePolicy = propose('ProposePolicy', policyChange.leastIsvSvn(5));
export const executePolicy = step(
    'ExecuteProposal of a policy',
    plain('ExecuteProposal'),
    [
        'ExecuteProposal stranger registry',
        'ApplyPolicy registry verifier',
        'Excesses registry stranger',
        'Excesses verifier stranger',
    ],
    { time: afterTimelock },
);
export const proposeImpossible = propose('ProposePolicy of what cannot be', policyChange.dropMeasurement(1n));
export const executeImpossible = step(
    'ExecuteProposal of what cannot be',
    plain('ExecuteProposal'),
    [
        'ExecuteProposal stranger registry',
        'ApplyPolicy registry verifier!',
        'Excesses registry stranger',
        'bounced ApplyPolicy verifier registry',
    ],
    { time: afterTimelock },
);
export const revokeAttestation = step(
    'RevokeAttestation',
    () => body('RevokeAttestation').storeUint(revocationOf(SERIALS[0][1]), 128).endCell(),
    [
        'RevokeAttestation governor registry',
        'RevokeCertificate registry verifier',
        'Excesses registry governor',
        'Excesses verifier governor',
    ],
);
