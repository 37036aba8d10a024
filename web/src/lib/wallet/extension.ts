import type {
  InjectedAccount,
  InjectedExtension,
  InjectedWindowProvider,
} from "@polkadot/extension-inject/types";

/** The name under which this page asks extensions for access. */
const PAGE = "Keystrand";

/** The extension did not let this page in. */
export class AccessRefused extends Error {
  override readonly name = "AccessRefused";
}

/** A wallet that put itself into this page. */
export interface OfferedWallet {
  readonly name: string;
  readonly version: string;
  /** @throws {@link AccessRefused} */
  enable(): Promise<InjectedExtension>;
}

/** Wallets in this page, by the standard of `window.injectedWeb3`. They may appear a moment after the page. */
export function offeredWallets(): readonly OfferedWallet[] {
  const { injectedWeb3 } = window as unknown as { injectedWeb3?: Record<string, InjectedWindowProvider> };
  return Object.entries(injectedWeb3 ?? {}).map(([name, provider]) => ({
    name,
    version: provider.version ?? "",
    enable: () => enable(name, provider),
  }));
}

async function enable(name: string, provider: InjectedWindowProvider): Promise<InjectedExtension> {
  try {
    // `connect` is the younger of the two doors of the standard; either gives the same.
    if (provider.connect) return await provider.connect(PAGE);
    if (provider.enable) return { ...(await provider.enable(PAGE)), name, version: provider.version ?? "" };
  } catch (cause) {
    throw new AccessRefused(`${name} did not let this page in.`, { cause });
  }
  throw new AccessRefused(`${name} has no way in.`);
}

/** Accounts that can sign here: sr25519 and ed25519 of this chain, or of any. */
export const usable = (accounts: readonly InjectedAccount[], genesis: string): readonly InjectedAccount[] =>
  accounts.filter(
    ({ genesisHash, type }) => (!genesisHash || genesisHash === genesis) && type !== "ethereum",
  );
