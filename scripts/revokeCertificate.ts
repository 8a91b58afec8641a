import { revocationKey } from '../wrappers';
import { flag, script } from './lib/script';
import { verifierOf } from './lib/verifiers';

/** Has the verifier believe a certificate no more. */
export const run = script('revokeCertificate', {
    about:
        'Has the verifier believe a certificate no more, as the governor and at once: of a machine (PCK), of an intermediate CA, or the ' +
        'one that signs TCB infos. A tier that was attested stays so until its end. proposePolicy --reinstate takes it back.',
    example: '--serial 3c16ed54…',
    flags: { serial: flag.serial('Serial number of the certificate; its lower 128 bits count') },
    async reached(context) {
        const { policy } = await verifierOf(context);
        return policy.revocations.has(revocationKey(context.flags.serial))
            ? 'The certificate is revoked: no quote under it is good any more.'
            : null;
    },
    act: ({ registry, via, flags, sending }) =>
        registry.sendRevokeAttestation(via, { ...sending, serial: flags.serial }),
});
