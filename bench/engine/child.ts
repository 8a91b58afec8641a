import { createHash } from 'node:crypto';
import { ContenderName, openContender } from './contenders';

/** What a child says first. */
export interface Hello {
    readonly on: string;
}

/** What a child says of one run. */
export interface Lap {
    readonly milliseconds: number;
    /** SHA-256 of the product, as doubles. */
    readonly digest: string;
}

/** Computes when it is told to. */
async function main(): Promise<void> {
    const contender = await openContender(process.argv[2] as ContenderName, Number(process.argv[3]));
    process.on('message', () => {
        const started = performance.now();
        void contender.run().then((product) => {
            const milliseconds = performance.now() - started;
            // Doubles hold int32 and floats alike.
            const digest = createHash('sha256').update(Float64Array.from(product)).digest('hex');
            process.send!({ milliseconds, digest } satisfies Lap);
        });
    });
    process.on('disconnect', () => process.exit());
    process.send!({ on: contender.on } satisfies Hello);
}

main().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
});
