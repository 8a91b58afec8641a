import { CONTRACT_ERRORS, explainExitCode, TVM_ERRORS } from '../../../wrappers';
import { constantsOf } from './sources';

it('explains exactly the codes of contracts/common/errors.tact, by the same names', () => {
    const named = Object.entries(constantsOf('contracts/common/errors.tact')).map(([name, code]) => [
        Number(code),
        name,
    ]);
    const ours = Object.entries(CONTRACT_ERRORS).map(([code, [name]]) => [Number(code), name]);
    const byCode = (a: (string | number)[], b: (string | number)[]) => Number(a[0]) - Number(b[0]);
    expect(ours.sort(byCode)).toEqual(named.sort(byCode));
});

it('gives every code a meaning and a remedy, in sentences', () => {
    for (const [, meaning, remedy] of [...Object.values(CONTRACT_ERRORS), ...Object.values(TVM_ERRORS)]) {
        expect(meaning).toMatch(/\.$/);
        expect(remedy).toMatch(/\.$/);
    }
});

it('has no code of the contracts in the range of TVM', () => {
    expect(Object.keys(CONTRACT_ERRORS).every((code) => Number(code) >= 0x101)).toBe(true);
});

it('names known codes, and says so of unknown ones', () => {
    expect(explainExitCode(0x206).name).toBe('ERROR_ALLOWANCE_EXCEEDED');
    expect(explainExitCode(-14).name).toBe('OUT_OF_GAS');
    expect(explainExitCode(37).name).toBe('NOT_ENOUGH_TONCOIN');
    expect(explainExitCode(9999)).toMatchObject({ name: 'UNKNOWN_9999' });
});
