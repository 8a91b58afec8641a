import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { readTar } from './tar';

/** glibc's flag that keeps a library mapped although the handle is closed; Node does not name it. */
const RTLD_NODELETE = 0x1000;

const VULKAN_LOADER = 'libvulkan.so.1';
const DRIVER_DESCRIPTION = 'vk_swiftshader_icd.json';
const NEEDED_FILES = [VULKAN_LOADER, 'libvk_swiftshader.so', DRIVER_DESCRIPTION];

/**
 * Makes SwiftShader, a Vulkan driver that runs on the CPU, available to WebGPU instances created from now on in this process.
 *
 * It comes with the development dependency `\@sparticuz/chromium`, so that `npm ci` is all a Linux machine needs. Dawn
 * opens the Vulkan loader by its bare name; a library of that name that is already mapped is what it then gets, so
 * mapping the packaged one first replaces `LD_LIBRARY_PATH`, which would have to be set before the process starts.
 *
 * @returns false where the driver cannot be had: another platform, or the package is not installed.
 */
export async function useSoftwareDriver(): Promise<boolean> {
    if (process.platform !== 'linux' || process.arch !== 'x64') return false;
    const archive = await readDriverArchive();
    if (archive === undefined) return false;
    const folder = await unpackOnce(archive);
    // Both names: the newer one wins where the loader knows it, the older one is all that others know.
    process.env.VK_DRIVER_FILES = process.env.VK_ICD_FILENAMES = join(folder, DRIVER_DESCRIPTION);
    return mapLibrary(join(folder, VULKAN_LOADER));
}

/** Whether the system itself has a Vulkan loader; without one there is no hardware adapter on Linux. */
export function hasSystemVulkan(): boolean {
    return process.platform !== 'linux' || mapLibrary(VULKAN_LOADER);
}

/**
 * Maps a shared library into the process for good.
 *
 * `process.dlopen` expects a Node addon and complains about anything else, but only after the library was mapped;
 * RTLD_NODELETE keeps it when Node closes it again.
 */
function mapLibrary(path: string): boolean {
    try {
        process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
        return true;
    } catch (error) {
        return error instanceof Error && error.message.includes('did not self-register');
    }
}

async function readDriverArchive(): Promise<Buffer | undefined> {
    try {
        // The package exports its entry point only, `build/cjs/index.cjs`; the archive lies beside `build`.
        const entry = require.resolve('@sparticuz/chromium');
        return await readFile(join(entry, '..', '..', '..', 'bin', 'swiftshader.tar.br'));
    } catch {
        return undefined;
    }
}

/**
 * Unpacks into a folder named after the archive's hash. The folder appears by one rename, so two processes at once
 * find it either absent or complete; whoever comes second discards its own copy.
 */
async function unpackOnce(archive: Buffer): Promise<string> {
    const hash = createHash('sha256').update(archive).digest('hex').slice(0, 16);
    const cache = await privateCacheFolder();
    const folder = join(cache, `swiftshader-${hash}`);
    if (await exists(folder)) return folder;

    const files = readTar(await promisify(brotliDecompress)(archive));
    const draft = await mkdtemp(`${folder}.`);
    try {
        for (const name of NEEDED_FILES) {
            const content = files.get(name);
            if (content === undefined) throw new Error(`The software driver's archive has no ${name}`);
            await writeFile(join(draft, name), content, { mode: 0o700 });
        }
        await rename(draft, folder);
    } catch (error) {
        await rm(draft, { recursive: true });
        if (!(await exists(folder))) throw error;
    }
    return folder;
}

/** A cache of this user alone: in a shared `/tmp` nobody may load a library that somebody else put there. */
async function privateCacheFolder(): Promise<string> {
    const uid = process.getuid!();
    const cache = join(tmpdir(), `ton-compute-market-${uid}`);
    await mkdir(cache, { recursive: true, mode: 0o700 });
    const found = await lstat(cache);
    const isPrivate = found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0;
    if (!isPrivate) throw new Error(`${cache} must be a folder that only this user can enter`);
    return cache;
}

async function exists(path: string): Promise<boolean> {
    return lstat(path).then(
        () => true,
        () => false,
    );
}
