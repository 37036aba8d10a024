import type { Account } from "@keystrand/sdk/chain";
import type { InjectedExtension } from "@polkadot/extension-inject/types";

/** The person said no in the wallet. */
export class SignatureRejected extends Error {
  override readonly name = "SignatureRejected";
}

/** Extensions say no with this word; anything else is a failure of theirs. */
const asRejection = (cause: unknown): Error => {
  const text = cause instanceof Error ? cause.message : String(cause);
  return /cancel|reject|denied/i.test(text)
    ? new SignatureRejected("The signature was refused in the wallet.", { cause })
    : new Error(`The wallet failed: ${text}`, { cause });
};

/** An address whose wallet signs. */
export function walletAccount(extension: InjectedExtension, address: string): Account {
  const { signer } = extension;
  return {
    address,
    signer: {
      ...(signer.signPayload
        ? {
            signPayload: (payload) =>
              signer.signPayload!(payload).catch((cause: unknown) => {
                throw asRejection(cause);
              }),
          }
        : {}),
      ...(signer.signRaw
        ? {
            signRaw: (raw) =>
              signer.signRaw!(raw).catch((cause: unknown) => {
                throw asRejection(cause);
              }),
          }
        : {}),
    },
  };
}
