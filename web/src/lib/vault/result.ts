import { fromHex } from "@keystrand/sdk/bytes";
import { openDataset, rootCid } from "@keystrand/sdk/car";
import { readSecretKeyFile } from "@keystrand/sdk/crypt4gh";
import { requestBytes } from "@keystrand/sdk/http";
import { collectBytes } from "@keystrand/sdk/streams";

/** A result in the clear; it is in this page's memory and nowhere else. */
export interface OpenedResult {
  readonly name: string;
  readonly text: string;
}

/**
 * Fetches a sealed result, verifies each of its blocks, and opens it with the buyer's key file.
 *
 * @param digest - of the result's root, as the order has it
 * @throws what the block store, the verification, the key file and the decryption throw: errors with a remedy
 */
export async function openResult(
  blockStore: string,
  digest: string,
  keyFile: string,
  passphrase: string,
): Promise<OpenedResult> {
  const secretKey = await readSecretKeyFile(keyFile, passphrase);
  const root = fromHex(digest);
  const car = await requestBytes(`${blockStore}/ipfs/${rootCid(root)}?format=car`);
  const opened = await openDataset(car, root, { secretKeys: [secretKey] });
  const [file] = opened.manifest.files;
  return {
    name: file?.name ?? "result",
    text: new TextDecoder().decode(await collectBytes(opened.read(0))),
  };
}
