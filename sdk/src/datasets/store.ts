import { decodeAddress } from "@polkadot/util-crypto";
import { type Bytes, fromHex, secureRandom, toHex } from "../bytes.ts";
import { type DatasetFile, packDataset } from "../car/index.ts";
import type { Contracts } from "../contracts/index.ts";
import { sealPacket } from "../crypt4gh/index.ts";
import {
  custodianIdentitySchema,
  custodianReceiptSchema,
  requestJson,
  storedCarSchema,
} from "../http/index.ts";
import { datasetId } from "../signing/index.ts";
import { collectBytes } from "../streams.ts";

/** Where a dataset goes. */
export interface Destination {
  /** Block store's address and write token. */
  readonly blockStore: { readonly url: string; readonly token: string };
  /** Custodian's address. */
  readonly custodian: string;
}

/** A dataset that is stored and held, and not registered yet. */
export interface StoredDataset {
  readonly dataset: string;
  readonly nonce: string;
  readonly root: string;
  readonly cid: string;
  /** Bytes of the CAR. */
  readonly size: bigint;
  readonly keyCommitment: string;
  /** SS58 address of the custodian. */
  readonly custodian: Uint8Array;
  readonly custodianReceipt: string;
  /** Secret: belongs into the contributor's recovery file, nowhere else. */
  readonly dataKey: Bytes;
}

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/**
 * Encrypts files, stores the CAR, and has the custodian hold the data key: everything that comes before consent.
 * Nothing leaves this function in the clear but lengths.
 *
 * @param contributor - address that will register the dataset
 * @param readers - X25519 public keys that can read without a packet: the contributor's own, usually
 * @throws what packing, {@link requestJson} and sealing throw; then nothing is registered
 */
export const storeDataset = async (
  contracts: Contracts,
  files: readonly DatasetFile[],
  contributor: string,
  readers: readonly Uint8Array[],
  { blockStore, custodian }: Destination,
): Promise<StoredDataset> => {
  const nonce = secureRandom(32);
  const dataset = datasetId(
    { genesis: fromHex(contracts.deployment.genesis), contract: decodeAddress(contracts.consents.address) },
    decodeAddress(contributor),
    nonce,
  );
  const packed = await packDataset({ files, readers });
  const stored = await requestJson(`${blockStore.url}/cars`, storedCarSchema, {
    method: "PUT",
    mediaType: "application/vnd.ipld.car",
    body: await collectBytes(packed.stream()),
    token: blockStore.token,
  });
  const identity = await requestJson(`${custodian}/identity`, custodianIdentitySchema);
  const receipt = await requestJson(`${custodian}/keys`, custodianReceiptSchema, {
    json: {
      dataset: toHex(dataset),
      root: toHex(packed.root),
      keyCommitment: toHex(packed.keyCommitment),
      packet: base64(sealPacket({ dataKey: packed.dataKey, reader: fromHex(identity.encryption) })),
    },
  });
  return {
    dataset: toHex(dataset),
    nonce: toHex(nonce),
    root: toHex(packed.root),
    cid: stored.root,
    size: BigInt(packed.size),
    keyCommitment: toHex(packed.keyCommitment),
    custodian: fromHex(identity.account),
    custodianReceipt: receipt.signature,
    dataKey: packed.dataKey,
  };
};
