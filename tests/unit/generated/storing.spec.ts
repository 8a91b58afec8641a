import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_NAMES, ContractName } from '../../helpers/sources';

// A receiver that writes its data by replaceData() must not change a field of the contract's besides: Tact would store all fields, as they
// were loaded, over what was written. What Tact makes of the sources says so most plainly.

const BUILD = join(__dirname, '..', '..', '..', 'build');

interface Generated {
    /** Bodies by name. */
    readonly functions: ReadonlyMap<string, string>;
    /** Bodies by what is received, bounces among them. */
    readonly receivers: ReadonlyMap<string, string>;
}

const funcOf = (name: ContractName) => readFileSync(join(BUILD, name, `${name}_${name}.fc`), 'utf8');

/** Splits what the compiler wrote at what it writes at the beginning of a line. */
function read(func: string): Generated {
    const functions = new Map<string, string>();
    for (const [, name, body] of func.matchAll(
        /^\S.*?([$\w]+)\([^\n]*\)[^\n()]*(?:\{|asm """)\n([^]*?)\n(?:\}|""";)$/gm,
    )) {
        functions.set(name!, body!);
    }
    const receivers = new Map<string, string>();
    const parts = functions.get('recv_internal')!.split(/^ +;; (?=Receive |Bounced handler |Fallback bounce )/m);
    parts.slice(1).forEach((part) => receivers.set(part.slice(0, part.indexOf('\n')), part));
    return { functions, receivers };
}

/** Which of these functions a body calls, itself or through what it calls. */
function reached(body: string, { functions }: Generated, of: readonly string[]): string[] {
    const seen = new Set<string>();
    const look = (text: string) => {
        for (const [name] of text.matchAll(/[$\w]+/g)) {
            if (!seen.has(name) && functions.has(name)) {
                seen.add(name);
                look(functions.get(name)!);
            }
        }
    };
    look(body);
    return of.filter((name) => seen.has(name));
}

const writersOf = (name: ContractName) => ['$global_replaceData', `$${name}$_contract_store`];

function writers(name: ContractName, func: string): [received: string, by: string[]][] {
    const generated = read(func);
    return [...generated.receivers].map(([received, body]) => [received, reached(body, generated, writersOf(name))]);
}

describe.each(CONTRACT_NAMES)('%s', (name) => {
    const found = writers(name, funcOf(name));

    it('has no receiver that writes its data in both ways', () => {
        expect(found.filter(([, by]) => by.length > 1)).toEqual([]);
    });

    it('is read as a whole: every message that the interface lists, and every way of writing', () => {
        const abi = JSON.parse(readFileSync(join(BUILD, name, `${name}_${name}.abi`), 'utf8')) as {
            receivers: { message: { kind: string; type?: string } }[];
        };
        const listed = abi.receivers.map(({ message }) => `Receive ${message.type ?? message.kind} message`);
        expect(listed.length).toBeGreaterThan(2);
        expect(found.map(([received]) => received).filter((received) => received.startsWith('Receive'))).toEqual(
            listed,
        );
        const defined = read(funcOf(name)).functions;
        const used = new Set(found.flatMap(([, by]) => by));
        expect([...used].sort()).toEqual(
            writersOf(name)
                .filter((writer) => defined.has(writer))
                .sort(),
        );
    });
});

it('notices a receiver that stores a field over what a function of its own has written', () => {
    const sound = funcOf('ProviderStake');
    const store = "$ProviderStake$_contract_store(($self'locks, 0, 0, 0, 0, $self'account));";
    const changed = sound.replace(
        /( {4};; Receive UpdateProfile message\n[^]*?)( {8}return \(\);)/,
        (_, before, end) => `${before}        ${store}\n${end}`,
    );
    expect(writers('ProviderStake', changed).filter(([, by]) => by.length > 1)).toEqual([
        ['Receive UpdateProfile message', writersOf('ProviderStake')],
    ]);
});
