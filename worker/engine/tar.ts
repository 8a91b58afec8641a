const BLOCK_BYTES = 512;

/**
 * The regular files of an uncompressed ustar archive, by name. Enough for the archives of the project's own packages: no
 * long names, no links.
 *
 * @throws RangeError when a file reaches beyond the end of the archive.
 */
export function readTar(archive: Buffer): Map<string, Buffer> {
    const files = new Map<string, Buffer>();
    let offset = 0;
    while (offset + BLOCK_BYTES <= archive.length) {
        const header = archive.subarray(offset, offset + BLOCK_BYTES);
        const name = textField(header, 0, 100);
        if (name === '') break;
        const bytes = Number.parseInt(textField(header, 124, 12), 8);
        const start = offset + BLOCK_BYTES;
        if (!(start + bytes <= archive.length)) throw new RangeError(`${name} reaches beyond the end of the archive`);
        const isRegularFile = header[156] === 0 || header[156] === '0'.charCodeAt(0);
        if (isRegularFile) files.set(name, archive.subarray(start, start + bytes));
        offset = start + Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
    }
    return files;
}

/** A field that ends at its first zero byte or at its full width. */
function textField(header: Buffer, offset: number, width: number): string {
    const field = header.subarray(offset, offset + width);
    const end = field.indexOf(0);
    return field.toString('latin1', 0, end === -1 ? width : end).trim();
}
