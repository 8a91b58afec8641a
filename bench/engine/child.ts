import { createHash } from 'node:crypto';
import { ContenderName, openContender } from './contenders';

/** What a child says first. */
export interface Hello {
    readonly on?: string;
    readonly error?: string;
}

/** What a child says of one run. */
export interface Lap {
    readonly milliseconds: number;
    /** SHA-256 of the product. */
    readonly digest: string;
}

/** Computes when it is told to: contenders do not share a process, since numbers of threads are fixed at the first use. */
async function main(): Promise<void> {
    const contender = await openContender(process.argv[2] as ContenderName, Number(process.argv[3]));
    process.on('message', () => {
        const started = performance.now();
        void contender.run().then((product) => {
            const milliseconds = performance.now() - started;
            const bytes = new Uint8Array(product.buffer, product.byteOffset, product.byteLength);
            process.send!({ milliseconds, digest: createHash('sha256').update(bytes).digest('hex') } satisfies Lap);
        });
    });
    process.on('disconnect', () => process.exit());
    process.send!({ on: contender.on } satisfies Hello);
}

main().catch((error: unknown) => {
    process.send!({ error: String(error) } satisfies Hello);
    process.exit(1);
});
