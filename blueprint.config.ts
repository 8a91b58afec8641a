import type { Config } from '@ton/blueprint';

// Contracts are compiled by tact.config.json alone. Blueprint's compile() and build/*.compiled.json may hold the code of a
// contract's child instead of its own, so everything here takes code from the generated bindings.
export const config: Config = {};
