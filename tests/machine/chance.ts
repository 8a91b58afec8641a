/** Choices that follow from one number, so that a command does the same whenever it runs in the same world. */
export class Chance {
    private state: number;

    constructor(seed: number) {
        this.state = (seed ^ 0x9e3779b9) >>> 0;
    }

    /** 0 … below − 1. (Mulberry32, by Tommy Ettinger, public domain.) */
    int(below: number): number {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let x = this.state;
        x = Math.imul(x ^ (x >>> 15), x | 1);
        x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
        return ((x ^ (x >>> 14)) >>> 0) % below;
    }

    of<T>(list: readonly T[]): T {
        return list[this.int(list.length)]!;
    }

    /** True once in so many times. */
    once(inTimes: number): boolean {
        return this.int(inTimes) === 0;
    }

    /** All of them in a random order. */
    shuffled<T>(list: readonly T[]): T[] {
        const all = [...list];
        for (let at = all.length - 1; at > 0; at--) {
            const other = this.int(at + 1);
            [all[at], all[other]] = [all[other]!, all[at]!];
        }
        return all;
    }
}
