// How a broken guarantee is told.

/** A guarantee of the protocol does not hold. */
export class BrokenGuarantee extends Error {
    override readonly name = 'BrokenGuarantee';
}

/** Throws BrokenGuarantee with `sentence` unless `holds`. */
export function guarantee(holds: boolean, sentence: string): asserts holds {
    if (!holds) throw new BrokenGuarantee(sentence);
}
