import { Address } from '@ton/core';
import { StakeInfo, StateError } from '../../wrappers';
import type { Context } from './context';
import { ScriptError } from './errors';
import { asDate, Shown } from './output';
import { isIntels, rootInWords } from './roots';
import { verifierAt } from './verifiers';

/** The tier of a provider, with what it means to a client. */
export async function tierOf(
    context: Context,
    { attestedUntil, verifier }: Pick<StakeInfo, 'attestedUntil' | 'verifier'>,
): Promise<Shown> {
    const until = asDate(attestedUntil).words;
    if (attestedUntil <= context.now) {
        const since = attestedUntil > 0 ? `, attested until ${until}` : '';
        return new Shown('open', `Open${since}: its operator can read inputs and results`);
    }
    const doubt = await doubtOf(context, verifier!);
    return new Shown(
        'attested',
        `Attested until ${until}: an allowed image in an Intel TDX machine made its keys known${doubt}`,
    );
}

/** What speaks against a verifier's word; nothing, if it pins Intel's root. */
async function doubtOf(context: Context, verifier: Address): Promise<string> {
    try {
        const { root } = await verifierAt(context, verifier);
        return isIntels(root) ? '' : `, says a verifier whose root is ${rootInWords(root)}`;
    } catch (error) {
        if (error instanceof StateError || error instanceof ScriptError) {
            return `, says a verifier that cannot be examined: ${error.message}`;
        }
        throw error;
    }
}
