import { readFileSync } from 'node:fs';
import path from 'node:path';

/** One arrow of a diagram in docs/states.md. */
export interface Edge {
    machine: string;
    from: string;
    to: string;
    /** A message, or the bounce of one. */
    by: string;
}

export function edgeText({ machine, from, to, by }: Edge): string {
    return `${machine}: ${from} --> ${to}: ${by}`;
}

/** Every arrow of every diagram that names its machine. The state before the first message is `[*]`. */
export function documentedEdges(): Edge[] {
    const text = readFileSync(path.join(__dirname, '..', '..', 'docs', 'states.md'), 'utf8');
    return [...text.matchAll(/```mermaid\nstateDiagram-v2\n([\s\S]*?)```/g)].flatMap(([, diagram]) => {
        const machine = /%% machine: (.+)/.exec(diagram!)?.[1];
        if (machine === undefined) {
            throw new Error('A state diagram names no machine');
        }
        return [...diagram!.matchAll(/^ +(\S+) --> (\S+): (.+)$/gm)].map(([, from, to, by]) => ({
            machine,
            from: from!,
            to: to!,
            by: by!,
        }));
    });
}
