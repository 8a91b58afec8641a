import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { FAILURES } from './failures';

const SPECS = readdirSync(__dirname).filter((name) => name.endsWith('.spec.ts') && name !== 'complete.spec.ts');

/** Every call in a spec file, with what is called as it is written. */
function callsIn(node: ts.Node): { called: string; call: ts.CallExpression }[] {
    const calls: ReturnType<typeof callsIn> = [];
    const visit = (inner: ts.Node): void => {
        if (ts.isCallExpression(inner)) {
            calls.push({ called: inner.expression.getText(), call: inner });
        }
        ts.forEachChild(inner, visit);
    };
    visit(node);
    return calls;
}

const files = SPECS.map((name) => {
    const source = ts.createSourceFile(name, readFileSync(join(__dirname, name), 'utf8'), ts.ScriptTarget.Latest, true);
    return { name, calls: callsIn(source) };
});

/** Whether a title is that name, or a template that begins with it. */
const isTitled = (title: ts.Expression | undefined, name: string) =>
    title?.getText() === name || title?.getText().startsWith(`\`\${${name}}`);

/** Suites with that name, in any file. */
const suitesNamed = (name: string) =>
    files.flatMap(({ name: file, calls }) =>
        calls
            .filter(({ called, call }) => called.startsWith('describe') && isTitled(call.arguments[0], name))
            .map(({ call }) => ({
                file,
                tests: callsIn(call.arguments[1]!).filter(({ called }) => /^it\b/.test(called)),
            })),
    );

const failures = Object.entries(FAILURES).flatMap(([peer, names]) => Object.keys(names).map((name) => [peer, name]));

it('There are 24 failures, and a spec file for each peer and for nobody else', () => {
    expect(failures).toHaveLength(24);
    expect(SPECS.sort()).toEqual(
        Object.keys(FAILURES)
            .map((peer) => `${peer}.spec.ts`)
            .sort(),
    );
});

it.each(failures)('%s: %s is attempted in exactly one suite, in its own file', (peer, name) => {
    const suites = suitesNamed(`FAILURES.${peer}.${name}`);
    expect(suites.map(({ file }) => file)).toEqual([`${peer}.spec.ts`]);
    expect(suites[0]!.tests.length).toBeGreaterThan(0);
});

it('No attempt is left out or supposed to fail', () => {
    const idle = files.flatMap(({ calls }) =>
        calls.filter(({ called }) =>
            /^(describe|it|test)\b.*\.(skip|only|todo|failing)\b|^[xf](describe|it|test)\b/.test(called),
        ),
    );
    expect(idle.map(({ called }) => called)).toEqual([]);
});
