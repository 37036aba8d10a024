import type { InjectedAccount, InjectedExtension } from "@polkadot/extension-inject/types";
import { AccessRefused, type OfferedWallet, offeredWallets, usable } from "./extension.ts";

/** What stands between a person and signing. */
export type WalletState = "disconnected" | "missing" | "asking" | "refused" | "empty" | "connected";

const REMEMBERED = "keystrand:wallet";
const CHOSEN = "keystrand:account";

/** The person's wallet. The keys stay in it: this page sees addresses and asks for signatures. */
export class Wallet {
  state = $state<WalletState>("disconnected");
  accounts = $state.raw<readonly InjectedAccount[]>([]);
  /** Accounts that the wallet shows and that belong to another chain. */
  foreign = $state(0);
  extension = $state.raw<InjectedExtension | null>(null);
  #chosen = $state<string | null>(localStorage.getItem(CHOSEN));
  #genesis: string | null;
  #unsubscribe: (() => void) | undefined;

  constructor(genesis: string | null) {
    this.#genesis = genesis;
  }

  get address(): string | null {
    const chosen = this.accounts.find(({ address }) => address === this.#chosen) ?? this.accounts[0];
    return chosen?.address ?? null;
  }

  get addresses(): readonly string[] {
    return this.accounts.map(({ address }) => address);
  }

  nameOf(address: string): string | undefined {
    return this.accounts.find((account) => account.address === address)?.name;
  }

  choose(address: string): void {
    this.#chosen = address;
    localStorage.setItem(CHOSEN, address);
  }

  /** Comes back to the wallet of the last visit without asking, where it is still there. */
  async resume(): Promise<void> {
    const name = localStorage.getItem(REMEMBERED);
    const known = offeredWallets().find((wallet) => wallet.name === name);
    if (known) await this.connect(known);
  }

  /** Asks a wallet for its accounts; without one, the first that is there. */
  async connect(wallet: OfferedWallet | undefined = offeredWallets()[0]): Promise<void> {
    if (wallet === undefined) {
      this.state = "missing";
      return;
    }
    this.state = "asking";
    try {
      const extension = await wallet.enable();
      this.extension = extension;
      localStorage.setItem(REMEMBERED, wallet.name);
      this.#take(await extension.accounts.get());
      this.#unsubscribe?.();
      this.#unsubscribe = extension.accounts.subscribe((accounts) => this.#take(accounts));
    } catch (error) {
      if (!(error instanceof AccessRefused)) throw error;
      this.state = "refused";
    }
  }

  disconnect(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    localStorage.removeItem(REMEMBERED);
    this.extension = null;
    this.accounts = [];
    this.state = "disconnected";
  }

  #take(accounts: readonly InjectedAccount[]): void {
    this.accounts = this.#genesis === null ? accounts : usable(accounts, this.#genesis);
    this.foreign = accounts.length - this.accounts.length;
    this.state = this.accounts.length > 0 ? "connected" : "empty";
  }
}
