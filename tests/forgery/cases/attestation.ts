import { packTcbInfo } from '../../../protocol/attestation/tcbInfo';
import { policyChange } from '../../fixtures/attestation/policies';
import { attestBody, fromRegistry, packed, quoteOf, tcbInfoBody, withPckBody } from '../../fixtures/attestation/stage';
import { tcbInfoJson, tcbInfoSpec } from '../../fixtures/attestation/tcbInfos';
import { TestAuthority } from '../../fixtures/attestation/testAuthority';
import { DAY, PLENTY } from '../../fixtures/stakes';
import { uint256Of } from '../../helpers/cells';
import { GENESIS } from '../../helpers/chain';
import { body } from '../../helpers/network';
import { Scene } from '../scene';
import { bare, Case, certificate, client, registry, toCertificateOf, toVerifierOf, verifier } from './case';

const quote = ({ market }: Scene) => packed(quoteOf(market.provider));
const holder = ({ market }: Scene) => market.client.address;
const signedTcbInfo = () => {
    const authority = new TestAuthority();
    const signed = authority.signTcbInfo(tcbInfoJson(tcbInfoSpec()), GENESIS - 100 * DAY, GENESIS + 100 * DAY);
    return tcbInfoBody(packTcbInfo(signed, authority.root.point));
};

export const attestationCases: Case[] = [
    ...[false, true].map((remembers) =>
        toVerifierOf(
            'AttestQuote',
            'registered',
            'anyone',
            (scene) => attestBody(scene.market.provider, quote(scene), remembers),
            { variant: remembers ? 'that remembers' : undefined },
        ),
    ),
    toVerifierOf(
        'AttestRemembered',
        'remembered',
        certificate,
        (scene) =>
            body('AttestRemembered')
                .storeUint(uint256Of(scene.market.stake.hash), 256)
                .storeAddress(holder(scene))
                .storeRef(scene.facts)
                .storeRef(quote(scene).quote)
                .endCell(),
        { byHash: true },
    ),
    toVerifierOf('SubmitTcbInfo', 'network', 'anyone', signedTcbInfo),
    toVerifierOf('ApplyPolicy', 'network', registry, (scene) =>
        fromRegistry.apply(policyChange.leastIsvSvn(5), holder(scene)),
    ),
    toVerifierOf('RevokeCertificate', 'network', registry, (scene) => fromRegistry.revoke(7n, holder(scene))),
    {
        name: 'RememberPck',
        contract: 'PckCertificate',
        at: 'registered',
        senders: verifier,
        message: ({ certificate: { address: to, init } }) => ({ to, init, value: PLENTY, body: bare('RememberPck')() }),
    },
    toCertificateOf('AttestWithPck', 'remembered', client, (scene) =>
        withPckBody(scene.market.provider, quote(scene).quote),
    ),
    toCertificateOf('ForgetPck', 'remembered', client, bare('ForgetPck')),
];
