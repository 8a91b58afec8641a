import { DawnClasses, pauseWhileWaiting } from './patience';
import { hasSystemVulkan, useSoftwareDriver } from './softwareDriver';

let found: Promise<GPU | undefined> | undefined;

/**
 * The WebGPU entry point of a Node process, from the package `webgpu` (Dawn): with the system's own drivers where they
 * give an adapter, else with the software driver.
 *
 * @returns undefined where the package is not installed or no driver gives an adapter.
 */
export function findNodeGpu(): Promise<GPU | undefined> {
    // One instance per process: Dawn's objects must not outlive it, and looking for drivers twice finds nothing new.
    return (found ??= search());
}

async function search(): Promise<GPU | undefined> {
    const dawn = await importDawn();
    if (dawn === undefined) return undefined;
    pauseWhileWaiting(dawn.globals as DawnClasses);
    // Dawn complains on stderr when there is no Vulkan loader at all, so it is only asked where there is one.
    if (hasSystemVulkan()) {
        const gpu = dawn.create([]);
        if ((await gpu.requestAdapter()) !== null) return gpu;
    }
    if (!(await useSoftwareDriver())) return undefined;
    // A new instance, since the old one has made its list of drivers.
    const gpu = dawn.create([]);
    return (await gpu.requestAdapter()) === null ? undefined : gpu;
}

async function importDawn(): Promise<typeof import('webgpu', { with: { 'resolution-mode': 'import' } }) | undefined> {
    try {
        return await import('webgpu');
    } catch {
        return undefined;
    }
}
