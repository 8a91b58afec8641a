import { requireUint } from '../../wrappers/checks';
import { CHANNEL_BOUNDS } from '../../wrappers/PaymentChannel';
import { refuseIf } from './channelErrors';
import { CloseAgreement } from './closeAgreements';

/** A close agreement that was signed and may still be used; nothing is paid or served until it is void. */
export interface AgreedClose {
    /** nanoTON, cumulative. */
    readonly finalAmount: bigint;
    /** Unix seconds. */
    readonly validUntil: number;
}

/** A close agreement checked against the clock, as the channel will check it. */
export function requireAgreementWindow(validUntil: number, now: number): void {
    requireUint('now', now, 32);
    requireUint('validUntil', validUntil, 32);
    refuseIf(
        validUntil <= now || validUntil > now + CHANNEL_BOUNDS.AGREEMENT_MAX_SECONDS,
        'valid-until',
        `A close agreement is good for 1 to ${CHANNEL_BOUNDS.AGREEMENT_MAX_SECONDS} s; choose validUntil accordingly`,
    );
}

/** Two agreements may be about at once; nothing happens until the later one is void. */
export function laterClose(agreed: AgreedClose | null, next: CloseAgreement): AgreedClose {
    const { finalAmount, validUntil } = next;
    return agreed && agreed.validUntil > validUntil ? agreed : { finalAmount, validUntil };
}
