import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CONTRACT_NAMES, ContractName, tactSources } from '../helpers/sources';

const ROOT = path.join(__dirname, '..', '..');

/** Whoever sends or gets a message: a contract, a wallet, or nobody (events). */
export type Kind = ContractName | 'wallet' | 'outside';

/** A message of schemas/*.tlb. */
export interface SchemaMessage {
    /** As the contracts call it: `AcceptQuote`. */
    name: string;
    opcode: number;
    event: boolean;
}

/** `AcceptQuote: JobEscrow → ProviderStake` */
export function edgeKey(op: string, from: Kind, to: Kind): string {
    return `${op}: ${from} → ${to}`;
}

/** Every message of the schemas that has an opcode, events too. */
export function schemaMessages(): SchemaMessage[] {
    const folder = path.join(ROOT, 'schemas');
    return readdirSync(folder)
        .filter((file) => file.endsWith('.tlb'))
        .flatMap((file) => {
            const text = readFileSync(path.join(folder, file), 'utf8').replace(/\/\/.*$/gm, '');
            return [...text.matchAll(/(\w+)#([0-9a-f]{8})\s[^;]*=\s*(InternalMsgBody|ExtOutMsgBody)\s*;/g)];
        })
        .filter(([, name]) => name !== 'bounced')
        .map(([, name, opcode, type]) => ({
            name: name!.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
            opcode: parseInt(opcode!, 16),
            event: type === 'ExtOutMsgBody',
        }));
}

function kindOf(participant: string): Kind {
    if ((CONTRACT_NAMES as readonly string[]).includes(participant)) {
        return participant as ContractName;
    }
    return participant === 'indexers' ? 'outside' : 'wallet';
}

/**
 * Every arrow on chain of docs/flows.md as an edge, once. Bounces count where a contract gets them; what client and worker tell
 * each other off chain begins with a small letter and is none.
 */
export function documentedEdges(): string[] {
    const text = readFileSync(path.join(ROOT, 'docs', 'flows.md'), 'utf8');
    const edges = new Set<string>();
    for (const [, diagram] of text.matchAll(/```mermaid\nsequenceDiagram\n([\s\S]*?)```/g)) {
        const kinds = new Map(
            [...diagram!.matchAll(/^ *(?:participant|actor) (\w+) as (.+)$/gm)].map(([, id, name]) => [
                id!,
                kindOf(name!.trim()),
            ]),
        );
        const arrows = diagram!.matchAll(/^ *(\w+)(?:->>|--x|-\))(\w+): ((?:bounced )?[A-Z]\w*)(?: \(.*\))?$/gm);
        for (const [, source, target, op] of arrows) {
            const [from, to] = [kinds.get(source!)!, kinds.get(target!)!];
            if (!(op!.startsWith('bounced ') && to === 'wallet')) {
                edges.add(edgeKey(op!, from, to));
            }
        }
    }
    return [...edges].sort();
}

/**
 * Edges that need no message of the schemas: plain transfers to a contract that has a receiver for them. The publisher of libraries, which
 * knows nothing else, is of no network and in no flow, and lives in the masterchain: tests/unit/library.
 */
export function plainEdges(): string[] {
    return tactSources()
        .filter(({ text, path: file }) => /^ {4}receive\(\)/m.test(text) && !file.includes('library'))
        .map(({ text }) => edgeKey('empty', 'wallet', /^contract (\w+)\(/m.exec(text)![1] as ContractName));
}

/** Messages whose bounce a contract handles by name, as `bounced AcceptQuote`. */
export function handledBounces(): string[] {
    return tactSources().flatMap(({ text }) =>
        [...text.matchAll(/^ {4}bounced\(\w+: bounced<(\w+)>\)/gm)].map(([, name]) => `bounced ${name}`),
    );
}
