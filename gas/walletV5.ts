import { internal, SendMode } from '@ton/core';
import { KeyPair, keyPairFromSeed, sha256_sync } from '@ton/crypto';
import { SandboxContract } from '@ton/sandbox';
import { WalletContractV5R1 } from '@ton/ton';
import { Chain, Wallet } from '../tests/helpers/chain';
import { Trace } from '../tests/helpers/traces';
import { TxParams } from '../wrappers';

/** The wallet that users have today, with 100 TON. */
export interface WalletV5 {
    readonly contract: SandboxContract<WalletContractV5R1>;
    readonly key: KeyPair;
}

/** A wallet v5 that somebody funds; it is deployed by its first message. */
export async function openWalletV5(chain: Chain, funder: Wallet, name: string): Promise<WalletV5> {
    const key = keyPairFromSeed(sha256_sync(name));
    const contract = chain.blockchain.openContract(
        WalletContractV5R1.create({ publicKey: key.publicKey, walletId: { networkGlobalId: chain.globalId } }),
    );
    await chain.send(funder, { to: contract.address, value: 100_000_000_000n, bounce: false });
    return { contract, key };
}

/** Sends one message by one external message, and returns the whole trace, the external one included. */
export async function sendByWalletV5({ contract, key }: WalletV5, params: TxParams): Promise<Trace> {
    return await contract.sendTransfer({
        seqno: await contract.getSeqno(),
        secretKey: key.secretKey,
        sendMode: SendMode.PAY_GAS_SEPARATELY | SendMode.IGNORE_ERRORS,
        messages: [internal(params)],
    });
}
