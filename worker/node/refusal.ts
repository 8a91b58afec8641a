import { Refusal, WIRE_LIMITS } from '../../protocol/wire';

/** A refusal as the wire carries it. */
export function refusal(requestId: bigint, reasons: readonly { code: string; message: string }[]): Refusal {
    return {
        kind: 'refusal',
        requestId,
        reasons: reasons.slice(0, WIRE_LIMITS.REASONS).map(({ code, message }) => ({ code, text: shortened(message) })),
    };
}

/** At most as many bytes as the wire carries, cut between characters. */
function shortened(text: string): string {
    const bytes = Buffer.from(text, 'utf8').subarray(0, WIRE_LIMITS.REASON_TEXT_BYTES);
    return new TextDecoder().decode(bytes, { stream: true });
}
