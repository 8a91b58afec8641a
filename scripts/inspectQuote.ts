import { reportData } from '../wrappers';
import { asDate, asHex, inLine, Shown } from './lib/output';
import { asFmspc, asSerial } from './lib/policies';
import { forecastOf, quoteFlag } from './lib/quotes';
import { inspection, ownerFlag } from './lib/script';
import { verifierOf } from './lib/verifiers';

/** Shows a quote. */
export const run = inspection('inspectQuote', {
    about:
        "Shows what a quote of an Intel TDX machine says, and whether the network's verifier would take it for a provider: image, " +
        'platform, certificates, keys. It sends nothing, and verifies no signature: the chain does.',
    example: '--quote quote.bin --owner EQ…',
    flags: {
        quote: quoteFlag('The quote, raw or in hexadecimal'),
        owner: ownerFlag,
    },
    async read(context) {
        const verifier = await verifierOf(context);
        const owner = context.flags.owner ?? context.via.address;
        const { stake, stakeAddress } = owner ? await context.provider(owner) : {};
        const keys = stake?.profile
            ? reportData(stakeAddress!, stake.profile.signingKey, stake.profile.encryptionKey)
            : undefined;
        const forecast = forecastOf(context.flags.quote, verifier, keys, context.now);
        const { facts, failed, until, certificatesUntil } = forecast;
        return {
            quote: {
                measurement: asHex(facts.measurement),
                fmspc: asFmspc(facts.fmspc),
                svns: inLine(facts.svns, ' '),
                pceSvn: facts.pceSvn,
                tdxSvns: inLine([...facts.teeTcbSvn], ' '),
                qeIsvSvn: facts.qeIsvSvn,
                reportData: facts.reportData.toString('hex'),
                serials: inLine(facts.serials.map(asSerial)),
                certificatesUntil: asDate(certificatesUntil),
            },
            verifier: {
                image: verifier.policy.measurements.get(facts.measurement)?.name ?? null,
                keys: keys
                    ? new Shown(
                          keys.equals(facts.reportData),
                          keys.equals(facts.reportData)
                              ? `those of ${owner!.toString()}`
                              : `not ${owner!.toString()}'s`,
                      )
                    : null,
                refused: failed.length > 0 ? new Shown(failed, failed.join('; ')) : null,
                attestedUntil: asDate(failed.length > 0 ? 0 : until),
            },
        };
    },
});
