import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEXT = readFileSync(join(__dirname, '..', '..', 'docs', 'engine.md'), 'utf8');

/** The complete example of docs/engine.md, section 6, taken from the text itself. */
export const SPECIFICATION_EXAMPLE = {
    modelFile: Uint8Array.from(
        [...TEXT.matchAll(/^00[0-9a-f]0 {2}((?:[0-9a-f]{2} ?){16})$/gm)].flatMap(([, bytes]) =>
            bytes!.split(' ').map((byte) => Number.parseInt(byte, 16)),
        ),
    ),
    images: Uint8Array.of(0x00, 0xff, 0x80, 0x07, 0xc8, 0x00, 0x0a, 0xfa),
    logits: [3825, 7761, 3515, 611],
    classes: [1, 0],
};
