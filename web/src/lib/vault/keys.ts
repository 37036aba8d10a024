import { toHex } from "@keystrand/sdk/bytes";
import { generateKeyPair, writeSecretKeyFile } from "@keystrand/sdk/crypt4gh";

/** A fresh key for a result: the public half for the order, the secret half as a file that only a passphrase opens. */
export async function makeResultKey(
  passphrase: string,
): Promise<{ readonly publicKey: string; readonly file: string }> {
  const { publicKey, secretKey } = generateKeyPair();
  const file = await writeSecretKeyFile(secretKey, { passphrase, comment: "Keystrand result key" });
  return { publicKey: toHex(publicKey), file };
}
