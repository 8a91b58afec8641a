import { toNano } from '@ton/core';
import { idOf, publicKeyOf } from '../actors';
import { profileOf } from '../bodies';
import { Chance } from '../chance';
import { EscrowAccount, Id, Profile, StakeAccount } from '../model/types';
import { hashes, Place, PLACES } from '../places';
import { anybody, bare, DAY, jobKeyAt, Makers, MINUTE, params, queryId, Scene, signed } from './scene';

function profile(chance: Chance, place: Place): Profile {
    const [operator, key] =
        place.key === 'q.signing' ? (['q.operator', 'q.signing'] as const) : (['p.operator', 'p.signing'] as const);
    return profileOf({
        operator: idOf(operator),
        allowanceCap: chance.of([toNano(50), toNano(100), toNano(100), toNano(200), toNano(200), 0n]),
        signingKey: publicKeyOf(chance.once(8) ? 'stranger.key' : key),
        encryptionKey: chance.of([11n, 11n, 12n]),
    });
}

/** The jobs of a stake that wait for an acceptance; failing that, any of its jobs. */
function jobOf({ world, chance, place }: Scene<StakeAccount>): { place: Place; job: EscrowAccount } {
    const jobs = PLACES.flatMap((other) => {
        const job = world.model.get(other.id) ?? other.uninit;
        return job.kind === 'JobEscrow' && job.providerStake === place.id ? [{ place: other, job }] : [];
    });
    const open = jobs.filter(({ job }) => job.state === 'Open');
    return chance.of(open.length > 0 ? open : jobs);
}

const owner = ({ account }: Scene<StakeAccount>): Id => account.owner;

export const STAKE: Makers<StakeAccount> = {
    OpenStake: ({ chance, wild, place, account }) => ({
        message: {
            ...{ op: 'OpenStake', queryId, profile: profile(chance, place) },
            amount: wild ? 0n : chance.of([toNano(1000), toNano(150), toNano(150), toNano(50)]),
        },
        from: account.owner,
    }),
    Initialise: ({ world, chance, account }) => ({
        message: {
            ...{ op: 'Initialise', queryId: account.attemptLt, version: 9, pausedUntil: world.now },
            params: params(chance, false, null),
        },
        from: anybody(chance),
    }),
    RegistrationRefused: ({ chance, account }) => ({
        message: { op: 'RegistrationRefused', queryId: account.attemptLt, reason: chance.of([1, 2, 255]) },
        from: anybody(chance),
    }),
    UpdateParams: ({ world, chance, account }) => ({
        message: {
            ...{ op: 'UpdateParams', queryId, version: account.version + 1, pausedUntil: world.now },
            ...{ excessesTo: anybody(chance), params: params(chance, false, null) },
        },
        from: anybody(chance),
    }),
    RetryRegister: bare('RetryRegister', owner),
    WithdrawUnregistered: bare('WithdrawUnregistered', owner),
    TopUpStake: ({ chance, wild }) => ({
        message: { op: 'TopUpStake', queryId, amount: wild ? 0n : chance.of([1n, toNano(1), toNano(100)]) },
        from: anybody(chance),
    }),
    UpdateProfile: ({ chance, place, account }) => ({
        message: { op: 'UpdateProfile', queryId, profile: profile(chance, place) },
        from: account.owner,
    }),
    ResetAllowanceUsed: bare('ResetAllowanceUsed', owner),
    RequestUnbond: ({ chance, wild, account }) => ({
        message: {
            ...{ op: 'RequestUnbond', queryId },
            amount: chance.of(wild ? [0n, account.stake + 1n] : [1n, account.stake / 2n, account.stake]),
        },
        from: account.owner,
    }),
    CancelUnbond: bare('CancelUnbond', owner),
    WithdrawStake: bare('WithdrawStake', owner),
    AcceptJob: (scene) => {
        const { world, chance, wild, account } = scene;
        const { place, job } = jobOf(scene);
        const right = {
            collateral: job.terms?.requiredCollateral ?? 0n,
            client: job.client,
            nonce: job.nonce,
            jobKey: jobKeyAt(place, job),
            lockUntil: job.lockUntil || world.now + 20 * DAY,
        };
        const wrong: Partial<typeof right>[] = [
            { lockUntil: right.lockUntil + chance.of([1, -1]) },
            { collateral: right.collateral + 1n },
            { jobKey: right.jobKey ^ 1n },
            { lockUntil: right.lockUntil + chance.of([1, -1]) },
            { nonce: 99n },
            { client: anybody(chance) },
            { lockUntil: world.now + chance.of([8 * DAY - 1, 120 * DAY + 1]) },
            { collateral: account.stake },
            { collateral: account.stake + 1n },
        ];
        return {
            message: { op: 'AcceptJob', queryId, ...right, ...(wild ? chance.of(wrong) : {}) },
            from: chance.once(3) ? account.owner : (account.profile?.operator ?? account.owner),
        };
    },
    AcceptQuote: (scene) => {
        const { world, memory, chance } = scene;
        const { place, job } = jobOf(scene);
        const collateral = job.terms?.requiredCollateral ?? 0n;
        const termsHash = job.terms?.hash ?? 1n;
        const validUntil = world.now + MINUTE;
        const over = { tag: 'quote', escrow: place.id, termsHash, collateral, validUntil } as const;
        return {
            message: {
                ...{ op: 'AcceptQuote', queryId: job.openedLt, collateral, client: job.client, nonce: job.nonce },
                lockUntil: job.lockUntil || world.now + 20 * DAY,
                quote: { termsHash, validUntil, signature: signed(memory, publicKeyOf('p.signing'), over) },
            },
            from: anybody(chance),
        };
    },
    ReleaseCollateral: (scene) => {
        const { slot, lockId } = lockOf(scene);
        return {
            message: { op: 'ReleaseCollateral', queryId: lockId, slot, paid: toNano(1), outcome: scene.chance.int(3) },
            from: anybody(scene.chance),
        };
    },
    SlashCollateral: (scene) => {
        const { slot, lockId } = lockOf(scene);
        const client = anybody(scene.chance);
        return {
            message: {
                ...{ op: 'SlashCollateral', queryId: lockId, slot, amount: toNano(20), client, toClientBps: 5000 },
                reason: 3 + scene.chance.int(3),
            },
            from: anybody(scene.chance),
        };
    },
    ReleaseStaleLock: (scene) => ({
        message: { op: 'ReleaseStaleLock', queryId, slot: lockOf(scene).slot },
        from: anybody(scene.chance),
    }),
    AttestationVerdict: ({ world, chance, wild, place, account }) => {
        const { signingKey, encryptionKey } = account.profile ?? { signingKey: 0n, encryptionKey: 0n };
        const reportData = hashes.reportData(place.id, signingKey, encryptionKey);
        return {
            message: {
                ...{ op: 'AttestationVerdict', queryId, measurement: 5n },
                validUntil: world.now + chance.of([0, DAY, 40 * DAY]),
                reportData: wild ? reportData ^ 1n : reportData,
            },
            from: account.params?.verifier ?? idOf('verifier'),
        };
    },
};

function lockOf({ chance, account }: Scene<StakeAccount>): { slot: number; lockId: bigint } {
    const locks = [...account.locks].map(([slot, { lockId }]) => ({ slot, lockId }));
    return locks.length > 0 ? chance.of(locks) : { slot: chance.int(256), lockId: 1n };
}
