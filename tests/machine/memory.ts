import { Id, Message, Signature } from './model/types';

/** A message that somebody sent once. */
export interface Sent {
    readonly message: Message;
    readonly from: Id;
    readonly to: Id;
    readonly deploys: boolean;
}

const KEPT = 200;

/** What everybody has seen: whatever was signed or sent can be used again by anyone. */
export class Memory {
    readonly signatures: Signature[] = [];
    readonly sent: Sent[] = [];

    sign(signature: Signature): Signature {
        remember(this.signatures, signature);
        return signature;
    }

    note(sent: Sent): void {
        remember(this.sent, sent);
    }
}

function remember<T>(list: T[], item: T): void {
    list.push(item);
    if (list.length > KEPT) {
        list.shift();
    }
}
