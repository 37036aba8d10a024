import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { cryptoWaitReady } from "@polkadot/util-crypto";
import { account, Signer } from "../chain/signer.fixture.ts";
import type { Chain } from "../chain/types.ts";
import { ascii, concat } from "../codec/bytes.ts";
import { ScaleReader } from "../codec/scale.ts";
import { twox_128 } from "../crypto/hashing.ts";

await cryptoWaitReady();

const storagePrefix = (pallet: string, item: string) =>
  concat(twox_128(ascii(pallet)), twox_128(ascii(item)));
const CONTRACTS = storagePrefix("Contracts", "ContractInfoOf");
const CODES = storagePrefix("Contracts", "PristineCode");

/** What the operations choose from: accounts of every signature scheme, and what is on the chain by now. */
export class World {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly rich: readonly KeyringPair[] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"].map(account);
  readonly ed25519: KeyringPair;
  readonly ecdsa: KeyringPair;

  constructor(chain: Chain) {
    this.chain = chain;
    this.signer = new Signer(chain);
    this.ed25519 = new Keyring({ type: "ed25519" }).addFromUri("//Edward");
    this.ecdsa = new Keyring({ type: "ecdsa" }).addFromUri("//Ecclesia");
  }

  /** Account ids (32 bytes) of all contracts. */
  get contracts(): Uint8Array[] {
    return this.#lastParts(CONTRACTS);
  }

  /** Hashes of all uploaded codes. */
  get codes(): Uint8Array[] {
    return this.#lastParts(CODES);
  }

  nonce(pair: KeyringPair): number {
    const answer = this.chain.call(this.chain.best.hash, "AccountNonceApi_account_nonce", pair.addressRaw);
    return new ScaleReader(answer).u32();
  }

  sign(pair: KeyringPair, call: Uint8Array, tip = 0): Uint8Array {
    return this.signer.sign(pair, this.nonce(pair), call, tip);
  }

  #lastParts(prefix: Uint8Array): Uint8Array[] {
    return this.chain
      .state(this.chain.best.hash)
      .keysPaged(prefix, Number.POSITIVE_INFINITY)
      .map((key) => key.slice(-32));
  }
}
