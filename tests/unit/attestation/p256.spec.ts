import { p256 } from '@noble/curves/nist';
import { Blockchain } from '@ton/sandbox';
import { beginCell, Cell } from '@ton/core';
import { createHash } from 'node:crypto';
import { isOnCurve, multiply, P256_G, P256_N, P256_P, Point } from '../../../protocol/attestation/p256';
import {
    DIGEST_OF_ZERO,
    EcdsaSignature,
    shiftedSignature,
    shiftHints,
    storeShiftedSignature,
} from '../../../protocol/attestation/shiftedSignature';
import { P256Probe } from '../../../build/P256Probe/P256Probe_P256Probe';

// The referee is @noble/curves: it knows nothing of shifted keys.

const SHIFT = 0x601;
const RANGE = 0x602;
const OFF_CURVE = 0x603;
const BAD_SIGNATURE = 0x604;
const UNDERFLOW = 9;

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest();
const uint = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytes32 = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const E1 = uint(sha256(bytes32(1n)));
const E2 = uint(sha256(bytes32(2n)));
const mod = (a: bigint, m: bigint) => ((a % m) + m) % m;
const inverse = (a: bigint) => p256.Point.Fn.inv(mod(a, P256_N));

/** Deterministic pseudo-random bytes. */
const random = (label: string) => sha256(Buffer.from(`p256 ${label}`));

function keyOf(label: string): { secret: Uint8Array; key: Point } {
    const secret = random(`${label} key`);
    const { x, y } = p256.Point.BASE.multiply(uint(secret)).toAffine();
    return { secret, key: { x, y } };
}

function sign(digest: Uint8Array, secret: Uint8Array): EcdsaSignature {
    const { r, s } = p256.sign(digest, secret, { prehash: false, lowS: false });
    return { r, s };
}

function nobleAccepts(digest: bigint, key: Point, { r, s }: EcdsaSignature): boolean {
    try {
        const raw = p256.Point.fromAffine(key).toBytes(false);
        return p256.verify(Buffer.concat([bytes32(r), bytes32(s)]), bytes32(digest), raw, {
            prehash: false,
            lowS: false,
        });
    } catch {
        return false;
    }
}

let probe: { check(digest: bigint, key: Point, signed: Cell): Promise<{ exitCode: number; gas: bigint }> };

beforeAll(async () => {
    const blockchain = await Blockchain.create();
    const contract = await P256Probe.fromInit();
    const opened = blockchain.openContract(contract);
    const deployer = await blockchain.treasury('deployer');
    await opened.send(deployer.getSender(), { value: 100_000_000n }, null);
    probe = {
        async check(digest, key, signed) {
            try {
                const result = await blockchain.runGetMethod(contract.address, 'check', [
                    { type: 'int', value: digest },
                    { type: 'int', value: key.x },
                    { type: 'int', value: key.y },
                    { type: 'cell', cell: signed },
                ]);
                return { exitCode: result.exitCode, gas: result.gasUsed };
            } catch (error) {
                const { exitCode } = error as { exitCode?: number };
                if (exitCode === undefined) {
                    throw error;
                }
                return { exitCode, gas: 0n };
            }
        },
    };
});

/** The exit code of a signature whose hints are right for it, whatever the signature is worth. */
async function verdict(digest: bigint, key: Point, signature: EcdsaSignature): Promise<number> {
    return (await probe.check(digest, key, shiftedSignature(digest, key, signature))).exitCode;
}

describe('the arithmetic off chain', () => {
    it('multiplies like the referee', () => {
        for (let i = 0; i < 100; i++) {
            const k = mod(uint(random(`scalar ${i}`)), P256_N);
            expect(multiply(k, P256_G)).toEqual(p256.Point.BASE.multiply(k).toAffine());
        }
        expect(multiply(0n, P256_G)).toBeUndefined();
        expect(multiply(P256_N, P256_G)).toBeUndefined();
        for (const k of [1n, 2n, 3n, P256_N - 1n]) {
            const { x, y } = p256.Point.BASE.multiply(k).toAffine();
            expect(multiply(k, P256_G)).toEqual({ x, y });
        }
    });

    it('takes a point for one only with both coordinates in the field', () => {
        expect(isOnCurve(P256_G)).toBe(true);
        expect(isOnCurve({ x: P256_G.x, y: P256_P - P256_G.y })).toBe(true);
        expect(isOnCurve({ x: P256_G.x + P256_P, y: P256_G.y })).toBe(false);
        expect(isOnCurve({ x: P256_G.x, y: P256_G.y + 1n })).toBe(false);
    });
});

describe('a signature', () => {
    it('is judged as the referee judges it: 1,000 random ones, every other one tampered with', async () => {
        let accepted = 0;
        let most = 0n;
        for (let i = 0; i < 1000; i++) {
            const { secret, key } = keyOf(`${i % 50}`);
            const digest = uint(random(`digest ${i}`));
            let signature = sign(bytes32(digest), secret);
            let judged = digest;
            switch (i % 6) {
                case 1:
                    signature = { ...signature, s: mod(signature.s + 1n, P256_N) };
                    break;
                case 3:
                    signature = { ...signature, r: mod(signature.r ^ (1n << BigInt(i % 255)), P256_N) };
                    break;
                case 5:
                    judged = digest ^ (1n << BigInt(i % 256));
            }
            const good = nobleAccepts(judged, key, signature);
            expect(good).toBe(i % 2 === 0);
            const { exitCode, gas } = await probe.check(judged, key, shiftedSignature(judged, key, signature));
            expect([i, exitCode]).toEqual([i, good ? 0 : BAD_SIGNATURE]);
            accepted += good ? 1 : 0;
            most = gas > most ? gas : most;
        }
        expect(accepted).toBe(500);
        // With what the getter itself costs.
        expect(most).toBeLessThan(17_500n);
    });

    it('may have the higher of its two values of s', async () => {
        const { secret, key } = keyOf('high');
        const digest = uint(random('high'));
        const { r, s } = sign(bytes32(digest), secret);
        const other = { r, s: P256_N - s };
        expect(nobleAccepts(digest, key, other)).toBe(true);
        expect(await verdict(digest, key, other)).toBe(0);
    });

    it.each([
        ['zero', 0n],
        ['one', 1n],
        ['all ones', 2n ** 256n - 1n],
        ['the order', P256_N],
        ['the order less one', P256_N - 1n],
        ['one below what the opcode hashes zero to', DIGEST_OF_ZERO - 1n],
    ])('is good over a digest at the edge: %s', async (_, digest) => {
        const { secret, key } = keyOf('edge');
        const signature = sign(bytes32(digest), secret);
        expect(nobleAccepts(digest, key, signature)).toBe(true);
        expect(await verdict(digest, key, signature)).toBe(0);
        expect(await verdict(digest, keyOf('other').key, signature)).toBe(BAD_SIGNATURE);
    });

    it('is good under the keys of the smallest and the largest secrets', async () => {
        for (const secret of [1n, 2n, 3n, P256_N - 1n, P256_N - 2n]) {
            const { x, y } = p256.Point.BASE.multiply(secret).toAffine();
            const digest = uint(random(`small ${secret}`));
            const signature = sign(bytes32(digest), bytes32(secret));
            expect(await verdict(digest, { x, y }, signature)).toBe(0);
            expect(await verdict(digest, { x, y: P256_P - y }, signature)).toBe(BAD_SIGNATURE);
        }
    });

    it.each([1n, P256_N - 1n])(
        'with r or s at the inner edge, %s, is judged and not accepted by chance',
        async (edge) => {
            const { secret, key } = keyOf('inner');
            const digest = uint(random('inner'));
            const { r, s } = sign(bytes32(digest), secret);
            for (const signature of [
                { r: edge, s },
                { r, s: edge },
                { r: edge, s: edge },
            ]) {
                expect(nobleAccepts(digest, key, signature)).toBe(false);
                expect(await verdict(digest, key, signature)).toBe(BAD_SIGNATURE);
            }
        },
    );

    it.each([0n, P256_N, P256_N + 1n, 2n ** 256n - 1n])('with r or s out of range, %s, is refused', async (edge) => {
        const { secret, key } = keyOf('range');
        const digest = uint(random('range'));
        const signature = sign(bytes32(digest), secret);
        const hints = shiftHints(digest, key, signature);
        for (const bad of [
            { ...signature, r: edge },
            { ...signature, s: edge },
            { r: edge, s: edge },
        ]) {
            expect(() => shiftHints(digest, key, bad)).toThrow(
                expect.objectContaining({ code: 'malformed-signature' }),
            );
            expect((await probe.check(digest, key, storeShiftedSignature(bad, hints))).exitCode).toBe(RANGE);
        }
        // r + n would be the same number modulo n; it is not the same signature.
        const wrapped = { r: signature.r, s: signature.s + P256_N };
        if (wrapped.s < 2n ** 256n) {
            expect((await probe.check(digest, key, storeShiftedSignature(wrapped, hints))).exitCode).toBe(RANGE);
        }
    });
});

describe('a key', () => {
    const digest = uint(random('bad key'));
    const { secret, key } = keyOf('bad key');
    const signature = sign(bytes32(digest), secret);
    const hints = shiftHints(digest, key, signature);

    it.each([
        ['off the curve', { x: key.x, y: key.y ^ 1n }],
        ['at (0, 0)', { x: 0n, y: 0n }],
        ['with x not below p', { x: key.x + P256_P, y: key.y }],
        ['with y not below p', { x: key.x, y: key.y + P256_P }],
        ['of all ones', { x: 2n ** 256n - 1n, y: 2n ** 256n - 1n }],
    ])('%s is refused', async (_, bad) => {
        if (bad.x >= 2n ** 256n || bad.y >= 2n ** 256n) {
            // Does not fit its field: the nearest that does is p itself.
            bad = { x: bad.x >= 2n ** 256n ? P256_P : bad.x, y: bad.y >= 2n ** 256n ? P256_P : bad.y };
        }
        expect((await probe.check(digest, bad, storeShiftedSignature(signature, hints))).exitCode).toBe(OFF_CURVE);
        expect(() => shiftHints(digest, bad, signature)).toThrow(
            expect.objectContaining({ code: 'malformed-signature' }),
        );
    });

    it('with x = 0, the smallest there is, is taken, and the same point with x = p is not', async () => {
        const { x, y } = p256.Point.fromHex(`02${'00'.repeat(32)}`).toAffine();
        expect(x).toBe(0n);
        expect(await verdict(digest, { x, y }, signature)).toBe(BAD_SIGNATURE);
        const zero = shiftHints(digest, { x, y }, signature);
        expect((await probe.check(digest, { x: P256_P, y }, storeShiftedSignature(signature, zero))).exitCode).toBe(
            OFF_CURVE,
        );
    });

    it('swapped for another, with hints for the other, is refused', async () => {
        const other = keyOf('swapped').key;
        expect(await verdict(digest, other, signature)).toBe(BAD_SIGNATURE);
        expect((await probe.check(digest, other, storeShiftedSignature(signature, hints))).exitCode).toBe(SHIFT);
    });

    it('mirrored at the x axis is refused', async () => {
        expect(await verdict(digest, { x: key.x, y: P256_P - key.y }, signature)).toBe(BAD_SIGNATURE);
    });
});

describe('hints', () => {
    const { secret, key } = keyOf('hints');
    const digest = uint(random('hints'));
    const signature = sign(bytes32(digest), secret);
    const hints = shiftHints(digest, key, signature);
    const check = async (bad: Partial<typeof hints>, under = key) =>
        (await probe.check(digest, under, storeShiftedSignature(signature, { ...hints, ...bad }))).exitCode;

    it('that are right are taken, also with delta written above the order', async () => {
        expect(await check({})).toBe(0);
        if (hints.delta + P256_N < 2n ** 256n) {
            expect(await check({ delta: hints.delta + P256_N })).toBe(0);
        }
    });

    it('of which one was changed are refused', async () => {
        for (let bit = 0n; bit < 256n; bit += 15n) {
            const flip = 1n << bit;
            expect(await check({ delta: hints.delta ^ flip })).toBe(SHIFT);
            expect(await check({ slope: hints.slope ^ flip })).toBe(SHIFT);
            expect(await check({ shift: { ...hints.shift, y: hints.shift.y ^ flip } })).toBe(OFF_CURVE);
            expect(await check({ shift: { ...hints.shift, x: hints.shift.x ^ flip } })).toBe(OFF_CURVE);
        }
        expect(await check({ shift: { ...hints.shift, y: P256_P - hints.shift.y } })).toBe(SHIFT);
    });

    it('with coordinates not below p are refused', async () => {
        expect(await check({ shift: { x: P256_P, y: hints.shift.y } })).toBe(OFF_CURVE);
        expect(await check({ shift: { x: hints.shift.x, y: 2n ** 256n - 1n } })).toBe(OFF_CURVE);
    });

    it('that shift to any other point of the curve are refused, with the right slope to it', async () => {
        for (let i = 0; i < 20; i++) {
            const forged = multiply(uint(random(`forged ${i}`)), P256_G)!;
            const slope = mod((forged.y - key.y) * p256.Point.Fp.inv(mod(forged.x - key.x, P256_P)), P256_P);
            expect(await check({ shift: forged, slope })).toBe(SHIFT);
        }
    });

    it.each([
        ['first', E1],
        ['second', E2],
    ])('on the minus branch of the %s operand, D = −(delta + 2E/Gx)G, are refused', async (_, digestOfOperand) => {
        const scalar = mod(-(hints.delta + 2n * digestOfOperand * inverse(P256_G.x)), P256_N);
        const shift = multiply(scalar, P256_G)!;
        // The opcode alone is content: the forgery is a real one.
        const s = mod(digestOfOperand + P256_G.x * hints.delta, P256_N);
        expect(nobleAccepts(digestOfOperand, shift, { r: P256_G.x, s })).toBe(true);
        const slope = mod((shift.y - key.y) * p256.Point.Fp.inv(mod(shift.x - key.x, P256_P)), P256_P);
        expect(await check({ shift, slope })).toBe(SHIFT);
    });

    it('whose s for an operand would be zero are refused', async () => {
        for (const digestOfOperand of [E1, E2]) {
            // delta with E + Gx · delta = 0, and a digest that fits it.
            const delta = mod(-digestOfOperand * inverse(P256_G.x), P256_N);
            const fitting = mod(delta * signature.r + DIGEST_OF_ZERO, P256_N);
            const made = shiftHints(fitting, key, signature);
            expect(made.delta).toBe(delta);
            expect((await probe.check(fitting, key, storeShiftedSignature(signature, made))).exitCode).toBe(SHIFT);
        }
    });

    it('for a shift with the x of the key are refused: tangent and vertical', async () => {
        // The key is delta · G, and then −delta · G: its owner chose the digest.
        for (const sign of [1n, -1n]) {
            const fitting = mod(sign * uint(secret) * signature.r + DIGEST_OF_ZERO, P256_N);
            expect(() => shiftHints(fitting, key, signature)).toThrow(expect.objectContaining({ code: 'no-hint' }));
            const delta = mod(sign * uint(secret), P256_N);
            const shift = multiply(delta, P256_G)!;
            expect(shift.x).toBe(key.x);
            const tangent = mod((3n * key.x * key.x - 3n) * p256.Point.Fp.inv(mod(2n * key.y, P256_P)), P256_P);
            for (const slope of [0n, 1n, tangent]) {
                const signed = storeShiftedSignature(signature, { delta, shift, slope });
                expect((await probe.check(fitting, key, signed)).exitCode).toBe(SHIFT);
            }
        }
    });

    it('for a digest whose shift is the neutral element do not exist', async () => {
        expect(() => shiftHints(DIGEST_OF_ZERO, key, signature)).toThrow(expect.objectContaining({ code: 'no-hint' }));
        const signed = storeShiftedSignature(signature, { delta: 0n, shift: { x: 0n, y: 0n }, slope: 0n });
        expect((await probe.check(DIGEST_OF_ZERO, key, signed)).exitCode).toBe(OFF_CURVE);
    });

    it('of another signature are refused', async () => {
        const other = uint(random('another'));
        const foreign = shiftHints(other, key, sign(bytes32(other), secret));
        expect(await check(foreign)).toBe(SHIFT);
        const foreignKey = keyOf('foreign').key;
        expect(await check(shiftHints(digest, foreignKey, signature))).toBe(SHIFT);
    });

    it('in a cell that is too short are refused, and what trails is read by nobody', async () => {
        const good = storeShiftedSignature(signature, hints);
        const inner = good.refs[0]!;
        const short = [
            beginCell().storeBits(good.bits).endCell(),
            beginCell().storeBits(good.bits.substring(0, 760)).storeRef(inner).endCell(),
            beginCell()
                .storeBits(good.bits)
                .storeRef(beginCell().storeBits(inner.bits.substring(0, 767)))
                .endCell(),
        ];
        for (const cell of short) {
            expect((await probe.check(digest, key, cell)).exitCode).toBe(UNDERFLOW);
        }
        const trailing = [
            beginCell().storeBits(good.bits).storeBit(false).storeRef(inner).storeRef(inner).endCell(),
            beginCell().storeBits(good.bits).storeRef(beginCell().storeBits(inner.bits).storeBit(true)).endCell(),
        ];
        for (const cell of trailing) {
            expect((await probe.check(digest, key, cell)).exitCode).toBe(0);
        }
    });
});
