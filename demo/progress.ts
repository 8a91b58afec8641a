/** Says on standard error what takes long; quick steps leave no trace. */
export class Progress {
    private static readonly PATIENCE_MS = 2_000;

    constructor(private readonly write: (line: string) => void) {}

    /** Runs a step; from its third second on it is announced every other second. */
    async during<T>(what: string, step: () => Promise<T>): Promise<T> {
        const started = Date.now();
        const timer = setInterval(() => {
            this.write(`… ${what}, ${Math.round((Date.now() - started) / 1000)} s`);
        }, Progress.PATIENCE_MS);
        try {
            return await step();
        } finally {
            clearInterval(timer);
        }
    }
}
