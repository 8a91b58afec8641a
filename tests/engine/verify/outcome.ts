/** What a run gave, whoever computed it. */
export interface Outcome {
    /** For each computed position the outputs of its operators, as bytes of the trace. */
    readonly records: readonly (readonly Uint8Array[])[];
    /** The bytes of the result. */
    readonly result: Uint8Array;
    /** 32 bytes each. */
    readonly modelRoot: Uint8Array;
    readonly traceRoot: Uint8Array;
}

/** What {@link compareOutcomes} found. */
export interface Comparison {
    /** How many were compared: operators' outputs, results and roots. */
    readonly tensors: number;
    /** Names of those that differ. */
    readonly mismatches: readonly string[];
}

/** Compares two outcomes tensor by tensor. */
export function compareOutcomes(actual: Outcome, expected: Outcome): Comparison {
    const found = tensorsOf(actual);
    const wanted = tensorsOf(expected);
    const names = new Set([...found.keys(), ...wanted.keys()]);
    const mismatches = [...names].filter((name) => !sameBytes(found.get(name), wanted.get(name)));
    return { tensors: names.size, mismatches };
}

function tensorsOf({ records, result, modelRoot, traceRoot }: Outcome): Map<string, Uint8Array> {
    const operators = records.flatMap((record, position) =>
        record.map((bytes, operator): [string, Uint8Array] => [`position ${position}, operator ${operator}`, bytes]),
    );
    return new Map([...operators, ['result', result], ['modelRoot', modelRoot], ['traceRoot', traceRoot]]);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
    return a !== undefined && b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
