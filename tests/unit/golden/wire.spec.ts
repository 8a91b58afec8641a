import { Address, Cell, Message, toNano, Transaction } from '@ton/core';
import { KeyPair, sha256_sync, sign } from '@ton/crypto';
import { Addressable, addressOf as addressIn, opcodeOf } from '../../helpers/labels';
import { useNetwork } from '../../helpers/fixture';
import { Job } from '../../helpers/jobs';
import { body, openStakeBody, prepareProvider } from '../../helpers/network';
import { keyPairOf, profileCell, networkParamsCell } from '../../helpers/cells';
import { codeOf } from '../../helpers/sources';
import { eventsOf, Trace } from '../../helpers/traces';
import { digits, idOf, raw, std } from './raw';

// What the contracts really put on the wire, bit by bit: most bodies are written inline by hand, without the compiler's
// message types, so nothing but these tests holds them to schemas/*.tlb.

const id = (of: Addressable) => idOf(addressIn(of));
const u64 = (value: bigint | number) => `x${digits(value, 64)}`;
const u32 = (value: bigint | number) => `x${digits(value, 32)}`;
const u256 = (value: bigint) => `x${digits(value, 256)}`;

/** The only message with that opcode that left an account in a trace. */
function sent(trace: Trace, from: Addressable, op: string): Message {
    const opcode = opcodeOf(op);
    const found = trace.transactions
        .flatMap((transaction) => [...transaction.outMessages.values()])
        .filter(
            ({ info, body: { bits } }) =>
                info.type === 'internal' && info.src.equals(addressIn(from)) && bits.length >= 32,
        )
        .filter((message) => message.body.beginParse().loadUint(32) === opcode);
    expect(found).toHaveLength(1);
    return found[0]!;
}

/** Body and flags as the schema has them; the header carries nothing besides. */
function expectSent(
    trace: Trace,
    from: Addressable,
    op: string,
    expected: { to: Addressable; bounce: boolean; body: Cell },
): void {
    const message = sent(trace, from, op);
    expect(message.body.toString()).toBe(expected.body.toString());
    if (message.info.type !== 'internal') {
        throw new Error('Not to an account');
    }
    expect(message.info.dest.equals(addressIn(expected.to))).toBe(true);
    expect(message.info.bounce).toBe(expected.bounce);
    expect(message.info.bounced).toBe(false);
    expect(message.info.ihrFee).toBe(0n);
    expect(message.info.value.other?.size ?? 0).toBe(0);
}

/** Logical time of an account's only transaction in a trace that was started by that message. */
function ltOf(trace: Trace, at: Addressable, op: string): bigint {
    const found = trace.transactions.filter(
        ({ inMessage }) =>
            inMessage?.info.type === 'internal' &&
            inMessage.info.dest.equals(addressIn(at)) &&
            inMessage.body.bits.length >= 32 &&
            inMessage.body.beginParse().loadUint(32) === opcodeOf(op),
    );
    expect(found).toHaveLength(1);
    return (found[0] as Transaction).lt;
}

const fixture = useNetwork();
const DAY = 86400;

const partyOf = (provider: typeof fixture.provider) =>
    raw(`${std(id(provider.till))} ${std(id(provider.operator))} ${std(id(provider.owner))}`);

describe('registration', () => {
    it('RegisterMe, Initialise, TillParams, ProviderRegistered', async () => {
        const { chain, network } = fixture;
        const provider = await prepareProvider(network, { name: 'second' });
        const profile = profileCell(provider.profile);
        const trace = await chain.send(provider.owner, {
            to: provider.stake,
            value: provider.amount + toNano(5),
            init: provider.stakeInit,
            body: openStakeBody(provider.amount, profile, 77n),
        });
        const attempt = u64(ltOf(trace, provider.stake, 'OpenStake'));
        const owner = std(id(provider.owner));
        expectSent(trace, provider.stake, 'RegisterMe', {
            to: network.registry,
            bounce: true,
            body: raw(`x52470002 ${attempt} ${u64(provider.amount)} ${owner}`),
        });
        const params = networkParamsCell(network.params);
        expectSent(trace, network.registry, 'Initialise', {
            to: provider.stake,
            bounce: false,
            body: raw(`x5354000f ${attempt} x00000001 x00000000`, params),
        });
        expectSent(trace, provider.stake, 'TillParams', {
            to: provider.till,
            bounce: false,
            body: raw(`x50530002 ${attempt} x00000001 x00c8 ${owner}`, raw(`${std(id(network.treasury))} ${owner}`)),
        });
        expectSent(trace, provider.till, 'Excesses', {
            to: provider.owner,
            bounce: false,
            body: raw(`xd53276db ${attempt}`),
        });
        const events = eventsOf(trace);
        expect(events).toHaveLength(1);
        expect(events[0]!.from.equals(provider.stake)).toBe(true);
        expect(events[0]!.body.toString()).toBe(raw(`x53540013 ${owner} ${u64(provider.amount)}`, profile).toString());
    });

    it('RegistrationRefused', async () => {
        const { chain, network } = fixture;
        const provider = await prepareProvider(network, { name: 'poor', amount: network.params.minStake - 1n });
        const trace = await chain.send(provider.owner, {
            to: provider.stake,
            value: provider.amount + toNano(5),
            init: provider.stakeInit,
            body: openStakeBody(provider.amount, profileCell(provider.profile)),
        });
        expectSent(trace, network.registry, 'RegistrationRefused', {
            to: provider.stake,
            bounce: false,
            body: raw(`x53540010 ${u64(ltOf(trace, provider.stake, 'OpenStake'))} x01`),
        });
    });

    it('UpdateParams and the TillParams of a sync', async () => {
        const { chain, network, provider } = fixture;
        const anyone = await chain.wallet('anyone');
        const trace = await chain.send(anyone, {
            to: network.registry,
            value: toNano(2),
            body: raw(`x52470003 x000000000000004d ${std(id(provider.owner))}`),
        });
        const params = networkParamsCell(network.params);
        expectSent(trace, network.registry, 'UpdateParams', {
            to: provider.stake,
            bounce: true,
            body: raw(`x53540011 x000000000000004d x00000001 x00000000 ${std(id(anyone))}`, params),
        });
        expectSent(trace, provider.stake, 'TillParams', {
            to: provider.till,
            bounce: false,
            body: raw(
                `x50530002 x000000000000004d x00000001 x00c8 ${std(id(provider.owner))}`,
                raw(`${std(id(network.treasury))} ${std(id(anyone))}`),
            ),
        });
        expectSent(trace, provider.till, 'Excesses', {
            to: anyone,
            bounce: false,
            body: raw('xd53276db x000000000000004d'),
        });
    });

    it('ProfileUpdated', async () => {
        const { chain, provider } = fixture;
        const profile = profileCell({ ...provider.profile, offers: [] });
        const trace = await chain.send(provider.owner, {
            to: provider.stake,
            value: toNano(1),
            body: raw('x53540008 x0000000000000009', profile),
        });
        expect(eventsOf(trace).map((event) => event.body.toString())).toEqual([
            raw(`x53540014 ${std(id(provider.owner))}`, profile).toString(),
        ]);
        expectSent(trace, provider.stake, 'Excesses', {
            to: provider.owner,
            bounce: false,
            body: raw('xd53276db x0000000000000009'),
        });
    });
});

describe('an acceptance', () => {
    it('AcceptQuote and JobAccepted of a quote', async () => {
        const { provider } = fixture;
        const job = await Job.prepare(provider, { nonce: 0xfedcba9876543210n });
        const quote = job.quote();
        const trace = await job.postQuoted();
        expectSent(trace, job.escrow, 'AcceptQuote', {
            to: provider.stake,
            bounce: true,
            body: raw(
                `x53540002 ${u64(ltOf(trace, job.escrow, 'PostJob'))} ${u64(job.terms.requiredCollateral)}
                 ${std(id(job.client))} xfedcba9876543210 ${u32(job.lockUntil)}`,
                quote,
            ),
        });
        expectSent(trace, provider.stake, 'JobAccepted', {
            to: job.escrow,
            bounce: true,
            body: raw(
                `x4a450002 ${u64(ltOf(trace, provider.stake, 'AcceptQuote'))} x00 ${u256(await job.jobKey())}
                 ${u64(job.terms.requiredCollateral)} ${u32(job.lockUntil)} x00 x00000000`,
                partyOf(provider),
            ),
        });
    });

    it('JobAccepted by the owner names him as operator and uses one of his slots', async () => {
        const { provider } = fixture;
        const job = await Job.prepare(provider);
        await job.post();
        const trace = await job.accept('owner');
        expectSent(trace, provider.stake, 'JobAccepted', {
            to: job.escrow,
            bounce: true,
            body: raw(
                `x4a450002 ${u64(ltOf(trace, provider.stake, 'AcceptJob'))} xe0 ${u256(await job.jobKey())}
                 ${u64(job.terms.requiredCollateral)} ${u32(job.lockUntil)} x00 x00000000`,
                raw(`${std(id(provider.till))} ${std(id(provider.owner))} ${std(id(provider.owner))}`),
            ),
        });
        expectSent(trace, provider.stake, 'Excesses', {
            to: provider.owner,
            bounce: false,
            body: raw('xd53276db x0000000000000000'),
        });
    });
});

describe('an end', () => {
    async function accepted(): Promise<{ job: Job; lockId: string }> {
        const job = await Job.prepare(fixture.provider);
        await job.post();
        const trace = await job.accept();
        return { job, lockId: u64(ltOf(trace, fixture.provider.stake, 'AcceptJob')) };
    }

    function expectSettled(
        trace: Trace,
        job: Job,
        expected: { query: string; lockId: string; amount: bigint; outcome: string },
    ): void {
        const { provider } = fixture;
        expectSent(trace, job.escrow, 'Settle', {
            to: provider.till,
            bounce: false,
            body: raw(`x50530001 ${expected.query} ${u64(expected.amount)} ${std(id(job.client))}`),
        });
        expectSent(trace, job.escrow, 'ReleaseCollateral', {
            to: provider.stake,
            bounce: false,
            body: raw(`x53540004 ${expected.lockId} x00 ${u64(expected.amount)} ${expected.outcome}`),
        });
        expectSent(trace, job.escrow, 'JobClosed', {
            to: job.client,
            bounce: false,
            body: raw(`x4a450010 ${expected.query} ${expected.outcome}`),
        });
    }

    function expectSlashed(
        trace: Trace,
        job: Job,
        expected: { query: string; lockId: string; amount: bigint; outcome: string },
    ): void {
        const { network, provider } = fixture;
        expectSent(trace, job.escrow, 'SlashCollateral', {
            to: provider.stake,
            bounce: false,
            body: raw(
                `x53540005 ${expected.lockId} x00 ${u64(expected.amount)} ${std(id(job.client))} x1388 ${expected.outcome}`,
            ),
        });
        expectSent(trace, job.escrow, 'JobClosed', {
            to: job.client,
            bounce: false,
            body: raw(`x4a450010 ${expected.query} ${expected.outcome}`),
        });
        const shares = trace.transactions
            .flatMap((transaction) => [...transaction.outMessages.values()])
            .filter(({ info }) => info.type === 'internal' && info.src.equals(provider.stake));
        expect(shares.map((share) => share.body.toString())).toEqual(
            Array(2).fill(raw(`x53540015 ${expected.lockId}`).toString()),
        );
        expect(shares.map(({ info }) => (info.type === 'internal' ? info.dest.toString() : '')).sort()).toEqual(
            [job.client.address.toString(), network.treasury.address.toString()].sort(),
        );
        expect(shares.every(({ info }) => info.type === 'internal' && !info.bounce)).toBe(true);
    }

    it('by ApproveFull with the client key', async () => {
        const { chain } = fixture;
        const { job, lockId } = await accepted();
        const hash = sha256_sync(Buffer.from(`434d2e6170662e31${digits(await job.jobKey(), 256)}`, 'hex'));
        const signature = sign(hash, job.clientKey.secretKey).toString('hex');
        const trace = await chain.send(await chain.wallet('anyone'), {
            to: job.escrow,
            value: toNano(1),
            body: raw(`x4a450003 x0000000000000005 x${signature}`),
        });
        expectSettled(trace, job, {
            query: 'x0000000000000005',
            lockId,
            amount: job.terms.price,
            outcome: 'x00',
        });
    });

    it('by ApproveSubmitted with the client key', async () => {
        const { chain } = fixture;
        const { job, lockId } = await accepted();
        const amount = toNano(7);
        await job.submit({ amount });
        const commitment = digits(job.resultCommitment, 256);
        const hash = sha256_sync(
            Buffer.from(`434d2e6170732e31${digits(await job.jobKey(), 256)}${commitment}${digits(amount, 64)}`, 'hex'),
        );
        const signature = sign(hash, job.clientKey.secretKey).toString('hex');
        const trace = await chain.send(await chain.wallet('anyone'), {
            to: job.escrow,
            value: toNano(1),
            body: raw(`x4a450004 x0000000000000006 ${u64(amount)} x${commitment} x${signature}`),
        });
        expectSettled(trace, job, { query: 'x0000000000000006', lockId, amount, outcome: 'x00' });
    });

    it('by ExpireJob', async () => {
        const { chain } = fixture;
        const { job, lockId } = await accepted();
        chain.at((await job.data()).deadline);
        const trace = await chain.send(await chain.wallet('anyone'), {
            to: job.escrow,
            value: toNano(1),
            body: raw('x4a450007 x0000000000000007'),
        });
        expectSlashed(trace, job, { query: 'x0000000000000007', lockId, amount: toNano(2), outcome: 'x03' });
    });

    it('by PublishResult, then FinalizeJob', async () => {
        const { chain, provider } = fixture;
        const { job, lockId } = await accepted();
        await job.submit({ amount: toNano(7) });
        await job.demand();
        const { bond } = await job.submission();
        const anyone = await chain.wallet('anyone');
        const published = await chain.send(anyone, {
            to: job.escrow,
            value: toNano(1),
            body: raw('x4a45000a x0000000000000008', job.result),
        });
        expectSent(published, job.escrow, 'Settle', {
            to: provider.till,
            bounce: false,
            body: raw(`x50530001 x0000000000000008 ${u64(0)} ${std(id(job.client))}`),
        });
        const { info } = sent(published, job.escrow, 'Settle');
        expect(info.type === 'internal' && info.value.coins > bond).toBe(true);
        chain.at((await job.data()).deadline);
        const trace = await chain.send(anyone, {
            to: job.escrow,
            value: toNano(1),
            body: raw('x4a450006 x0000000000000009'),
        });
        expectSettled(trace, job, { query: 'x0000000000000009', lockId, amount: toNano(7), outcome: 'x00' });
    });

    it('by ExpireDemand', async () => {
        const { chain } = fixture;
        const { job, lockId } = await accepted();
        await job.submit();
        await job.demand();
        chain.at((await job.data()).deadline);
        const trace = await chain.send(await chain.wallet('anyone'), {
            to: job.escrow,
            value: toNano(1),
            body: raw('x4a45000c x000000000000000a'),
        });
        expectSlashed(trace, job, { query: 'x000000000000000a', lockId, amount: toNano(20), outcome: 'x04' });
    });

    it.each([
        ['wrong', 'b1 x0bb9', 'x05'],
        ['right', 'b0 x0000', 'x01'],
    ])('by a Verdict that says %s', async (verdict, tokens, outcome) => {
        const { chain, network } = fixture;
        const { job, lockId } = await accepted();
        await job.submit({ amount: toNano(7) });
        await job.challenge();
        const trace = await chain.send(network.arbiter, {
            to: job.escrow,
            value: toNano(1),
            body: raw(`x4a45000e x000000000000000b ${tokens}`),
        });
        const query = 'x000000000000000b';
        if (verdict === 'wrong') {
            // 3001 of 10000 of 20 TON.
            expectSlashed(trace, job, { query, lockId, amount: 6_002_000_000n, outcome });
        } else {
            expectSettled(trace, job, { query, lockId, amount: toNano(7), outcome });
        }
    });

    it('by ExpireDispute', async () => {
        const { chain } = fixture;
        const { job, lockId } = await accepted();
        await job.submit({ amount: toNano(7) });
        await job.challenge();
        chain.at((await job.data()).deadline);
        const trace = await chain.send(await chain.wallet('anyone'), {
            to: job.escrow,
            value: toNano(1),
            body: raw('x4a45000f x000000000000000c'),
        });
        expectSettled(trace, job, { query: 'x000000000000000c', lockId, amount: toNano(7), outcome: 'x02' });
    });

    it('by CancelJob, and by a bounced AcceptQuote', async () => {
        const { chain, provider } = fixture;
        const job = await Job.prepare(provider);
        await job.post();
        const cancelled = await chain.send(job.client, {
            to: job.escrow,
            value: toNano(1),
            body: raw('x4a450008 x000000000000000d'),
        });
        expectSent(cancelled, job.escrow, 'JobClosed', {
            to: job.client,
            bounce: false,
            body: raw('x4a450010 x000000000000000d x06'),
        });
        const quoted = await Job.prepare(provider, { nonce: 2n });
        const trace = await chain.send(quoted.client, {
            to: quoted.escrow,
            value: toNano(12),
            init: quoted.init,
            body: quoted.postBody(quoted.quote({ validUntil: chain.now })),
        });
        expectSent(trace, quoted.escrow, 'JobClosed', {
            to: quoted.client,
            bounce: false,
            body: raw(`x4a450010 ${u64(ltOf(trace, quoted.escrow, 'PostJob'))} x07`),
        });
    });
});

describe('the till', () => {
    it('Payout to payees and to the treasury', async () => {
        const { chain, network, provider } = fixture;
        const anyone = await chain.wallet('anyone');
        const settled = await chain.send(anyone, {
            to: provider.till,
            value: toNano(50) + toNano(1),
            body: raw(`x50530001 x000000000000000e ${u64(toNano(50))} ${std(id(anyone))}`),
        });
        expectSent(settled, provider.till, 'Payout', {
            to: provider.owner,
            bounce: false,
            body: raw('x50530006 x000000000000000e'),
        });
        const flushed = await chain.send(anyone, {
            to: provider.till,
            value: toNano(1),
            body: raw('x50530005 x000000000000000f'),
        });
        expectSent(flushed, provider.till, 'Payout', {
            to: network.treasury,
            bounce: false,
            body: raw('x50530006 x000000000000000f'),
        });
        await chain.send(anyone, { to: provider.till, value: toNano(3) });
        const withdrawn = await chain.send(provider.owner, {
            to: provider.till,
            value: toNano(1),
            body: raw('x50530003 x0000000000000010'),
        });
        expectSent(withdrawn, provider.till, 'Payout', {
            to: provider.owner,
            bounce: false,
            body: raw('x50530006 x0000000000000010'),
        });
        expectSent(withdrawn, provider.till, 'Excesses', {
            to: provider.owner,
            bounce: false,
            body: raw('xd53276db x0000000000000010'),
        });
    });
});

describe('a channel', () => {
    /** Built and signed here from schemas/channel.tlb alone, and opened by a StateInit of the same making. */
    async function open() {
        const { chain, provider } = fixture;
        const client = await chain.wallet('client');
        const keys = { client: keyPairOf('client.key'), provider: provider.signing };
        const data = raw(`b${'0'.repeat(160)} ${std(id(client))} ${std(id(provider.till))} x0000000000000005`);
        const code = codeOf('PaymentChannel');
        const address = new Address(0, raw('b00110', code, data).hash());
        const trace = await chain.send(client, {
            to: address,
            value: toNano(11),
            init: { code, data },
            body: raw(
                `x50430006 x0000000000000011 ${u64(toNano(10))} ${u32(chain.now + DAY)} ${u32(3600)}
                 x${keys.client.publicKey.toString('hex')} x${keys.provider.publicKey.toString('hex')}`,
            ),
        });
        const openedLt = u64(ltOf(trace, address, 'OpenChannel'));
        const subject = `x${id(address)} ${openedLt}`;
        return { address, client, keys, openedLt, subject, trace, anyone: await chain.wallet('anyone') };
    }
    const signed = (cell: Cell, key: KeyPair) => `x${sign(cell.hash(), key.secretKey).toString('hex')}`;
    const settle = (query: string, amount: bigint, client: Addressable) =>
        raw(`x50530001 ${query} ${u64(amount)} ${std(id(client))}`);

    it('OpenChannel, TopUpChannel, RequestClose by signature, Redeem, FinalizeChannel', async () => {
        const { chain, provider } = fixture;
        const { address, client, keys, openedLt, subject, trace, anyone } = await open();
        const excess = (query: string) => ({ bounce: false, body: raw(`xd53276db ${query}`) });
        expectSent(trace, address, 'Excesses', { to: client, ...excess('x0000000000000011') });
        const tell = (body: Cell) => chain.send(anyone, { to: address, value: toNano(2), body });

        const topUp = await tell(raw(`x50430002 x0000000000000012 ${u64(toNano(1))}`));
        expectSent(topUp, address, 'Excesses', { to: anyone, ...excess('x0000000000000012') });

        const hash = sha256_sync(Buffer.from(`434d2e72636c2e31${subject.replace(/[x ]/g, '')}`, 'hex'));
        const signature = sign(hash, keys.client.secretKey).toString('hex');
        const request = await tell(raw(`x50430004 x0000000000000013 x${signature}`));
        expectSent(request, address, 'Excesses', { to: anyone, ...excess('x0000000000000013') });

        const sums = `${u64(toNano(4))} ${u256(7n)}`;
        const voucher = signed(raw(`x434d2e7663682e31 ${subject} ${sums}`), keys.client);
        const redeemed = await tell(raw(`x50430001 x0000000000000014 ${openedLt} ${sums} ${voucher}`));
        expectSent(redeemed, address, 'Settle', {
            to: provider.till,
            bounce: false,
            body: settle('x0000000000000014', toNano(4), client),
        });

        chain.pass(3600);
        const finalized = await tell(raw('x50430005 x0000000000000015'));
        expectSent(finalized, address, 'ChannelClosed', {
            to: client,
            bounce: false,
            body: raw('x50430007 x0000000000000015'),
        });
    });

    it('CloseChannel', async () => {
        const { chain, provider } = fixture;
        const { address, client, keys, openedLt, subject, anyone } = await open();
        const sums = `${u64(toNano(6))} ${u32(chain.now + 600)}`;
        const agreement = raw(`x434d2e636c732e31 ${subject} ${sums}`);
        const closed = await chain.send(anyone, {
            to: address,
            value: toNano(1),
            body: raw(
                `x50430003 x0000000000000016 ${openedLt} ${sums} ${signed(agreement, keys.client)}`,
                raw(signed(agreement, keys.provider)),
            ),
        });
        expectSent(closed, address, 'Settle', {
            to: provider.till,
            bounce: false,
            body: settle('x0000000000000016', toNano(6), client),
        });
        expectSent(closed, address, 'ChannelClosed', {
            to: client,
            bounce: false,
            body: raw('x50430007 x0000000000000016'),
        });
    });
});

describe('unbonding', () => {
    it('pays with the common excess', async () => {
        const { chain, network, provider } = fixture;
        await chain.send(provider.owner, {
            to: provider.stake,
            value: toNano(1),
            body: body('RequestUnbond').storeUint(toNano(100), 64).endCell(),
        });
        chain.pass(network.params.unbondingPeriod + DAY);
        const trace = await chain.send(provider.owner, {
            to: provider.stake,
            value: toNano(1),
            body: raw('x5354000c x0000000000000011'),
        });
        expectSent(trace, provider.stake, 'Excesses', {
            to: provider.owner,
            bounce: false,
            body: raw('xd53276db x0000000000000011'),
        });
    });
});
