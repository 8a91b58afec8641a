import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tactMessages, tactSources } from '../../helpers/sources';

const SCHEMAS = join(__dirname, '..', '..', '..', 'schemas');

/** Everything behind // and between /* and *\/ removed. */
function withoutComments(text: string): string {
    return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

interface Constructor {
    file: string;
    name: string;
    /** Hexadecimal digits behind #, or undefined. */
    tag?: string;
    fields: string;
    type: string;
}

/** `name#tag fields = Type;` of every schema. */
function constructors(): Constructor[] {
    return readdirSync(SCHEMAS)
        .filter((file) => file.endsWith('.tlb'))
        .sort()
        .flatMap((file) =>
            withoutComments(readFileSync(join(SCHEMAS, file), 'utf8'))
                .split(';')
                .map((statement) => statement.trim().replace(/\s+/g, ' '))
                .filter((statement) => statement !== '')
                .map((statement) => {
                    const match = /^(\w+)(?:#([0-9a-f]+)|\$([01_]*))? ?(.*) ?= ([A-Z]\w*(?: \w+)*)$/.exec(statement);
                    if (match === null) {
                        throw new Error(`${file}: not a constructor: ${statement}`);
                    }
                    return { file, name: match[1]!, tag: match[2], fields: match[4]!.trim(), type: match[5]! };
                }),
        );
}

const snake = (name: string) => name.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase();

const BODIES = new Set(['InternalMsgBody', 'ExtOutMsgBody']);

describe('schemas', () => {
    const all = constructors();
    const messages = all.filter(({ type, name }) => BODIES.has(type) && name !== 'bounced');

    it('give every message the opcode that the contracts give it, and know no other', () => {
        const declared = [...tactMessages()].map(([name, opcode]) => [snake(name), opcode.toString(16)]);
        expect(messages.map(({ name, tag }) => [name, tag]).sort()).toEqual(declared.sort());
    });

    it('use no opcode twice', () => {
        const opcodes = messages.map(({ tag }) => tag);
        expect(new Set(opcodes).size).toBe(opcodes.length);
        expect(opcodes.every((opcode) => /^[0-9a-f]{8}$/.test(opcode!))).toBe(true);
    });

    it('put the query id first in every message to an account', () => {
        for (const { name, fields, type } of messages) {
            if (type === 'InternalMsgBody') {
                expect(`${name}: ${fields.split(' ')[0]}`).toBe(`${name}: query_id:uint64`);
            }
        }
    });

    it('use the domain tags of the contracts, of eight ASCII bytes each', () => {
        const declared = tactSources()
            .flatMap(({ text }) => [...text.matchAll(/^const TAG_\w+: Int = 0x([0-9a-f]+);/gm)])
            .map(([, tag]) => tag!);
        const used = all.filter(({ tag }) => tag?.length === 16).map(({ tag }) => tag!);
        expect(used.sort()).toEqual(declared.sort());
        for (const tag of used) {
            expect(Buffer.from(tag, 'hex').toString('ascii')).toMatch(/^CM\.[a-z]{3}\.1$/);
        }
    });

    it('define every type that they use', () => {
        const builtin = new Set(['Type', 'Cell', 'Any', 'Hashmap', 'HashmapE']);
        const defined = new Set(all.map(({ type }) => type.split(' ')[0]!));
        for (const { file, name, fields } of all) {
            for (const [type] of fields.matchAll(/\b[A-Z]\w*/g)) {
                if (type !== 'X') {
                    expect([file, name, type, defined.has(type) || builtin.has(type)]).toEqual([
                        file,
                        name,
                        type,
                        true,
                    ]);
                }
            }
        }
    });

    it('know every struct that a contract stores or sends', () => {
        const views = /View$/;
        // Working values of the stack, never in a cell.
        const local = new Set([
            ...['DictAddition', 'DictRemoval', 'DictLookup', 'DictDeletion', 'DictValue', 'DictChange'],
            ...['Certificate', 'SvnRun', 'TdReport', 'TcbInfo', 'NumberAt', 'SvnsAt', 'ModulesAt'],
            ...['LockRemoval', 'PostedTerms', 'ShapedSlice'],
        ]);
        const structs = tactSources()
            .flatMap(({ text }) => [...text.matchAll(/^struct (\w+)/gm)])
            .map(([, name]) => name!)
            .filter((name) => !views.test(name) && !local.has(name));
        const defined = new Set(all.map(({ type }) => type));
        expect(structs.filter((name) => !defined.has(name))).toEqual([]);
    });
});
