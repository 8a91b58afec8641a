import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The request that a client means to have answered, kept so that it can ask the same again after a crash. */
export interface Plan {
    /** 32 bytes */
    readonly salt: Buffer;
    readonly images: number;
}

/** A plan in a file of its own. */
export class PlanFile {
    private readonly path: string;

    constructor(private readonly folder: string) {
        this.path = join(folder, 'plan.json');
    }

    /** null if none was kept. */
    read(): Plan | null {
        try {
            const kept = JSON.parse(readFileSync(this.path, 'utf8')) as { salt: string; images: number } | null;
            return kept && { salt: Buffer.from(kept.salt, 'hex'), images: kept.images };
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
                return null;
            }
            throw error;
        }
    }

    /** A rename, so that a kill leaves the old plan or the new one; what a process wrote outlives the process. */
    write(plan: Plan | null): void {
        const draft = join(this.folder, 'plan.draft');
        writeFileSync(draft, JSON.stringify(plan && { salt: plan.salt.toString('hex'), images: plan.images }));
        renameSync(draft, this.path);
    }
}
