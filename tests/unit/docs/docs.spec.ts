import { Address } from '@ton/core';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describeNetwork } from '../../../scripts/lib/deployments';
import { profileFile, termsFile, termsOf } from '../../../scripts/lib/files';
import { duration } from '../../../scripts/lib/parsers';
import { floorFile } from '../../../scripts/lib/policyChanges';
import {
    CONTRACT_ERRORS,
    createJobTermsCell,
    createPolicyChangeCell,
    createProfileCell,
    explainExitCode,
    TVM_ERRORS,
} from '../../../wrappers';
import { CONTRACT_NAMES, tactMessages, tactSources } from '../../helpers/sources';
import { constantsOf } from '../wrappers/sources';
import * as pages from './pages';
import { PAGES, ROOT, rowsOf, textOf } from './pages';
import {
    codeTypes,
    errorClasses,
    familyOf,
    reasonsOf,
    SOURCE_FOLDERS,
    typescriptFiles,
    withoutComments,
} from './sourceNames';

const messages = tactMessages();
const sources = [...typescriptFiles, ...tactSources()].map(({ text }) => text).join('\n');

/** Everything that the pages say, with the page's name for the failure's message. */
const onEveryPage = <T>(find: (text: string, path: string) => T[]): [string, T][] =>
    PAGES.flatMap((path) => find(textOf(path), path).map((found): [string, T] => [path, found]));

describe('docs/errors.md', () => {
    const text = textOf('docs/errors.md');
    const contractRows = rowsOf(text, ['code', 'decimal', 'name', 'meaning', 'what to do']);

    it('lists exactly the exit codes of contracts/common/errors.tact, in both notations', () => {
        const declared = Object.entries(constantsOf('contracts/common/errors.tact')).map(([name, code]) => [
            `\`0x${code.toString(16).toUpperCase()}\``,
            code.toString(),
            `\`${name}\``,
        ]);
        expect(contractRows.map(({ code, decimal, name }) => [code, decimal, name])).toEqual(declared);
    });

    it('puts every code in its band', () => {
        const bands = pages.prose(text).split(/^### (0x\d)xx: .*$/m);
        for (let i = 1; i < bands.length; i += 2) {
            const codes = [...bands[i + 1]!.matchAll(/^\| `(0x\d)[0-9A-F]{2}`/gm)].map(([, band]) => band);
            expect(codes.length).toBeGreaterThan(0);
            expect(new Set(codes)).toEqual(new Set([bands[i]]));
        }
    });

    it('says of them what the wrappers say', () => {
        const said = contractRows.map((row) => [row.decimal, row.meaning, row['what to do']]);
        const explained = Object.keys(CONTRACT_ERRORS).map((code) => {
            const { meaning, remedy } = explainExitCode(Number(code));
            return [code, meaning, remedy];
        });
        expect(said).toEqual(explained);
    });

    it('names the codes of TVM and of the compiler that the wrappers know', () => {
        const named = rowsOf(text, ['code', 'name', 'meaning', 'what to do']).map(({ code, name }) => [code, name]);
        const known = Object.entries(TVM_ERRORS).map(([code, [name]]) => [code, `\`${name}\``]);
        expect(named.sort()).toEqual(known.sort());
    });

    it('lists every typed error with every code', () => {
        const rows = rowsOf(text, ['class', 'from', 'code', 'when', 'what to do']);
        const documented = new Map<string, Set<string>>();
        for (const row of rows) {
            for (const name of pages.literalsIn(row.class!)) {
                const codes = documented.get(name) ?? new Set();
                pages.literalsIn(row.code!).forEach((code) => codes.add(code));
                documented.set(name, codes);
            }
        }
        expect(errorClasses.length).toBeGreaterThan(14);
        expect([...documented.keys()].sort()).toEqual([...errorClasses].sort());
        for (const [name, codes] of codeTypes) {
            if (name.endsWith('Error')) {
                const found = new Set(familyOf(name).flatMap((member) => [...documented.get(member)!]));
                expect([name, [...found].sort()]).toEqual([name, [...codes].sort()]);
            }
        }
        expect([...documented.get('TransportError')!].sort()).toEqual(['closed', 'too-long']);
    });

    it('lists every reason for which a worker refuses a job', () => {
        const documented = rowsOf(text, ['code', "the worker's policy refuses"]).flatMap(({ code }) =>
            pages.literalsIn(code!),
        );
        const own = [
            ...reasonsOf('worker/node/quoteDesk.ts'),
            ...reasonsOf('worker/node/sealedInputs.ts'),
            ...reasonsOf('worker/node/providerNode.ts', 'answer'),
            ...reasonsOf('worker/node/providerNode.ts', 'showAttestation').filter((code) => code !== 'internal'),
        ];
        expect(own.length).toBeGreaterThan(1);
        expect(documented.sort()).toEqual([...codeTypes.get('JobRefusal')!, ...own].sort());
    });

    it('lists every reason for which a worker does not serve a channel', () => {
        const documented = rowsOf(text, ['code', 'the worker does not serve']).flatMap(({ code }) =>
            pages.literalsIn(code!),
        );
        // Codes of the book's own errors are in the table of errors.
        const own = new Set([
            ...reasonsOf('worker/node/ownTier.ts'),
            ...reasonsOf('worker/node/channelDesk.ts'),
            ...reasonsOf('worker/node/sealedInputs.ts'),
            ...reasonsOf('worker/node/providerNode.ts', 'answerChannel'),
        ]);
        expect(own.size).toBeGreaterThan(4);
        expect(documented.sort()).toEqual([...codeTypes.get('ChannelRefusal')!, ...own].sort());
    });

    it('lists every fault of a log of receipts', () => {
        const [, faults] = /^export type ReceiptFault =([^;]+);/m.exec(
            withoutComments(textOf('protocol/channels/receiptChain.ts')),
        )!;
        const section = text.slice(text.indexOf('### Faults of a log of receipts'));
        const named = pages.literals(section).filter((literal) => !literal.endsWith('()'));
        expect(named.sort()).toEqual(pages.literalsIn(faults!.replaceAll("'", '`')).sort());
    });
});

describe('messages', () => {
    const wireKinds = new Set(
        [...textOf('protocol/wire.ts').matchAll(/readonly kind: '(\w+)'/g)].map(([, kind]) => kind!),
    );
    const stateEdges = pages
        .blocks(textOf('docs/states.md'), 'mermaid')
        .flatMap((diagram) => [...diagram.matchAll(/^ +\S+ --> \S+: (?:bounced )?(\w+)$/gm)].map(([, name]) => name!))
        .filter((name) => name !== 'empty');
    const arrows = pages.arrowsOf(textOf('docs/flows.md'));

    it('in the diagrams of docs/states.md and docs/flows.md are all real', () => {
        expect(stateEdges.length).toBeGreaterThan(45);
        expect(stateEdges.filter((name) => !messages.has(name))).toEqual([]);
        expect(arrows.length).toBeGreaterThan(115);
        for (const arrow of arrows) {
            const [, bounced, name] = /^(bounced )?(\w+)(?: \([^()]+\))?$/.exec(arrow.label) ?? [];
            expect({
                ...arrow,
                real: messages.has(name!) || (arrow.kind === '-)' && wireKinds.has(name!)),
                bounces: bounced !== undefined,
            }).toEqual({ ...arrow, real: true, bounces: arrow.kind === '--x' });
        }
    });

    it('are all drawn', () => {
        const drawn = new Set([
            ...stateEdges,
            ...arrows.map(({ label }) => label.replace('bounced ', '').split(' ')[0]!),
        ]);
        expect([...messages.keys()].filter((name) => !drawn.has(name))).toEqual([]);
        expect([...wireKinds].filter((kind) => !drawn.has(kind))).toEqual([]);
    });

    it('lead to states that docs/states.md draws', () => {
        const states = new Set([
            'Uninit',
            ...pages
                .blocks(textOf('docs/states.md'), 'mermaid')
                .flatMap((diagram) =>
                    [...diagram.matchAll(/^ +(\S+) --> (\S+): /gm)].flatMap(([, from, to]) => [from!, to!]),
                ),
        ]);
        const named = ['docs/flows.md', 'docs/peculiarities.md', 'docs/architecture.md'].flatMap((path) =>
            [...textOf(path).matchAll(/\*\*([A-Z]\w+)\*\*|^ +Note over [\w,]+: ([A-Z]\w+)/gm)].map(
                ([, bold, noted]) => (bold ?? noted)!,
            ),
        );
        expect(named.length).toBeGreaterThan(25);
        expect(named.filter((state) => !states.has(state))).toEqual([]);
    });

    it('go the way that protocol/wire.ts says', () => {
        const directions = new Map(
            [
                ...textOf('protocol/wire.ts').matchAll(
                    /\/\*\* (Client to worker|Worker to client): [^/]*\*\/\nexport interface \w+ \{\n {4}readonly kind: '(\w+)'/g,
                ),
            ].map(([, direction, kind]) => [kind!, direction === 'Client to worker' ? 'C-W' : 'W-C']),
        );
        expect([...directions.keys()].sort()).toEqual([...wireKinds].sort());
        const off = arrows.filter(({ label }) => wireKinds.has(label.split(' ')[0]!));
        expect(off.length).toBeGreaterThan(14);
        expect(off.filter(({ from, to, label }) => directions.get(label.split(' ')[0]!) !== `${from}-${to}`)).toEqual(
            [],
        );
    });

    it('in the picture of the README are real', () => {
        const onChain = pages.arrowsOf(textOf('README.md')).filter(({ kind }) => kind !== '-)');
        expect(onChain.length).toBeGreaterThan(10);
        expect(onChain.map(({ label }) => label.split(' ')[0]!).filter((name) => !messages.has(name))).toEqual([]);
    });
});

/** Pages whose names between backticks are mathematical. */
const isSpecification = (path: string): boolean => /^docs\/engine[./]/.test(path);

describe('names between backticks', () => {
    const declared = new Set<string>([
        ...messages.keys(),
        ...CONTRACT_NAMES,
        ...[...sources.matchAll(/\b(?:class|interface|type|enum|struct|const|contract) ([A-Z]\w*)/g)].map(
            ([, name]) => name!,
        ),
        ...Object.values(TVM_ERRORS).map(([name]) => name),
        'Result', // of the engine
    ]);

    it('that begin with a capital are messages, contracts, types or constants', () => {
        const unknown = onEveryPage((text) =>
            pages
                .literals(text)
                .map((literal) => literal.replace(/^bounced /, ''))
                .filter((literal) => /^[A-Z]\w+$/.test(literal) && !/^[A-Z]_/.test(literal))
                .filter((name) => !declared.has(name)),
        ).filter(([path]) => !isSpecification(path));
        expect(unknown).toEqual([]);
    });

    it('that are called are functions, methods or getters', () => {
        const called = onEveryPage((text) =>
            pages.literals(text).flatMap((literal) => /^(\w+)\([\w, ]*\)$/.exec(literal)?.[1] ?? []),
        ).filter(([path]) => !isSpecification(path));
        expect(called.length).toBeGreaterThan(50);
        // Blueprint's own.
        const foreign = new Set(['compile']);
        expect(called.filter(([, name]) => !foreign.has(name) && !new RegExp(`\\b${name}\\(`).test(sources))).toEqual(
            [],
        );
    });

    it('that are camelCase stand in the sources too, or are scripts', () => {
        const names = onEveryPage((text) =>
            pages.literals(text).filter((name) => /^[a-z]+([A-Z][a-z0-9]*)+$/.test(name)),
        );
        expect(names.filter(([, name]) => !new RegExp(`\\b${name}\\b`).test(sources) && !isScript(name))).toEqual([]);
    });

    it('that are paths exist', () => {
        const folders = [...SOURCE_FOLDERS, 'contracts', 'schemas', 'tests', 'docs'];
        const paths = onEveryPage((text) =>
            pages.literals(text).filter((literal) => folders.some((folder) => literal.startsWith(`${folder}/`))),
        );
        expect(paths.length).toBeGreaterThan(50);
        expect(paths.filter(([, path]) => !pages.isThere(path))).toEqual([]);
    });

    it('in the table of getters are exactly the getters of the contracts', () => {
        const documented = rowsOf(textOf('docs/architecture.md'), ['contract', 'getter', 'returns']).map((row) => [
            row.contract!,
            row.getter!,
        ]);
        const compiled = CONTRACT_NAMES.flatMap((contract) => {
            const abi = JSON.parse(textOf(`build/${contract}/${contract}_${contract}.abi`)) as {
                getters: { name: string; arguments: { name: string }[] }[];
            };
            return abi.getters.map((getter) => [
                `\`${contract}\``,
                `\`${getter.name}(${getter.arguments.map(({ name }) => name).join(', ')})\``,
            ]);
        });
        expect(documented).toEqual(compiled);
    });

    it('in docs/fees.md name every function of wrappers/fees.ts', () => {
        const named = new Set(pages.literals(textOf('docs/fees.md')));
        const functions = [...textOf('wrappers/fees.ts').matchAll(/^export function (\w+)/gm)].map(([, name]) => name!);
        expect(functions.length).toBeGreaterThan(35);
        expect(functions.filter((name) => !named.has(`${name}()`))).toEqual([]);
    });
});

describe('every contract', () => {
    const architecture = textOf('docs/architecture.md');
    const named = [...CONTRACT_NAMES].map((name) => `\`${name}\``).sort();

    it('is in the table of contracts, with its address, and in the table of rent', () => {
        const contracts = rowsOf(architecture, ['contract', 'one per', 'derived from', 'holds']);
        expect(contracts.map(({ contract }) => contract).sort()).toEqual(named);
        const rent = rowsOf(textOf('docs/fees.md'), ['contract', 'paid in advance', 'refilled by']);
        expect(rent.map(({ contract }) => contract).sort()).toEqual(named);
        const functions = [...textOf('wrappers/addresses.ts').matchAll(/^export async function (\w+Address)\(/gm)];
        expect(functions.length).toBe(named.length);
        const literals = pages.literals(architecture);
        expect(functions.map(([, name]) => `${name}()`).filter((name) => !literals.includes(name))).toEqual([]);
    });

    it('has a state machine, a band of errors and a way in', () => {
        const machines = [...textOf('docs/states.md').matchAll(/%% machine: (\w+)/g)].map(([, name]) => `\`${name}\``);
        expect([...new Set(machines)].sort()).toEqual(named);
        const bands = [...textOf('docs/errors.md').matchAll(/^### 0x\dxx: \w+, from (`\w+`)$/gm)].map(
            ([, name]) => name,
        );
        // A remembered certificate has no error of its own.
        expect([...bands, '`PckCertificate`'].sort()).toEqual(named);
        const parties = pages
            .blocks(textOf('docs/flows.md'), 'mermaid')
            .flatMap((diagram) =>
                [...diagram.matchAll(/participant \w+ as (\w+)$/gm)].map(([, name]) => `\`${name}\``),
            );
        expect(named.filter((name) => !parties.includes(name))).toEqual([]);
    });

    it('is under guarantees, each with tests', () => {
        const sections = architecture.split(/^### G(?=\d+\. )/m).slice(1);
        expect(sections.map((section) => parseInt(section, 10))).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
        const without = sections.filter(
            (section) => !pages.literals(section).some((name) => name.startsWith('tests/')),
        );
        expect(without).toEqual([]);
    });
});

describe('measured figures', () => {
    const chains = JSON.parse(textOf('gas/chains.json')) as Record<
        string,
        { gas: number; transactions: number; fees: { default: number; '2026-06': number } }
    >;
    const limits = JSON.parse(textOf('gas/limits.json')) as Record<string, { gas?: number; fees?: number }>;
    const grouped = (gas: number) => gas.toLocaleString('en');
    const ton = (nano: number, decimals: number) => (nano / 1e9).toFixed(decimals);

    const ceilingOf = ({ gas, fees }: { gas?: number; fees?: number }) =>
        (gas ? grouped(gas) : '') + (fees ? `${ton(fees, 9)} TON` : '');

    it('in docs/fees.md are those of gas/chains.json and gas/limits.json', () => {
        const titles = ['scenario', 'what happens', 'transactions', 'gas', 'ceiling', 'fees, default', 'fees, 2026-06'];
        const documented = rowsOf(textOf('docs/fees.md'), titles).map(({ 'what happens': _, ...figures }) => figures);
        const measured = Object.entries(chains).map(([scenario, { gas, transactions, fees }]) => ({
            scenario: `\`${scenario}\``,
            transactions: String(transactions),
            gas: grouped(gas),
            ceiling: ceilingOf(limits[scenario] ?? {}),
            'fees, default': ton(fees.default, 9),
            'fees, 2026-06': ton(fees['2026-06'], 9),
        }));
        expect(documented).toEqual(measured);
    });

    it('in the README are those of gas/chains.json', () => {
        const quoted = [...textOf('README.md').matchAll(/([\d,]+) gas, ([\d.]+) TON \(`([\w.]+)`\)/g)];
        expect(quoted.length).toBe(15);
        for (const [, gas, fees, scenario] of quoted) {
            const row = chains[scenario!]!;
            expect([scenario, gas, fees]).toEqual([scenario, grouped(row.gas), ton(row.fees.default, 4)]);
        }
    });
});

describe('folders', () => {
    it('in the table of the README are all there are', () => {
        const documented = rowsOf(textOf('README.md'), ['folder', 'what']).flatMap(({ folder }) =>
            pages.literalsIn(folder!),
        );
        expect(documented.sort()).toEqual(pages.folders().map((name) => `${name}/`));
    });
});

describe('links', () => {
    const anchors = new Map(PAGES.map((path) => [path, pages.anchorsOf(textOf(path))]));

    it('lead to files and headings that are there', () => {
        const links = onEveryPage(pages.localLinks);
        expect(links.length).toBeGreaterThan(40);
        const broken = links.filter(([page, target]) => {
            const [file, anchor] = target.split('#') as [string, string?];
            const path = file === '' ? page : normalize(join(dirname(page), file));
            return !pages.isThere(path) || (anchor !== undefined && !anchors.get(path)?.has(anchor));
        });
        expect(broken).toEqual([]);
    });

    it('lead from the README to every page of docs/', () => {
        const linked = pages.localLinks(textOf('README.md')).map((target) => target.split('#')[0]!);
        expect(PAGES.slice(1).filter((path) => !linked.includes(path))).toEqual([]);
    });
});

const scripts = pages
    .filesIn(['scripts'], '.ts')
    .filter((path) => dirname(path) === 'scripts')
    .map((path) => path.slice('scripts/'.length, -'.ts'.length));

function isScript(name: string): boolean {
    return scripts.includes(name);
}

describe('commands', () => {
    it('of npm are in package.json', () => {
        const known = Object.keys((JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }).scripts);
        const named = onEveryPage((text) => [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!));
        expect(named.length).toBeGreaterThan(8);
        expect(named.filter(([, name]) => !known.includes(name))).toEqual([]);
    });

    it('in the table of the README are all of npm that people call', () => {
        const all = Object.keys((JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }).scripts);
        const called = all.filter((name) => !/^(pre[\w:]+|lint:\w+)$/.test(name));
        const rows = rowsOf(textOf('README.md'), ['command', 'what it does']).flatMap(({ command }) =>
            [...command!.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name]) => name!),
        );
        expect(rows.sort()).toEqual(called.sort());
    });

    it('of Blueprint run scripts that exist', () => {
        const named = onEveryPage((text) => [...text.matchAll(/blueprint -- run (\w+)/g)].map(([, name]) => name!));
        expect(named.length).toBeGreaterThan(0);
        expect(named.filter(([, name]) => !isScript(name))).toEqual([]);
    });

    it('of scripts have the flags that pages name', async () => {
        const named = onEveryPage((text) =>
            pages.literals(text).flatMap((literal) => {
                const [, script, ...rest] = /^(\w+) (.*--.*)$/.exec(literal) ?? [];
                const flags = rest.join().match(/--[a-z-]+/g) ?? [];
                return script !== undefined && isScript(script) ? flags.map((name) => ({ script, name })) : [];
            }),
        );
        expect(named.length).toBeGreaterThan(10);
        for (const [page, { script, name }] of named) {
            const help: string[] = [];
            const { run } = (await import(join(ROOT, 'scripts', script))) as {
                run: (provider: unknown, args: string[]) => unknown;
            };
            await run({ ui: () => ({ write: (text: string) => help.push(text) }) }, ['--help']);
            expect([page, script, name, new RegExp(`${name}\\b(?!-)`).test(help.join())]).toEqual([
                page,
                script,
                name,
                true,
            ]);
        }
    });

    it('in the table of the README are all scripts, each once', () => {
        const named = rowsOf(textOf('README.md'), ['who', 'scripts']).flatMap((row) => pages.literalsIn(row.scripts!));
        expect(named.sort()).toEqual([...scripts].sort());
    });
});

describe('examples', () => {
    const text = textOf('deployments/README.md');
    const [deployment, profile, terms, floor] = pages.blocks(text, 'json').map((block) => JSON.parse(block) as object);
    const address = new Address(0, Buffer.alloc(32, 9));

    /** The fields that a parser takes, as it says when it meets another. */
    function fieldsOf(parse: (value: unknown) => unknown, example: object, place: (value: object) => object): string[] {
        try {
            parse(place({ ...example, noSuchField: 1 }));
        } catch (error) {
            return /there are (.+)$/.exec((error as Error).message)![1]!.split(', ');
        }
        throw new Error('The parser takes a field that does not exist');
    }

    const termsFields = fieldsOf(termsFile, terms!, (value) => value);
    const rows = rowsOf(text, ['field', 'form', 'default', 'what']);
    const floorFields = fieldsOf(floorFile, floor!, (value) => value);
    const floorRows = rows.splice(-floorFields.length);
    const termsRows = rows.splice(-termsFields.length);
    const profileRows = rows;

    it('of a profile can be read, and its table has every field', () => {
        expect(() => createProfileCell(profileFile(profile))).not.toThrow();
        const { offers } = profile as { offers: [object] };
        expect(profileRows.flatMap(({ field }) => pages.literalsIn(field!))).toEqual([
            ...fieldsOf(profileFile, profile!, (value) => value),
            ...fieldsOf(profileFile, offers[0], (offer) => ({ ...profile, offers: [offer] })),
        ]);
    });

    it('of terms can be read, and its table has every field and default', () => {
        const now = 1_800_000_000;
        const defaults = { now, arbiter: address, encryptionKey: 9n };
        expect(() => createJobTermsCell(termsOf(termsFile(terms), defaults), { now })).not.toThrow();
        expect(termsRows.map(({ field }) => field)).toEqual(termsFields.map((field) => `\`${field}\``));
        for (const { field, default: shown } of termsRows) {
            const name = pages.literalsIn(field!)[0]!;
            const others = Object.fromEntries(Object.entries(terms!).filter(([other]) => other !== name));
            if (shown === 'required') {
                expect(() => termsFile(others)).toThrow(`${name}: nothing is not`);
            } else {
                const value = (termsFile(others) as unknown as Record<string, unknown>)[name];
                expect([name, value]).toEqual([name, defaultOf(shown!, typeof value)]);
            }
        }
    });

    it('of a floor can be read, and its table has every field', () => {
        expect(() => createPolicyChangeCell({ kind: 'floor', ...floorFile(floor) })).not.toThrow();
        expect(floorRows.map(({ field }) => field)).toEqual(floorFields.map((field) => `\`${field}\``));
        for (const name of floorFields) {
            const others = Object.fromEntries(Object.entries(floor!).filter(([other]) => other !== name));
            expect(() => floorFile(others)).toThrow(`${name}: nothing is not`);
        }
    });

    it('of a record has the fields that the scripts write', () => {
        const { codeHashes, params, ...rest } = deployment as Record<string, object>;
        const described = describeNetwork(
            {
                feeBps: 200,
                minStake: 1n,
                unbondingPeriod: 86_400,
                timelockDelay: 86_400,
                treasury: address,
                arbiter: address,
                verifier: null,
            },
            {
                registry: 1n,
                providerStake: 2n,
                jobEscrow: 3n,
                payoutSettlement: 4n,
                paymentChannel: 5n,
                attestationVerifier: 6n,
                pckCertificate: 7n,
            },
        );
        expect(Object.keys(params!)).toEqual(Object.keys(described.params!));
        expect(Object.keys(codeHashes!)).toEqual(Object.keys(described.codeHashes!));
        const documented = rowsOf(text, ['field', 'what', 'written by']).flatMap(({ field }) =>
            pages.literalsIn(field!),
        );
        expect(documented.sort()).toEqual(Object.keys({ codeHashes, params, ...rest }).sort());
        const declared = /export interface Deployment \{([\s\S]*?)^\}/m.exec(textOf('scripts/lib/deployments.ts'))![1]!;
        const fields = [...withoutComments(declared).matchAll(/^ {4}(\w+)\??:/gm)].map(([, field]) => field!);
        expect(documented.sort()).toEqual(fields.sort());
    });

    it('of TypeScript in the README type-checks', () => {
        const [snippet] = pages.blocks(textOf('README.md'), 'ts');
        const file = join(ROOT, 'README.snippet.ts');
        const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
        const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, ROOT);
        const host = ts.createCompilerHost(options);
        const { getSourceFile, fileExists } = host;
        host.fileExists = (path) => path === file || fileExists(path);
        host.getSourceFile = (path, version, ...more) =>
            path === file ? ts.createSourceFile(path, snippet!, version) : getSourceFile(path, version, ...more);
        const program = ts.createProgram([file], options, host);
        const complaints = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
        expect(complaints.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
    });

    /** A default as the table shows it: text and durations in quotes, numbers, or in words what follows from elsewhere. */
    function defaultOf(shown: string, type: string): unknown {
        const quoted = /^`"(.+)"`$/.exec(shown)?.[1];
        if (quoted !== undefined) {
            return type === 'number' ? duration(quoted) : quoted;
        }
        return /^\d+$/.test(shown) ? Number(shown) : undefined;
    }
});
