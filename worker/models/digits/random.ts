/** A source of reproducible numbers: xoshiro128** by Blackman and Vigna, seeded through SplitMix32. */
export class SeededRandom {
    private readonly state: Uint32Array;

    /** @param seed - any integer; taken modulo 2^32. */
    constructor(seed: number) {
        let counter = seed >>> 0;
        this.state = Uint32Array.from({ length: 4 }, () => {
            counter = (counter + 0x9e37_79b9) >>> 0;
            let word = Math.imul(counter ^ (counter >>> 16), 0x21f0_aaad);
            word = Math.imul(word ^ (word >>> 15), 0x735a_2d97);
            return word ^ (word >>> 15);
        });
    }

    /** A uniform integer, 0 … 2^32 − 1. */
    nextWord(): number {
        const s = this.state;
        const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
        const shifted = s[1]! << 9;
        s[2]! ^= s[0]!;
        s[3]! ^= s[1]!;
        s[1]! ^= s[2]!;
        s[0]! ^= s[3]!;
        s[2]! ^= shifted;
        s[3] = rotateLeft(s[3]!, 11);
        return result;
    }

    /** A uniform number from the interval from −1 to 1. */
    nextSigned(): number {
        return this.nextWord() / 2 ** 31 - 1;
    }

    /** Shuffles in place (Fisher and Yates). */
    shuffle<T>(items: T[]): T[] {
        for (let i = items.length - 1; i > 0; i--) {
            // The bias of a scaled 32-bit word is below 2^-18 for the lengths in use here.
            const j = Math.floor((this.nextWord() / 2 ** 32) * (i + 1));
            [items[i], items[j]] = [items[j]!, items[i]!];
        }
        return items;
    }
}

function rotateLeft(word: number, bits: number): number {
    return (word << bits) | (word >>> (32 - bits));
}
