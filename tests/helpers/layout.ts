import { Address, Cell, Dictionary, Slice } from '@ton/core';

// Parsers of every storage layout, written from schemas/*.tlb and from nothing else: they share no code with the wrappers
// or the generated bindings, so that a wrong assumption there cannot hide here. Each consumes its cell to the last bit.

export class LayoutError extends Error {}

function whole<T>(cell: Cell, name: string, parse: (slice: Slice) => T): T {
    const slice = cell.beginParse();
    let value: T;
    try {
        value = parse(slice);
    } catch (error) {
        throw new LayoutError(`${name}: ${(error as Error).message}`);
    }
    if (slice.remainingBits > 0 || slice.remainingRefs > 0) {
        throw new LayoutError(`${name}: ${slice.remainingBits} bits and ${slice.remainingRefs} references too many`);
    }
    return value;
}

/** Everything that is left, as a cell. */
function restOf(slice: Slice): Cell {
    const rest = slice.asCell();
    slice.skip(slice.remainingBits);
    while (slice.remainingRefs > 0) {
        slice.loadRef();
    }
    return rest;
}

export interface RegistryData {
    networkId: number;
    governor: Address;
    salt: bigint;
    version: number;
    pausedUntil: number;
    pausableFrom: number;
    params: Cell | null;
    governance: Cell | null;
}

export function parseRegistryData(data: Cell): RegistryData {
    return whole(data, 'RegistryData', (slice) => ({
        networkId: slice.loadInt(32),
        governor: slice.loadAddress(),
        salt: slice.loadUintBig(64),
        version: slice.loadUint(32),
        pausedUntil: slice.loadUint(32),
        pausableFrom: slice.loadUint(32),
        params: slice.loadMaybeRef(),
        governance: slice.loadMaybeRef(),
    }));
}

export interface NetworkParams {
    feeBps: number;
    /** nanoTON */
    minStake: bigint;
    /** seconds */
    unbondingPeriod: number;
    /** seconds */
    timelockDelay: number;
    treasury: Address;
    arbiter: Address;
    verifier: Address | null;
}

export function parseNetworkParams(cell: Cell): NetworkParams {
    return whole(cell, 'NetworkParams', (slice) => ({
        feeBps: slice.loadUint(16),
        minStake: slice.loadUintBig(64),
        unbondingPeriod: slice.loadUint(32),
        timelockDelay: slice.loadUint(32),
        treasury: slice.loadAddress(),
        arbiter: slice.loadAddress(),
        verifier: slice.loadMaybeAddress(),
    }));
}

export interface Governance {
    pendingGovernor: Address | null;
    modelCount: number;
    proposal: Cell | null;
    models: Map<bigint, Cell>;
}

export function parseGovernance(cell: Cell): Governance {
    return whole(cell, 'Governance', (slice) => {
        const pendingGovernor = slice.loadMaybeAddress();
        const modelCount = slice.loadUint(8);
        const proposal = slice.loadMaybeRef();
        const models = slice.loadDict(Dictionary.Keys.BigUint(256), Dictionary.Values.Cell());
        return { pendingGovernor, modelCount, proposal, models: new Map(models) };
    });
}

export interface Proposal {
    kind: number;
    executableAt: number;
    modelRoot: bigint;
    payload: Cell | null;
}

export function parseProposal(cell: Cell): Proposal {
    return whole(cell, 'Proposal', (slice) => ({
        kind: slice.loadUint(8),
        executableAt: slice.loadUint(32),
        modelRoot: slice.loadUintBig(256),
        payload: slice.loadMaybeRef(),
    }));
}

export interface VerifierData {
    registry: Address;
    rootX: bigint;
    rootY: bigint;
    policy: Cell;
}

export function parseVerifierData(data: Cell): VerifierData {
    return whole(data, 'VerifierData', (slice) => ({
        registry: slice.loadAddress(),
        rootX: slice.loadUintBig(256),
        rootY: slice.loadUintBig(256),
        policy: slice.loadRef(),
    }));
}

export interface PckCertificateData {
    verifier: Address;
    holder: Address;
    remembered: boolean;
    facts: Cell;
}

export function parsePckCertificateData(data: Cell): PckCertificateData {
    return whole(data, 'PckCertificateData', (slice) => ({
        verifier: slice.loadAddress(),
        holder: slice.loadAddress(),
        remembered: slice.loadBit(),
        facts: slice.loadRef(),
    }));
}

export const STAKE_UNINIT = 0;
export const STAKE_REGISTERING = 1;
export const STAKE_UNREGISTERED = 2;
export const STAKE_REGISTERED = 3;

export interface Lock {
    lockId: bigint;
    /** Account id in the basechain. */
    escrow: bigint;
    /** nanoTON */
    collateral: bigint;
    lockUntil: number;
    byHot: boolean;
}

export interface StakeData {
    state: number;
    /** nanoTON, as the four below */
    stake: bigint;
    unbonding: bigint;
    locked: bigint;
    hotLocked: bigint;
    hotSlashed: bigint;
    usedSlots: bigint;
    record: bigint;
    feeBps: number;
    /** By slot. */
    locks: Map<number, Lock>;
    config: Cell;
}

/** Of a standard basechain address. */
function accountIdIn(slice: Slice): bigint {
    const address = slice.loadAddress();
    if (address.workChain !== 0) {
        throw new Error(`${address.toString()} is not in the basechain`);
    }
    return BigInt(`0x${address.hash.toString('hex')}`);
}

function parseLock(slice: Slice): Lock {
    const lock = {
        escrow: accountIdIn(slice),
        lockId: slice.loadUintBig(64),
        collateral: slice.loadUintBig(64),
        byHot: slice.loadBit(),
        lockUntil: slice.loadUint(32),
    };
    slice.endParse();
    return lock;
}

export function parseStakeData(data: Cell): StakeData {
    return whole(data, 'StakeData', (slice) => {
        const locks = slice.loadDict(Dictionary.Keys.Uint(8), {
            serialize: () => {
                throw new Error('read only');
            },
            parse: parseLock,
        });
        return {
            locks: new Map(locks),
            usedSlots: slice.loadUintBig(256),
            locked: slice.loadUintBig(64),
            hotLocked: slice.loadUintBig(64),
            record: slice.loadUintBig(256),
            feeBps: slice.loadUint(16),
            state: slice.loadUint(2),
            stake: slice.loadUintBig(64),
            hotSlashed: slice.loadUintBig(64),
            unbonding: slice.loadUintBig(64),
            config: slice.loadRef(),
        };
    });
}

export interface StakeIdentity {
    registry: Address;
    owner: Address;
}

export function parseStakeIdentity(config: Cell): StakeIdentity {
    return whole(config, 'StakeIdentity', (slice) => ({ registry: slice.loadAddress(), owner: slice.loadAddress() }));
}

export interface StakeOpening extends StakeIdentity {
    attemptLt: bigint;
    refusal: number;
    profile: Cell;
}

export function parseStakeOpening(config: Cell): StakeOpening {
    return whole(config, 'StakeOpening', (slice) => ({
        registry: slice.loadAddress(),
        owner: slice.loadAddress(),
        attemptLt: slice.loadUintBig(64),
        refusal: slice.loadUint(8),
        profile: slice.loadRef(),
    }));
}

export interface StakeConfig {
    minStake: bigint;
    pausedUntil: number;
    allowanceCap: bigint;
    signingKey: bigint;
    attestedUntil: number;
    party: Cell;
    cold: Cell;
}

export function parseStakeConfig(config: Cell): StakeConfig {
    return whole(config, 'StakeConfig', (slice) => ({
        minStake: slice.loadUintBig(64),
        pausedUntil: slice.loadUint(32),
        allowanceCap: slice.loadUintBig(64),
        signingKey: slice.loadUintBig(256),
        attestedUntil: slice.loadUint(32),
        party: slice.loadRef(),
        cold: slice.loadRef(),
    }));
}

export interface StakeCold {
    treasury: Address;
    registry: Address;
    owner: Address;
    version: number;
    unbondingPeriod: number;
    unlockAt: number;
    settled: Cell;
}

export function parseStakeCold(cold: Cell): StakeCold {
    return whole(cold, 'StakeCold', (slice) => ({
        treasury: slice.loadAddress(),
        registry: slice.loadAddress(),
        owner: slice.loadAddress(),
        version: slice.loadUint(32),
        unbondingPeriod: slice.loadUint(32),
        unlockAt: slice.loadUint(32),
        settled: slice.loadRef(),
    }));
}

export interface StakeSettled {
    settlement: Address;
    verifier: Address | null;
    profile: Cell;
}

export function parseStakeSettled(settled: Cell): StakeSettled {
    return whole(settled, 'StakeSettled', (slice) => ({
        settlement: slice.loadAddress(),
        verifier: slice.loadMaybeAddress(),
        profile: slice.loadRef(),
    }));
}

export interface Offer {
    modelRoot: bigint;
    /** nanoTON per million tokens, as the three below */
    prompt: bigint;
    cached: bigint;
    completion: bigint;
    reasoning: bigint;
}

export interface Profile {
    operator: Address;
    allowanceCap: bigint;
    signingKey: bigint;
    encryptionKey: bigint;
    endpoint: Buffer;
    offers: Offer[];
}

export function parseProfile(profile: Cell): Profile {
    return whole(profile, 'Profile', (slice) => {
        const operator = slice.loadAddress();
        const allowanceCap = slice.loadUintBig(64);
        const signingKey = slice.loadUintBig(256);
        const encryptionKey = slice.loadUintBig(256);
        const endpoint = whole(slice.loadRef(), 'endpoint', (text) => text.loadBuffer(text.remainingBits / 8));
        const offers: Offer[] = [];
        let next = slice.loadMaybeRef();
        while (next !== null) {
            next = whole(next, 'Offer', (offer) => {
                offers.push({
                    modelRoot: offer.loadUintBig(256),
                    prompt: offer.loadUintBig(64),
                    cached: offer.loadUintBig(64),
                    completion: offer.loadUintBig(64),
                    reasoning: offer.loadUintBig(64),
                });
                return offer.loadMaybeRef();
            });
        }
        return { operator, allowanceCap, signingKey, encryptionKey, endpoint, offers };
    });
}

export const JOB_UNINIT = 0;
export const JOB_OPEN = 1;
export const JOB_QUOTING = 2;
export const JOB_ACCEPTED = 3;
export const JOB_SUBMITTED = 4;
export const JOB_DEMANDED = 5;
export const JOB_DISPUTED = 6;

export interface EscrowData {
    state: number;
    deadline: number;
    lockId: bigint;
    slot: number;
    providerStake: Address;
    client: Address;
    /** nanoTON */
    price: bigint;
    openedLt: bigint;
    lockUntil: number;
    nonce: bigint;
    terms: Cell | null;
    progress: Cell | null;
}

export function parseEscrowData(data: Cell): EscrowData {
    return whole(data, 'EscrowData', (slice) => ({
        state: slice.loadUint(4),
        deadline: slice.loadUint(32),
        lockId: slice.loadUintBig(64),
        slot: slice.loadUint(8),
        providerStake: slice.loadAddress(),
        client: slice.loadAddress(),
        price: slice.loadUintBig(64),
        openedLt: slice.loadUintBig(64),
        lockUntil: slice.loadUint(32),
        nonce: slice.loadUintBig(64),
        terms: slice.remainingRefs > 0 ? slice.loadRef() : null,
        progress: slice.remainingRefs > 0 ? slice.loadRef() : null,
    }));
}

export interface JobTerms {
    /** nanoTON */
    price: bigint;
    /** nanoTON */
    requiredCollateral: bigint;
    tier: number;
    acceptBy: number;
    deliverWithin: number;
    challengeWindow: number;
    responseWindow: number;
    arbitrationWindow: number;
    /** nanoTON */
    challengeBond: bigint;
    lateSlashBps: number;
    toClientBps: number;
    clientKey: bigint;
    arbiter: Address;
    modelRoot: bigint;
    inputCommitment: bigint;
    encryptionKey: bigint;
    resultRecipientKey: bigint;
}

export function parseJobTerms(terms: Cell): JobTerms {
    return whole(terms, 'JobTerms', (slice) => {
        const pair = (name: string) =>
            whole(slice.loadRef(), name, (two) => [two.loadUintBig(256), two.loadUintBig(256)] as const);
        const fixed = {
            price: slice.loadUintBig(64),
            requiredCollateral: slice.loadUintBig(64),
            tier: slice.loadUint(8),
            acceptBy: slice.loadUint(32),
            deliverWithin: slice.loadUint(32),
            challengeWindow: slice.loadUint(32),
            responseWindow: slice.loadUint(32),
            arbitrationWindow: slice.loadUint(32),
            challengeBond: slice.loadUintBig(64),
            lateSlashBps: slice.loadUint(16),
            toClientBps: slice.loadUint(16),
            clientKey: slice.loadUintBig(256),
            arbiter: slice.loadAddress(),
        };
        const [modelRoot, inputCommitment] = pair('work');
        const [encryptionKey, resultRecipientKey] = pair('keys');
        return { ...fixed, modelRoot, inputCommitment, encryptionKey, resultRecipientKey };
    });
}

export interface Party {
    settlement: Address;
    operator: Address;
    owner: Address;
}

export function parseParty(party: Cell): Party {
    return whole(party, 'Party', (slice) => ({
        settlement: slice.loadAddress(),
        operator: slice.loadAddress(),
        owner: slice.loadAddress(),
    }));
}

export interface Submission {
    /** nanoTON */
    amount: bigint;
    /** nanoTON */
    bond: bigint;
    demanded: boolean;
    resultCommitment: bigint;
    traceRoot: bigint;
    party: Cell;
}

export function parseSubmission(submission: Cell): Submission {
    return whole(submission, 'Submission', (slice) => ({
        amount: slice.loadUintBig(64),
        bond: slice.loadUintBig(64),
        demanded: slice.loadBit(),
        resultCommitment: slice.loadUintBig(256),
        traceRoot: slice.loadUintBig(256),
        party: slice.loadRef(),
    }));
}

export interface TillData {
    /** nanoTON */
    feesDue: bigint;
    /** 0: Uninit. */
    version: number;
    feeBps: number;
    /** nanoTON */
    threshold: bigint;
    payees: Cell | null;
    /** What lies behind, as a cell of its own: {@link parseTillParties}. */
    parties: Cell;
}

export function parseTillData(data: Cell): TillData {
    return whole(data, 'TillData', (slice) => ({
        feesDue: slice.loadUintBig(64),
        version: slice.loadUint(32),
        feeBps: slice.loadUint(16),
        threshold: slice.loadUintBig(64),
        payees: slice.loadMaybeRef(),
        parties: restOf(slice),
    }));
}

export interface TillParties {
    /** Null while Uninit, like the treasury. */
    owner: Address | null;
    treasury: Address | null;
    providerStake: Address;
}

export function parseTillParties({ version, parties }: TillData): TillParties {
    return whole(parties, 'TillTerms', (slice) => ({
        owner: version === 0 ? null : slice.loadAddress(),
        treasury: version === 0 ? null : slice.loadAddress(),
        providerStake: slice.loadAddress(),
    }));
}

export interface Payee {
    address: Address;
    bps: number;
}

export function parsePayees(payees: Cell): Payee[] {
    const list: Payee[] = [];
    let next: Cell | null = payees;
    while (next !== null) {
        next = whole<Cell | null>(next, 'Payee', (slice) => {
            list.push({ address: slice.loadAddress(), bps: slice.loadUint(16) });
            return slice.loadMaybeRef();
        });
    }
    return list;
}

export interface ChannelData {
    /** nanoTON */
    totalDeposited: bigint;
    /** nanoTON */
    claimed: bigint;
    /** Unix seconds; 0: Uninit. */
    closesAt: number;
    /** What lies behind, as a cell of its own: ChannelIdentity while Uninit, then ChannelTerms. */
    terms: Cell;
}

export function parseChannelData(data: Cell): ChannelData {
    return whole(data, 'ChannelData', (slice) => ({
        totalDeposited: slice.loadUintBig(64),
        claimed: slice.loadUintBig(64),
        closesAt: slice.loadUint(32),
        terms: restOf(slice),
    }));
}

export interface ChannelTerms {
    openedLt: bigint;
    clientKey: bigint;
    settlement: Address;
    client: Address;
    closing: Cell;
}

export function parseChannelTerms(cell: Cell): ChannelTerms {
    return whole(cell, 'ChannelTerms', (slice) => ({
        openedLt: slice.loadUintBig(64),
        clientKey: slice.loadUintBig(256),
        settlement: slice.loadAddress(),
        client: slice.loadAddress(),
        closing: slice.loadRef(),
    }));
}

export interface ChannelClosing {
    providerKey: bigint;
    /** seconds */
    closeDelay: number;
    nonce: bigint;
}

export function parseChannelClosing(cell: Cell): ChannelClosing {
    return whole(cell, 'ChannelClosing', (slice) => ({
        providerKey: slice.loadUintBig(256),
        closeDelay: slice.loadUint(32),
        nonce: slice.loadUintBig(64),
    }));
}
