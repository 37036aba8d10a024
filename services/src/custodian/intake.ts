import { equalBytes, fromHex, toHex } from "@keystrand/sdk/bytes";
import { BadPacketError, Crypt4ghError, openPacket } from "@keystrand/sdk/crypt4gh";
import type { CustodianReceipt, SealedKey } from "@keystrand/sdk/http";
import { type ContractScope, custodianReceiptMessage, keyCommitment } from "@keystrand/sdk/signing";
import { fromBase64 } from "../service/base64.ts";
import type { EncryptionPair, Signer } from "../service/keys.ts";
import { ServiceProblem } from "../service/problem.ts";
import type { Vault } from "./vault.ts";

/** What the intake of keys works with. */
export interface Intake {
  readonly vault: Vault;
  readonly signer: Signer;
  readonly encryption: EncryptionPair;
  /** Chain, and the consents contract that checks receipts. */
  readonly consents: ContractScope;
}

/**
 * Takes a data key into custody and answers the signed receipt. The dataset need not be on-chain yet: without a
 * receipt it cannot be registered.
 *
 * @throws ServiceProblem 422 when the packet does not open or its key is not the one of the commitment, 410 when
 *   the dataset was erased
 */
export function takeKey(
  sealed: SealedKey,
  { vault, signer, encryption, consents }: Intake,
): CustodianReceipt {
  const dataset = fromHex(sealed.dataset);
  const root = fromHex(sealed.root);
  const commitment = fromHex(sealed.keyCommitment);
  const packet = fromBase64(sealed.packet);
  if (vault.isErased(dataset)) {
    throw new ServiceProblem(410, "dataset-erased", "The dataset was erased; its id is never used again.", {
      remedy: "Register the data as a new dataset.",
    });
  }
  if (!equalBytes(keyCommitment(root, dataKeyOf(packet, encryption)), commitment)) {
    throw new ServiceProblem(
      422,
      "commitment-mismatch",
      "The data key is not the one of this commitment and root.",
      {
        remedy: "Compute the commitment again from the CAR's root digest and the data key.",
      },
    );
  }
  vault.keep({ dataset, root, keyCommitment: commitment, packet });
  const receipt = { dataset, root, keyCommitment: commitment, custodian: signer.account };
  return {
    dataset: sealed.dataset,
    root: sealed.root,
    keyCommitment: sealed.keyCommitment,
    custodian: toHex(signer.account),
    signature: toHex(signer.sign(custodianReceiptMessage(consents, receipt))),
  };
}

function dataKeyOf(packet: Uint8Array, encryption: EncryptionPair): Uint8Array {
  try {
    return openPacket(packet, encryption.secretKey).dataKey;
  } catch (error) {
    // Whatever is wrong with a packet that came from outside is the sender's to mend.
    if (!(error instanceof Crypt4ghError)) throw error;
    const why = error instanceof BadPacketError ? error.happened.join(" ") : error.summary;
    throw new ServiceProblem(422, "packet-does-not-open", `The packet does not open. ${why}`, {
      remedy: "Seal the data key to the encryption key that GET /identity gives.",
      cause: error,
    });
  }
}
