/** Payment channels off chain: what is signed, which channels are served, and the books of both sides. */
export type { AgreedClose } from './agreedClose';
export { termsOf, type BookStep, type BookTerms } from './bookTerms';
export { ChannelError, ReceiptGapError, type ChannelErrorCode } from './channelErrors';
export * from './channelPolicy';
export * from './channelTerms';
export * as clientBook from './clientBook';
export type { ClientCloseInput, ClientSigner, PayInput, ReceiptInput } from './clientBook';
export * from './clientState';
export * from './closeAgreements';
export * from './closeRequests';
export * as providerBook from './providerBook';
export type {
    IssueInput,
    ProviderCloseInput,
    ProviderSigner,
    Redeemable,
    RedeemPolicy,
    VoucherInput,
} from './providerBook';
export * from './providerState';
export * from './receiptChain';
export * from './receipts';
export type { Sighting } from './sightings';
export { cellHash, ChannelTag, type ChannelOpening, type SignedCell } from './signedCells';
export * from './vouchers';
