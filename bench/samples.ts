/** Durations of one kind of step, in milliseconds. */
export class Samples {
    private readonly values: number[] = [];

    /** Runs a step and enters how long it took. */
    async time<T>(step: () => Promise<T>): Promise<T> {
        const started = performance.now();
        const result = await step();
        this.values.push(performance.now() - started);
        return result;
    }

    /** The value that so many percent of the steps did not exceed. */
    percentile(percent: number): number {
        const sorted = [...this.values].sort((a, b) => a - b);
        const index = Math.ceil((percent / 100) * sorted.length) - 1;
        return sorted[Math.max(0, index)] ?? NaN;
    }
}
