import { Case } from './cases';
import { Outcome } from './outcome';

/** Bytes in JSON. */
interface Encoded {
    readonly base64: string;
}

/** A case or an outcome as JSON, its bytes in base64. */
export function encode(value: Case | Outcome): string {
    return JSON.stringify(value, (_, part: unknown) =>
        part instanceof Uint8Array ? { base64: toBase64(part) } : part,
    );
}

/** The reverse of {@link encode}. */
export function decode<T extends Case | Outcome>(text: string): T {
    return JSON.parse(text, (_, part: unknown) =>
        isEncoded(part) ? Uint8Array.from(atob(part.base64), (letter) => letter.charCodeAt(0)) : part,
    ) as T;
}

function toBase64(bytes: Uint8Array): string {
    let letters = '';
    // Not all at once: a call takes only so many arguments.
    for (let i = 0; i < bytes.length; i += 4096) letters += String.fromCharCode(...bytes.subarray(i, i + 4096));
    return btoa(letters);
}

function isEncoded(part: unknown): part is Encoded {
    return typeof part === 'object' && part !== null && 'base64' in part;
}
