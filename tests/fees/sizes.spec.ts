import { Address, beginCell, Cell, Dictionary, toNano, Transaction } from '@ton/core';
import * as fees from '../../wrappers/fees';
import { networkParamsCell, payeesCell, profileCell } from '../helpers/cells';
import { PRICE_SETS, strayAddress } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { parseGovernance } from '../helpers/layout';
import { body } from '../helpers/network';
import { tactConstant, tactSources } from '../helpers/sources';
import { Trace, transactionAt } from '../helpers/traces';
import { largestProfile, Market, PLENTY, stored, toRegistry, toStake, useMarket } from '../fixtures/stakes';
import { channelLife } from './channelLife';
import { Gauge } from './gauge';

/** Distinct cells below a root, and their bits: what forwarding a message costs. */
function below(root: Cell): { cells: bigint; bits: bigint } {
    const seen = new Map<string, number>();
    const visit = (cell: Cell): void => {
        const hash = cell.hash().toString('hex');
        if (!seen.has(hash)) {
            seen.set(hash, cell.bits.length);
            cell.refs.forEach(visit);
        }
    };
    root.refs.forEach(visit);
    return { cells: BigInt(seen.size), bits: [...seen.values()].reduce((sum, bits) => sum + BigInt(bits), 0n) };
}

/** The messages of a transaction as they travel: `^[in_msg:(Maybe ^(Message Any)) out_msgs:(HashmapE 15 ^(Message Any))]`. */
function travelling(transaction: Transaction): Cell[] {
    const slice = transaction.raw.refs[0]!.beginParse();
    slice.loadMaybeRef();
    return slice.loadDict(Dictionary.Keys.Uint(15), Dictionary.Values.Cell()).values();
}

describe.each(PRICE_SETS)('Cells and bits at %s prices', (prices) => {
    const gauge = new Gauge();
    const verifier = strayAddress(0x7e);
    const m = useMarket({ prices, params: { verifier }, registered: false });

    const storedAt = async (market: Market, at: Address) => {
        const account = (await market.chain.blockchain.getContract(at)).account.account!;
        const { cells, bits } = account.storageStats.used;
        return { cells: BigInt(cells), bits: BigInt(bits) };
    };
    const enter = (name: string, { cells, bits }: { cells: bigint; bits: bigint }) => {
        gauge.record(`${name}_CELLS`, cells);
        gauge.record(`${name}_BITS`, bits);
    };
    const longestBody = (trace: Trace) => {
        for (const transaction of trace.transactions) {
            for (const message of transaction.outMessages.values()) {
                const fromContract = message.info.type === 'internal' && !message.info.src.equals(m.client.address);
                if (fromContract && transaction.inMessage?.info.type === 'internal') {
                    gauge.record('LONGEST_BODY_BITS', BigInt(message.body.bits.length));
                }
            }
        }
    };

    const everything = async () => {
        // A provider with the largest profile, and the messages of its registration.
        const profile = largestProfile(m.provider.profile);
        const opened = await m.send(m.owner, {
            to: m.stake,
            value: toNano(1010),
            init: m.provider.stakeInit,
            body: toStake.open(toNano(1000), profileCell(profile)),
        });
        longestBody(opened);
        const initialise = transactionAt(opened, m.stake, 'Initialise');
        const [first, second] = travelling(initialise).map(below);
        const [event, till] = first!.bits < second!.bits ? [first!, second!] : [second!, first!];
        enter('EVENT', event);
        enter('TILL_DEPLOY', till);
        expect(totalForward(initialise)).toBeLessThanOrEqual(
            fees.messageFee(m.prices, tactConstant('EVENT_CELLS'), tactConstant('EVENT_BITS')) +
                fees.messageFee(m.prices, tactConstant('TILL_DEPLOY_CELLS'), tactConstant('TILL_DEPLOY_BITS')),
        );
        gauge.record('PARTY_BITS', BigInt((await m.config()).party.bits.length));
        gauge.record('PARAMS_BITS', BigInt(networkParamsCell(m.network.params).bits.length));
        gauge.record('PARAMS_MIN_BITS', BigInt(networkParamsCell({ ...m.network.params, verifier: null }).bits.length));
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(toNano(300)) });
        const bare = await storedAt(m, m.stake);
        enter('STAKE', bare);

        // Locks: one alone has the longest label, 256 have the most forks.
        const perLock = async (count: number) => {
            const slots = Array.from({ length: count }, (_, slot) => slot);
            await m.fillSlots(slots, { collateral: 0n });
            // The account's size is known after its next transaction.
            await m.send(m.stranger, { to: m.stake, value: PLENTY, body: toStake.topUp(1n) });
            const { cells, bits } = await storedAt(m, m.stake);
            const over = BigInt(count - 1);
            gauge.record('LOCK_CELLS', (cells - bare.cells + over) / BigInt(count));
            gauge.record('LOCK_BITS', (bits - bare.bits + over) / BigInt(count));
        };
        await perLock(1);
        await perLock(2);
        await perLock(256);
        await m.plant((data) => data.locks.clear());

        // A job in its largest state, and the messages on its way there.
        const job = await Job.prepare(m.provider);
        const posted = await job.postQuoted();
        longestBody(posted);
        await job.submit();
        await job.challenge();
        enter('ESCROW', await storedAt(m, job.escrow));
        const wrong = body('Verdict').storeBit(true).storeUint(10_000, 16).endCell();
        longestBody(await m.send(m.network.arbiter, { to: job.escrow, value: PLENTY, body: wrong }));
        longestBody(
            await m.send(m.stranger, { to: m.registry, value: PLENTY, body: toRegistry.sync(m.owner.address) }),
        );

        // A till with four payees and every field in use.
        const payees = payeesCell([1, 2, 3, 4].map((index) => ({ address: strayAddress(index), bps: 2500 })))!;
        const setPayees = body('SetPayees').storeUint(toNano(1), 64).storeMaybeRef(payees).endCell();
        await m.send(m.owner, { to: m.provider.till, value: PLENTY, body: setPayees });
        enter('TILL', await storedAt(m, m.provider.till));

        // A channel in use, and its messages.
        let channelSize = { cells: 0n, bits: 0n };
        await channelLife(
            m.provider,
            (trace) => longestBody(trace),
            async (channel) => {
                channelSize = await storedAt(m, channel);
            },
        );
        enter('CHANNEL', channelSize);

        // A Registry with a full catalogue and a full proposal.
        const longest = (index: number) =>
            beginCell()
                .storeBuffer(Buffer.alloc(127, index + 1))
                .endCell();
        const models = Dictionary.empty(Dictionary.Keys.BigUint(256), Dictionary.Values.Cell());
        for (let index = 0; index < 64; index++) {
            models.set((1n << 255n) + (BigInt(index) << 32n), longest(index));
        }
        const data = await m.registryData();
        const { proposal } = parseGovernance(data.governance!);
        await m.chain.setData(
            m.registry,
            stored.registry({
                ...data,
                governance: beginCell()
                    .storeAddress(m.owner.address)
                    .storeUint(64, 8)
                    .storeMaybeRef(proposal)
                    .storeDict(models)
                    .endCell(),
            }),
        );
        await m.send(m.governor, {
            to: m.registry,
            value: PLENTY,
            body: toRegistry.proposeModel(5n, longest(99)),
        });
        enter('REGISTRY', await storedAt(m, m.registry));
    };

    it('are measured in every contract at its largest', async () => {
        await everything();
    }, 120_000);

    const measured = [
        'ESCROW_CELLS',
        'ESCROW_BITS',
        'STAKE_CELLS',
        'STAKE_BITS',
        'EVENT_CELLS',
        'EVENT_BITS',
        'LOCK_CELLS',
        'LOCK_BITS',
        'REGISTRY_CELLS',
        'REGISTRY_BITS',
        'TILL_CELLS',
        'TILL_BITS',
        'TILL_DEPLOY_CELLS',
        'TILL_DEPLOY_BITS',
        'CHANNEL_CELLS',
        'CHANNEL_BITS',
    ];
    it.each(measured)('%s covers the largest case and is at most 1.6 times that', (name) => {
        gauge.expectHonest(name, tactConstant(name), [name]);
    });

    const exact = ['PARTY_BITS', 'PARAMS_BITS', 'PARAMS_MIN_BITS', 'LONGEST_BODY_BITS'];
    it.each(exact)('%s is what is stored and sent, to the bit', (name) => {
        expect(tactConstant(name)).toBe(gauge.most([name]));
    });

    it('are all measured, but for the limits that a ciphertext is held to', () => {
        const { text } = tactSources().find(({ path }) => path.endsWith('common/fees.tact'))!;
        // Those of attestation are measured in attestation.spec.ts.
        const market = text.replace(/^const (?:VERIFIER|PCK|TDX_QUOTE|VERDICT|POLICY_CHANGE)_.*$/gm, '');
        const declared = [...market.matchAll(/^const (\w+_(?:CELLS|BITS)): Int/gm)].map(([, name]) => name!);
        const limits = ['CIPHERTEXT_MAX_BITS', 'CIPHERTEXT_MAX_CELLS'];
        expect(declared.filter((name) => !measured.includes(name) && !exact.includes(name)).sort()).toEqual(limits);
    });
});

/** What a transaction paid for forwarding. */
function totalForward(transaction: Transaction): bigint {
    const { description } = transaction;
    if (description.type !== 'generic' || !description.actionPhase) {
        throw new Error('The transaction sent nothing');
    }
    return description.actionPhase.totalFwdFees ?? 0n;
}
