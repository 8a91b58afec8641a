import { beginCell, Cell } from '@ton/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const CONTRACTS = join(ROOT, 'contracts');

/** The contracts between which money moves. */
export type MarketName = 'Registry' | 'ProviderStake' | 'JobEscrow' | 'PayoutSettlement' | 'PaymentChannel';
export type ContractName = MarketName | 'AttestationVerifier' | 'PckCertificate';

export const MARKET_NAMES: readonly MarketName[] = [
    'Registry',
    'ProviderStake',
    'JobEscrow',
    'PayoutSettlement',
    'PaymentChannel',
];

export const CONTRACT_NAMES: readonly ContractName[] = [...MARKET_NAMES, 'AttestationVerifier', 'PckCertificate'];

/** Every Tact source of the contracts, with its path below the repository's root. */
export function tactSources(): { path: string; text: string }[] {
    return readdirSync(CONTRACTS, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.tact'))
        .sort()
        .map((path) => ({ path: join('contracts', path), text: readFileSync(join(CONTRACTS, path), 'utf8') }));
}

/** Every `const NAME: Int = literal;` of the contracts. */
export function tactConstants(): ReadonlyMap<string, bigint> {
    const constants = new Map<string, bigint>();
    for (const { text } of tactSources()) {
        for (const [, name, value] of text.matchAll(/^const (\w+): Int = (0x[0-9a-fA-F]+|\d+);/gm)) {
            constants.set(name!, BigInt(value!));
        }
    }
    return constants;
}

/** One constant of the contracts; throws if no source declares it. */
export function tactConstant(name: string): bigint {
    const value = cachedConstants().get(name);
    if (value === undefined) {
        throw new Error(`No contract declares the constant ${name}`);
    }
    return value;
}

let constantsCache: ReadonlyMap<string, bigint> | undefined;

function cachedConstants(): ReadonlyMap<string, bigint> {
    return (constantsCache ??= tactConstants());
}

/** Every `message(0x…) Name` of the contracts: name to opcode. */
export function tactMessages(): ReadonlyMap<string, number> {
    const messages = new Map<string, number>();
    for (const { path, text } of tactSources()) {
        for (const [, opcode, name] of text.matchAll(/^message\((0x[0-9a-fA-F]{1,8})\)\s+(\w+)/gm)) {
            if (messages.has(name!)) {
                throw new Error(`${path} declares ${name} a second time`);
            }
            messages.set(name!, Number(opcode));
        }
    }
    return messages;
}

const codeCache = new Map<ContractName, Cell>();

/** The compiled code of a contract; needs `npm run build`. */
export function codeOf(contract: ContractName): Cell {
    let code = codeCache.get(contract);
    if (code === undefined) {
        const path = join(ROOT, 'build', contract, `${contract}_${contract}.code.boc`);
        if (!existsSync(path)) {
            throw new Error(`${path} is missing: run npm run build`);
        }
        code = Cell.fromBoc(readFileSync(path))[0]!;
        codeCache.set(contract, code);
    }
    return code;
}

/** The exotic cell that an account has instead of the code, which then is a library: tag 2 and the code's hash. */
export function libraryOf(contract: ContractName): Cell {
    return beginCell().storeUint(2, 8).storeBuffer(codeOf(contract).hash()).endCell({ exotic: true });
}

/** Which contract a code cell is, or is a library reference to; or undefined. */
export function contractOf(code: Cell | null | undefined): ContractName | undefined {
    return code
        ? CONTRACT_NAMES.find((name) => codeOf(name).equals(code) || (code.isExotic && libraryOf(name).equals(code)))
        : undefined;
}
