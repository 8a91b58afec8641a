import { AttestationRefusedError } from '../client';
import { openThrough, Tier } from '../wrappers';
import { Entry } from './journal';
import { Stages } from './stage';
import { packedQuoteOf, packedTcbInfo } from './testAuthority';

/** How a provider became attested, and what became of a client who asked the other one for it. */
export interface AttestationReport {
    readonly entries: readonly Entry[];
    /** Unix seconds: when the tier ends, by the stake; 0 if it never began. */
    readonly attestedUntil: number;
    /** What stood against a job of the tier Attested at the Open provider; empty if the client would have sent it. */
    readonly refusedFor: readonly string[];
    /** Transactions that the refused job caused. */
    readonly sentThough: number;
}

/** Whether one provider was attested, and nothing confidential got to the other one. */
export function attestationWentWell({ attestedUntil, refusedFor, sentThough }: AttestationReport): boolean {
    return attestedUntil > 0 && refusedFor.length > 0 && sentThough === 0;
}

/** Anybody submits the TCB info, the provider its quote; then a client tries to send confidential work to the Open provider. */
export async function playAttestation({ Open, Attested }: Stages): Promise<AttestationReport> {
    const { world, provider } = Attested;
    const { journal, market, connection, wallets } = world;
    const first = journal.entries.length;
    const verifier = openThrough(connection, world.verifier);
    await verifier.sendSubmitTcbInfo(wallets.client.getSender(), packedTcbInfo());
    const { quote, chain } = packedQuoteOf(provider);
    await verifier.sendAttestQuote(provider.operator.getSender(), { stake: provider.stake, quote, chain });
    const entries = journal.entries.slice(first);
    const { stake } = await market.provider(provider.owner.address);
    return {
        entries,
        attestedUntil: stake!.attestedUntil,
        refusedFor: await refusal(Open.client.requestQuote(await Open.order(Tier.Attested), Open.connect(Open.worker))),
        sentThough: journal.entries.length - first - entries.length,
    };
}

async function refusal(request: Promise<unknown>): Promise<readonly string[]> {
    try {
        await request;
        return [];
    } catch (error) {
        if (!(error instanceof AttestationRefusedError)) {
            throw error;
        }
        return error.failed.map(({ check, text }) => `${check}: ${text}`);
    }
}
