import { Address } from '@ton/core';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CodeHashes, NetworkParams } from '../../wrappers';
import { ChainInfo } from './chain';
import { ScriptError } from './errors';
import { plain } from './output';

/** What is known of a deployed network; deployments/README.md describes the file. */
export interface Deployment {
    network: string;
    globalId: number;
    /** Address of the Registry. */
    registry?: string;
    /** What the Registry's address follows from; unknown if somebody else opened the network. */
    identity?: { governor: string; salt: string };
    /** As the network was opened, or as they were when the file was written. */
    params?: Record<string, unknown>;
    codeHashes?: Record<string, string>;
    /** Contracts whose code is a library, with who publishes it and the unix seconds until which that is paid. */
    libraries?: { paymentChannel: { publisher: string; paidUntil: number } };
    /** By owner. */
    providers: Record<string, { stake: string; settlement: string }>;
    /** By escrow: jobs that these scripts have seen alive, so that their end can be told from their absence. */
    jobs: Record<string, { client: string; provider: string; nonce: string }>;
}

/** The form in which files and tables show an address. */
export function written(address: Address): string {
    return address.toString();
}

/** The file of a network: custom networks are somebody's sandbox. */
export function deploymentPath(chain: ChainInfo): string {
    return join('deployments', `${chain.network === 'custom' ? 'sandbox' : chain.network}.json`);
}

/**
 * The record of a deployment, empty if there is none yet.
 *
 * @throws ScriptError `wrong-deployment` if the file is of another chain
 */
export function loadDeployment(path: string, chain: ChainInfo): Deployment {
    if (!existsSync(path)) {
        return { network: chain.network, globalId: chain.globalId, providers: {}, jobs: {} };
    }
    const found = JSON.parse(readFileSync(path, 'utf8')) as Deployment;
    if (found.globalId !== chain.globalId) {
        throw new ScriptError(
            'wrong-deployment',
            `${path} records a network on the chain ${found.globalId}, this is ${chain.globalId}; name another file with --file`,
        );
    }
    return { ...found, providers: { ...found.providers }, jobs: { ...found.jobs } };
}

/**
 * Enters a Registry.
 *
 * @throws ScriptError `wrong-deployment` if another one is recorded
 */
export function enterRegistry(path: string, deployment: Deployment, registry: Address): void {
    if (deployment.registry !== undefined && !Address.parse(deployment.registry).equals(registry)) {
        throw new ScriptError(
            'wrong-deployment',
            `${path} records the Registry ${deployment.registry}, not ${written(registry)}; name another file with --file`,
        );
    }
    deployment.registry = written(registry);
}

/** The network as a file shows it. */
export function describeNetwork(params: NetworkParams, hashes: CodeHashes): Pick<Deployment, 'params' | 'codeHashes'> {
    return {
        params: plain(params) as Record<string, unknown>,
        codeHashes: Object.fromEntries(Object.entries(hashes).map(([name, hash]) => [name, hexOf(hash)])),
    };
}

/** 32 bytes in hexadecimal. */
export function hexOf(value: bigint): string {
    return `0x${value.toString(16).padStart(64, '0')}`;
}

/** Writes the record if it says anything new. */
export function saveDeployment(path: string, deployment: Deployment): void {
    const content = `${JSON.stringify(deployment, null, 4)}\n`;
    if (!existsSync(path) || readFileSync(path, 'utf8') !== content) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, content);
    }
}
