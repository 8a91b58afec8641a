import { packTcbInfo } from '../protocol/attestation';
import { StateError } from '../wrappers';
import { asDate } from './lib/output';
import { asFmspc } from './lib/policies';
import { flag, optional, script } from './lib/script';
import { tcbInfoFlag, tcbInfoOf } from './lib/tcbInfos';
import { verifierOf } from './lib/verifiers';

/** Brings Intel's word on a kind of platform. */
export const run = script('submitTcbInfo', {
    about:
        "Brings the verifier Intel's signed word on a kind of platform (TCB info for TDX), which it checks itself; anybody may. It is " +
        'the floor of that platform until its nextUpdate, 30 days: submit the next one by then, or attestations end.',
    example: '--tcb-info tcb.json --issuer-chain chain.pem',
    flags: {
        tcbInfo: tcbInfoFlag(
            "The answer of Intel's service /tdx/certification/v4/tcb, or a quote's collateral as JSON",
        ),
        issuerChain: optional(flag.bytes('Its header TCB-Info-Issuer-Chain, PEM; collateral has it')),
    },
    async reached(context) {
        const { fmspc, issuedAt, validUntil, evaluation } = tcbInfoOf(context.flags.tcbInfo, context.flags.issuerChain);
        const held = (await verifierOf(context)).policy.floors.get(fmspc);
        if (held && held.issuedAt === issuedAt && held.evaluation === evaluation) {
            return `Platforms ${asFmspc(fmspc)} have this floor until ${asDate(held.validUntil).words}.`;
        }
        if (held && (held.issuedAt >= issuedAt || held.evaluation > evaluation)) {
            throw new StateError(
                'wrong-state',
                `The floor of ${asFmspc(fmspc)} is newer: of ${asDate(held.issuedAt).words}, evaluation ${held.evaluation}; ` +
                    'get the current TCB info',
            );
        }
        if (validUntil <= context.now) {
            throw new StateError(
                'wrong-state',
                `The TCB info expired at ${asDate(validUntil).words}; get the current one`,
            );
        }
        return null;
    },
    async act(context) {
        const { contract, root } = await verifierOf(context);
        const info = tcbInfoOf(context.flags.tcbInfo, context.flags.issuerChain);
        return contract.sendSubmitTcbInfo(context.via, { ...context.sending, ...packTcbInfo(info, root) });
    },
});
