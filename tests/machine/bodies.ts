import { Address, beginCell, BitString, Builder, Cell } from '@ton/core';
import { jobTermsCell, networkParamsCell, payeesCell, profileCell, uint256Of } from '../helpers/cells';
import { opcodeOf } from '../helpers/labels';
import { addressFrom, signatureBytes, signedCell } from './actors';
import {
    Id,
    JobTerms,
    Message,
    NetworkParams,
    Party,
    Payee,
    Profile,
    Quote,
    Signature,
    Signed,
    Uint256,
} from './model/types';

// Every message as schemas/*.tlb has it, by hand. Cells that the model knows by their hash only are kept here.

const UNKNOWN_OPCODE = 0x4a45ffff;

const termsCells = new Map<Uint256, Cell>();
const profileCells = new Map<Uint256, Cell>();
const ciphertexts = new Map<Uint256, Cell>();

function kept(cells: Map<Uint256, Cell>, cell: Cell): Uint256 {
    const hash = uint256Of(cell.hash());
    cells.set(hash, cell);
    return hash;
}

/** A job's terms for model and chain. */
export function termsOf(terms: Omit<JobTerms, 'hash'>): JobTerms {
    const cell = jobTermsCell({
        ...terms,
        arbiter: addressFrom(terms.arbiter),
        modelRoot: 1n,
        inputCommitment: 2n,
        encryptionKey: 3n,
        resultRecipientKey: 4n,
    });
    return { ...terms, hash: kept(termsCells, cell) };
}

/** A profile for model and chain. */
export function profileOf(profile: Omit<Profile, 'hash'>): Profile {
    const cell = profileCell({
        ...profile,
        operator: addressFrom(profile.operator),
        endpoint: Buffer.from('https://provider.example/v1'),
        offers: [],
    });
    return { ...profile, hash: kept(profileCells, cell) };
}

/** A result: so many bytes of ciphertext in a chain of cells. Returns its hash. */
export function ciphertextOf(text: string, bytes: number): Uint256 {
    const CELL_BYTES = 127;
    let cell: Cell | null = null;
    for (let left = bytes; left > 0; left -= CELL_BYTES) {
        const size = Math.min(left, CELL_BYTES);
        const part: Builder = beginCell().storeBuffer(Buffer.alloc(size, text));
        cell = (cell === null ? part : part.storeRef(cell)).endCell();
    }
    return kept(ciphertexts, cell!);
}

function paramsCell(params: NetworkParams): Cell {
    return networkParamsCell({
        ...params,
        treasury: addressFrom(params.treasury),
        arbiter: addressFrom(params.arbiter),
        verifier: params.verifier === null ? null : addressFrom(params.verifier),
    });
}

function profileCellOf({ hash }: Profile): Cell {
    return profileCells.get(hash)!;
}

function descriptorCell(text: string): Cell {
    return beginCell().storeBuffer(Buffer.from(text)).endCell();
}

const address = (id: Id): Address => addressFrom(id);
const bytes = (signature: Signature): Buffer => signatureBytes(signature);
const optional = (builder: Builder, signature: Signature | null): Builder =>
    signature === null ? builder : builder.storeBuffer(bytes(signature));

function quoteCell(quote: Quote): Cell {
    return beginCell()
        .storeUint(quote.termsHash, 256)
        .storeUint(quote.validUntil, 32)
        .storeBuffer(bytes(quote.signature))
        .endCell();
}

function partyCell(party: Party): Cell {
    return beginCell()
        .storeAddress(address(party.settlement))
        .storeAddress(address(party.operator))
        .storeAddress(address(party.owner))
        .endCell();
}

/** Tag and channel, which Redeem and CloseChannel do not carry: the channel puts its own. */
const SIGNED_HEAD_BITS = 64 + 256;

/** The rest of what is signed, in so many bits: of something signed for another purpose what there is, and zeros. */
function carried(signed: Signed, bits: number): BitString {
    const cell = signedCell(signed);
    const there = Math.min(bits, cell.bits.length - SIGNED_HEAD_BITS);
    return beginCell()
        .storeBits(cell.bits.substring(SIGNED_HEAD_BITS, there))
        .storeUint(0, bits - there)
        .endCell().bits;
}

function payeesOf(payees: readonly Payee[]): Cell | null {
    return payeesCell(payees.map((payee) => ({ address: address(payee.address), bps: payee.bps })));
}

const opcodes = new Map<string, number>();

/** Reading the sources for each message would take longer than everything else. */
function opcode(op: string): number {
    let known = opcodes.get(op);
    if (known === undefined) {
        known = opcodeOf(op);
        opcodes.set(op, known);
    }
    return known;
}

/** The body of a message. */
export function bodyOf(message: Message): Cell {
    if (message.op === 'Empty') {
        return Cell.EMPTY;
    }
    if (message.op === 'Unknown') {
        return beginCell().storeUint(UNKNOWN_OPCODE, 32).storeUint(message.queryId, 64).endCell();
    }
    return fields(beginCell().storeUint(opcode(message.op), 32).storeUint(message.queryId, 64), message).endCell();
}

function fields(body: Builder, m: Exclude<Message, { op: 'Empty' | 'Unknown' }>): Builder {
    switch (m.op) {
        case 'OpenNetwork':
        case 'ProposeParams':
            return body.storeRef(paramsCell(m.params));
        case 'RegisterMe':
            return body.storeUint(m.amount, 64).storeAddress(address(m.owner));
        case 'SyncParams':
            return body.storeAddress(address(m.owner));
        case 'ProposeModel':
            return body
                .storeUint(m.modelRoot, 256)
                .storeMaybeRef(m.descriptor === null ? null : descriptorCell(m.descriptor));
        case 'Pause':
            return body.storeUint(m.pausedUntil, 32);
        case 'ProposeGovernor':
            return body.storeAddress(address(m.governor));
        case 'OpenStake':
            return body.storeUint(m.amount, 64).storeRef(profileCellOf(m.profile));
        case 'Initialise':
            return body.storeUint(m.version, 32).storeUint(m.pausedUntil, 32).storeRef(paramsCell(m.params));
        case 'RegistrationRefused':
            return body.storeUint(m.reason, 8);
        case 'UpdateParams':
            return body
                .storeUint(m.version, 32)
                .storeUint(m.pausedUntil, 32)
                .storeAddress(address(m.excessesTo))
                .storeRef(paramsCell(m.params));
        case 'TopUpStake':
        case 'RequestUnbond':
        case 'TopUpChannel':
            return body.storeUint(m.amount, 64);
        case 'UpdateProfile':
            return body.storeRef(profileCellOf(m.profile));
        case 'AcceptJob':
            return body
                .storeUint(m.collateral, 64)
                .storeAddress(address(m.client))
                .storeUint(m.nonce, 64)
                .storeUint(m.jobKey, 256)
                .storeUint(m.lockUntil, 32);
        case 'AcceptQuote':
            return body
                .storeUint(m.collateral, 64)
                .storeAddress(address(m.client))
                .storeUint(m.nonce, 64)
                .storeUint(m.lockUntil, 32)
                .storeRef(quoteCell(m.quote));
        case 'ReleaseCollateral':
            return body.storeUint(m.slot, 8).storeUint(m.paid, 64).storeUint(m.outcome, 8);
        case 'SlashCollateral':
            return body
                .storeUint(m.slot, 8)
                .storeUint(m.amount, 64)
                .storeAddress(address(m.client))
                .storeUint(m.toClientBps, 16)
                .storeUint(m.reason, 8);
        case 'ReleaseStaleLock':
            return body.storeUint(m.slot, 8);
        case 'AttestationVerdict':
            return body
                .storeUint(m.measurement, 256)
                .storeUint(m.validUntil, 32)
                .storeUint(m.reportData, 256)
                .storeUint(0, 256);
        case 'PostJob':
            return body
                .storeRef(termsCells.get(m.terms.hash)!)
                .storeMaybeRef(m.quote === null ? null : quoteCell(m.quote));
        case 'JobAccepted':
            return body
                .storeUint(m.slot, 8)
                .storeUint(m.jobKey, 256)
                .storeUint(m.collateral, 64)
                .storeUint(m.lockUntil, 32)
                .storeUint(m.tier, 8)
                .storeUint(m.attestedUntil, 32)
                .storeRef(partyCell(m.party));
        case 'ApproveFull':
            return optional(body, m.signature);
        case 'ApproveSubmitted':
            return optional(body.storeUint(m.amount, 64).storeUint(m.resultCommitment, 256), m.signature);
        case 'SubmitResult':
            return body
                .storeUint(m.amount, 64)
                .storeUint(m.jobKey, 256)
                .storeUint(m.resultCommitment, 256)
                .storeUint(m.traceRoot, 256);
        case 'PublishResult':
            return body.storeRef(ciphertexts.get(m.hash)!);
        case 'PublishStorageId':
            return body.storeRef(beginCell().storeBuffer(Buffer.alloc(m.bytes, 'x')).endCell());
        case 'Verdict':
            return body.storeBit(m.wrong).storeUint(m.slashBps, 16);
        case 'OpenChannel':
            return body
                .storeUint(m.deposit, 64)
                .storeUint(m.closesAt, 32)
                .storeUint(m.closeDelay, 32)
                .storeUint(m.clientKey, 256)
                .storeUint(m.providerKey, 256);
        case 'Redeem':
            return body.storeBits(carried(m.voucher, 384)).storeBuffer(bytes(m.signature));
        case 'CloseChannel':
            return body
                .storeBits(carried(m.agreement, 160))
                .storeBuffer(bytes(m.clientSignature))
                .storeRef(beginCell().storeBuffer(bytes(m.providerSignature)).endCell());
        case 'RequestClose':
            return optional(body, m.signature);
        case 'TillParams':
            return body
                .storeUint(m.version, 32)
                .storeUint(m.feeBps, 16)
                .storeAddress(address(m.owner))
                .storeRef(beginCell().storeAddress(address(m.treasury)).storeAddress(address(m.excessesTo)).endCell());
        case 'Settle':
            return body.storeUint(m.amount, 64).storeAddress(address(m.source));
        case 'SetPayees':
            return body.storeUint(m.threshold, 64).storeMaybeRef(payeesOf(m.payees));
        case 'JobClosed':
            return body.storeUint(m.outcome, 8);
        default:
            return body;
    }
}
