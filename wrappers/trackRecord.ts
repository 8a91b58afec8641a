import { requireUint } from './checks';

/** A provider's history, counted by its stake. */
export interface TrackRecord {
    /** nanoTON: sum of every paid amount × fee rate, so that it costs as much to fake as it says. */
    weight: bigint;
    settled: number;
    disputesWon: number;
    arbiterSilent: number;
    late: number;
    undelivered: number;
    wrong: number;
}

const COUNTER_BITS = 28n;
const WEIGHT_SHIFT = 168n;

/** Unpacks the 256-bit record of a stake: weight in the high 80 bits (88 are read), six counters of 28 bits below. */
export function parseTrackRecord(record: bigint): TrackRecord {
    requireUint('record', record, 256);
    const counter = (outcome: bigint) => Number((record >> (COUNTER_BITS * outcome)) & ((1n << COUNTER_BITS) - 1n));
    return {
        weight: record >> WEIGHT_SHIFT,
        settled: counter(0n),
        disputesWon: counter(1n),
        arbiterSilent: counter(2n),
        late: counter(3n),
        undelivered: counter(4n),
        wrong: counter(5n),
    };
}
