import { accountFrom } from "@keystrand/sdk/chain";
import type { Page } from "@playwright/test";
import type { InjectedMetadataKnown, MetadataDef } from "@polkadot/extension-inject/types";
import { TypeRegistry } from "@polkadot/types";
import type { SignerPayloadJSON, SignerPayloadRaw } from "@polkadot/types/types";
import { u8aToHex } from "@polkadot/util";

/** An account in the wallet. */
export interface WalletAccount {
  readonly secret: string;
  readonly name: string;
  /** Bound to one chain, as extensions can. */
  readonly genesisHash?: string;
}

/**
 * A wallet that a page sees as it sees polkadot{.js}: `window.injectedWeb3`, enable, accounts, signer, metadata. Keys
 * are in this process; what it signs, it signs as that extension does (a registry of its own, told the payload's
 * signed extensions). Only the person who clicks is missing: `allows` and `signs` decide in their stead.
 */
export class TestWallet {
  /** The person lets the page in. */
  allows = true;
  /** The person signs. */
  signs = true;
  /** What the person was asked to sign, oldest first. */
  readonly asked: { readonly address: string; readonly method?: string }[] = [];
  readonly metadata: MetadataDef[] = [];
  readonly #page: Page;
  #accounts: readonly WalletAccount[];

  constructor(page: Page, accounts: readonly WalletAccount[]) {
    this.#page = page;
    this.#accounts = accounts;
  }

  /** Puts the wallet into every page to come. */
  async inject(): Promise<void> {
    const page = this.#page;
    await page.exposeFunction("testWalletEnable", () => this.allows);
    await page.exposeFunction("testWalletAccounts", () => this.accounts());
    await page.exposeFunction("testWalletPayload", (payload: SignerPayloadJSON) =>
      this.#signPayload(payload),
    );
    await page.exposeFunction("testWalletRaw", (raw: SignerPayloadRaw) => this.#signRaw(raw));
    await page.exposeFunction("testWalletKnown", (): InjectedMetadataKnown[] =>
      this.metadata.map(({ genesisHash, specVersion }) => ({ genesisHash, specVersion })),
    );
    await page.exposeFunction("testWalletProvide", (definition: MetadataDef) => {
      this.metadata.push(definition);
      return true;
    });
    await page.addInitScript(() => {
      const ask = (name: string, ...values: readonly unknown[]): Promise<unknown> =>
        (window as unknown as Record<string, (...values: readonly unknown[]) => Promise<unknown>>)[name]!(
          ...values,
        );
      const listeners = new Set<(accounts: unknown) => void>();
      let requests = 0;
      const signed = async (name: string, asked: unknown) => {
        const signature = await ask(name, asked);
        if (signature === null) throw new Error("Cancelled");
        return { id: ++requests, signature };
      };
      const injected = {
        accounts: {
          get: () => ask("testWalletAccounts"),
          subscribe: (listener: (accounts: unknown) => void) => {
            listeners.add(listener);
            void ask("testWalletAccounts").then(listener);
            return () => void listeners.delete(listener);
          },
        },
        metadata: {
          get: () => ask("testWalletKnown"),
          provide: (definition: unknown) => ask("testWalletProvide", definition),
        },
        signer: {
          signPayload: (payload: unknown) => signed("testWalletPayload", payload),
          signRaw: (raw: unknown) => signed("testWalletRaw", raw),
        },
      };
      Object.assign(window, {
        testWalletChanged: () =>
          ask("testWalletAccounts").then((accounts) => {
            for (const listener of listeners) listener(accounts);
          }),
        injectedWeb3: {
          "polkadot-js": {
            version: "0.63.1",
            enable: async () => {
              if (!(await ask("testWalletEnable")))
                throw new Error("The source Keystrand is not allowed to interact with this extension");
              return injected;
            },
          },
        },
      });
    });
  }

  /** The person shows the page other accounts. */
  async show(accounts: readonly WalletAccount[]): Promise<void> {
    this.#accounts = accounts;
    await this.#page.evaluate(() =>
      (window as unknown as { testWalletChanged(): Promise<void> }).testWalletChanged(),
    );
  }

  accounts() {
    return Promise.all(
      this.#accounts.map(async ({ secret, name, genesisHash }) => ({
        address: (await accountFrom(secret)).address,
        name,
        type: "sr25519",
        genesisHash: genesisHash ?? null,
      })),
    );
  }

  async #pairOf(address: string) {
    const pairs = await Promise.all(this.#accounts.map(({ secret }) => accountFrom(secret)));
    const pair = pairs.find((known) => known.address === address);
    if (!pair) throw new Error(`The wallet has no ${address}.`);
    return pair;
  }

  async #signPayload(payload: SignerPayloadJSON): Promise<string | null> {
    this.asked.push({ address: payload.address, method: payload.method });
    if (!this.signs) return null;
    const registry = new TypeRegistry();
    registry.setSignedExtensions(payload.signedExtensions);
    const pair = await this.#pairOf(payload.address);
    return registry.createType("ExtrinsicPayload", payload, { version: payload.version }).sign(pair)
      .signature;
  }

  async #signRaw({ address, data }: SignerPayloadRaw): Promise<string | null> {
    this.asked.push({ address });
    if (!this.signs) return null;
    const pair = await this.#pairOf(address);
    // Extensions wrap what is no transaction, so that a page cannot pass one off as a message.
    const bytes = Uint8Array.from(data.slice(2).match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
    const text = new TextEncoder();
    return u8aToHex(
      pair.sign(Uint8Array.from([...text.encode("<Bytes>"), ...bytes, ...text.encode("</Bytes>")])),
    );
  }
}
