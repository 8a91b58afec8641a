import { AttestationError } from './attestationError';

/** One element of DER: where its header, its content and what follows it begin in the bytes. */
export interface Element {
    readonly tag: number;
    readonly start: number;
    readonly content: number;
    readonly end: number;
}

/**
 * The element at an offset. Lengths of up to two bytes, which is all that a certificate has.
 *
 * @throws AttestationError `malformed-certificate` for anything that does not fit in the bytes
 */
export function elementAt(bytes: Buffer, start: number): Element {
    const short = bytes[start + 1];
    const lengthBytes = short === undefined || short < 0x80 ? 0 : short - 0x80;
    const content = start + 2 + lengthBytes;
    if (short === undefined || lengthBytes > 2 || content > bytes.length) {
        throw new AttestationError(
            'malformed-certificate',
            `No DER at byte ${start}; pass the certificate as it was issued`,
        );
    }
    const length = lengthBytes === 0 ? short : bytes.readUIntBE(start + 2, lengthBytes);
    if (content + length > bytes.length) {
        throw new AttestationError(
            'malformed-certificate',
            `The DER at byte ${start} is cut off; pass the whole certificate`,
        );
    }
    return { tag: bytes[start]!, start, content, end: content + length };
}

/** The elements inside another, in order. */
export function childrenOf(bytes: Buffer, parent: Element): Element[] {
    const children: Element[] = [];
    for (let at = parent.content; at < parent.end; at = children.at(-1)!.end) {
        children.push(elementAt(bytes, at));
    }
    return children;
}

/** The bytes of an element's content. */
export function contentOf(bytes: Buffer, { content, end }: Element): Buffer {
    return bytes.subarray(content, end);
}
