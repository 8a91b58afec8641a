import { Address } from '@ton/core';
import { run as executeProposal } from '../../../scripts/executeProposal';
import { run as proposePolicy } from '../../../scripts/proposePolicy';
import { run as submitTcbInfo } from '../../../scripts/submitTcbInfo';
import { packQuote } from '../../../protocol/attestation';
import { collateral } from '../../fixtures/attestation/collateral';
import { quoteBytes, quoteSpec } from '../../fixtures/attestation/quotes';
import { attestedUntil, AttestationStage, reportDataOf } from '../../fixtures/attestation/stage';
import { hashNamed } from '../../helpers/cells';
import { ChainOptions } from '../../helpers/chain';
import { Provider } from '../../helpers/network';
import { Roles, rolesWithVerifier } from './roles';

/** Of the usual image, in hexadecimal. */
export const MEASUREMENT = packQuote(quoteBytes(quoteSpec())).measurement.toString(16).padStart(64, '0');

const ALLOW = ['--allow', MEASUREMENT, '--name', 'image', '--valid-until', '2027-01-01'];
const TIMELOCK = 2 * 86_400;

/** The provider as the raw readers of the tests know it. */
export function providerOf({ desk, owner }: Roles): Provider {
    return {
        stake: Address.parse(desk.read().providers[owner.address.toString()].stake),
        profile: { signingKey: hashNamed('provider.signing'), encryptionKey: hashNamed('provider.encryption') },
    } as Provider;
}

/** Unix seconds in the data of the stake. */
export const tierUntil = (all: Roles) => attestedUntil({ chain: all.chain } as AttestationStage, providerOf(all));

/** Writes the quote of the provider's machine, with some of it changed. */
export function quoteFile(all: Roles, changes: Parameters<typeof quoteSpec>[0] = {}, name = 'quote.bin'): string {
    return all.desk.write(name, quoteBytes(quoteSpec({ reportData: reportDataOf(providerOf(all)), ...changes })));
}

/** With an image that is allowed and a platform that has its floor. */
export async function rolesToAttest(options: ChainOptions = {}): Promise<Roles> {
    const all = await rolesWithVerifier(options);
    const { chain, desk, governor, stranger } = all;
    await desk.run(proposePolicy, governor, ...ALLOW);
    chain.pass(TIMELOCK);
    await desk.run(executeProposal, stranger);
    await desk.run(submitTcbInfo, stranger, '--tcb-info', desk.write('collateral.json', collateral()));
    return all;
}
