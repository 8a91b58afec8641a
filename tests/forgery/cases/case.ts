import { Address, beginCell, Cell } from '@ton/core';
import { Message, PLENTY } from '../../fixtures/stakes';
import { networkParamsCell } from '../../helpers/cells';
import { body } from '../../helpers/network';
import { ContractName } from '../../helpers/sources';
import { Scene, Situation } from '../scene';

/** What a sender gets whom a handler does not know: an error, or nothing at all. */
export type Refusal = string | 'ignored';

/** One message of one contract, as whoever may send it sends it. */
export interface Case {
    /** As the contracts name it. */
    name: string;
    /** For a message that is right in several ways. */
    variant?: string;
    contract: ContractName;
    at: Situation;
    /** What else has to happen before. */
    prepare?: (scene: Scene) => Promise<unknown>;
    message: (scene: Scene) => Promise<Message> | Message;
    /** Who may send it, the first of whom does. Anyone: a stranger does. */
    senders: ((scene: Scene) => Address[]) | 'anyone';
    /** Default: WRONG_SENDER. */
    refusal?: Refusal;
    /** The sender's hash is enough, in whatever workchain: why nobody can use that is shown in unlooked.spec.ts. */
    byHash?: true;
}

type Senders = Exclude<Case['senders'], 'anyone'>;

export const governor: Senders = ({ market }) => [market.governor.address];
export const owner: Senders = ({ market }) => [market.owner.address];
export const ownerOrOperator: Senders = ({ market }) => [market.operator.address, market.owner.address];
export const client: Senders = ({ market }) => [market.client.address];
export const arbiter: Senders = ({ market }) => [market.network.arbiter.address];
export const registry: Senders = ({ market }) => [market.registry];
export const stake: Senders = ({ market }) => [market.stake];
export const verifier: Senders = ({ verifier: { address } }) => [address];
export const certificate: Senders = ({ certificate: { address } }) => [address];
export const escrow: Senders = ({ job }) => [job.escrow];

type Body = (scene: Scene) => Promise<Cell> | Cell;
type Options = Pick<Case, 'prepare' | 'refusal' | 'variant' | 'byHash'>;

const rowOf =
    (contract: ContractName, to: (scene: Scene) => Address) =>
    (name: string, at: Situation, senders: Case['senders'], cell: Body, options: Options = {}): Case => {
        const message = async (scene: Scene) => ({ to: to(scene), value: PLENTY, body: await cell(scene) });
        return { name, contract, at, senders, message, ...options };
    };

export const toRegistryOf = rowOf('Registry', ({ market }) => market.registry);
export const toStakeOf = rowOf('ProviderStake', ({ market }) => market.stake);
export const toEscrowOf = rowOf('JobEscrow', ({ job }) => job.escrow);
export const toTillOf = rowOf('PayoutSettlement', ({ till }) => till);
export const toVerifierOf = rowOf('AttestationVerifier', ({ verifier }) => verifier.address);
export const toCertificateOf = rowOf('PckCertificate', ({ certificate }) => certificate.address);
export const toChannelOf = rowOf('PaymentChannel', ({ channel }) => channel.address);

/** Nothing but opcode and query id. */
export const bare = (name: string) => () => body(name).endCell();
export const bytes = (text: string) => beginCell().storeStringTail(text).endCell();
export const attemptLt = async ({ market }: Scene) => (await market.opening()).attemptLt;
export const params = ({ market }: Scene) => networkParamsCell(market.network.params);
