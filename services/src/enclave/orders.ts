import { equalBytes, fromHex, toHex } from "@keystrand/sdk/bytes";
import { generateKeyPair, type KeyPair } from "@keystrand/sdk/crypt4gh";
import type { EnclaveOrder, EnclaveStage } from "@keystrand/sdk/http";
import { type OrderScope, reportData } from "@keystrand/sdk/signing";
import { randomBytes } from "@noble/hashes/utils.js";
import type { OrderAtBlock } from "../chain/blocks.ts";
import { type Signer, signerFromSeed } from "../service/keys.ts";
import type { Log } from "../service/log.ts";
import { ServiceProblem } from "../service/problem.ts";
import type { EnclaveChain } from "./chain.ts";
import type { EnclavePlatform } from "./platform.ts";
import { collectQuorum, type Quorum } from "./quorum.ts";

/** What the enclave knows of one order. The secret keys exist here and nowhere else. */
export interface AttestedOrder {
  readonly order: Uint8Array;
  /** The orders that are computed together with this one, itself included, as hex. */
  readonly job: Set<string>;
  readonly encryption: KeyPair;
  readonly signer: Signer;
  readonly quorum: Quorum;
  stage: EnclaveStage;
  note: string | null;
  /** CID of the sealed result. */
  output: string | null;
  /** Packets that the chain delivered, by line. */
  packets: ReadonlyMap<number, Uint8Array> | null;
}

/** What is needed to make an order's enclave. */
export interface Attesting {
  readonly platform: EnclavePlatform;
  readonly verifiers: readonly string[];
  /** Milliseconds. */
  readonly claimLifetime: number;
  readonly genesis: Uint8Array;
  readonly escrow: Uint8Array;
  readonly log: Log;
}

/** The orders for which this process is the enclave. */
export class EnclaveOrders {
  readonly #attesting: Attesting;
  readonly #orders = new Map<string, AttestedOrder>();
  readonly #making = new Map<string, Promise<AttestedOrder>>();

  constructor(attesting: Attesting) {
    this.#attesting = attesting;
  }

  get(order: string): AttestedOrder | undefined {
    return this.#orders.get(order);
  }

  all(): readonly AttestedOrder[] {
    return [...this.#orders.values()];
  }

  scope(order: Uint8Array): OrderScope {
    return { genesis: this.#attesting.genesis, contract: this.#attesting.escrow, order };
  }

  /**
   * Makes keys for an order and has them attested, or gives what was made before. Asked again for an order that
   * waits for an enclave though its claim was used or has ended, it begins anew.
   *
   * @param job - orders of the same job; anyone may name some, so only those count that the chain says are of it
   */
  async attest(chain: EnclaveChain, order: Uint8Array, job: readonly string[]): Promise<AttestedOrder> {
    const id = toHex(order);
    let making = this.#making.get(id);
    if (making === undefined) {
      making = this.#make(chain, order).finally(() => this.#making.delete(id));
      this.#making.set(id, making);
    }
    const attested = await making;
    await this.#name(chain, attested, job);
    return attested;
  }

  /** Adds to a job those of the named orders that the chain says are of it. */
  async #name(chain: EnclaveChain, attested: AttestedOrder, job: readonly string[]): Promise<void> {
    const unknown = job.filter((id) => !attested.job.has(id));
    if (unknown.length === 0) return;
    const own = await chain.orderToAttest(attested.order);
    for (const id of unknown) {
      const other = await chain.orderToAttest(fromHex(id));
      if (own !== null && other !== null && sameCohort(own.order, other.order)) attested.job.add(id);
    }
    for (const id of attested.job) {
      for (const member of attested.job) this.#orders.get(id)?.job.add(member);
    }
  }

  async #make(chain: EnclaveChain, order: Uint8Array): Promise<AttestedOrder> {
    const id = toHex(order);
    const wanted = await chain.orderToAttest(order);
    if (wanted === null) {
      throw new ServiceProblem(404, "order-unknown", "There is no such order in the chain's final blocks.", {
        remedy: "If it was just created, ask again in a few seconds.",
      });
    }
    const known = this.#orders.get(id);
    if (known !== undefined) {
      const used = known.stage !== "attested";
      const ended = known.quorum.claim.expires <= wanted.time;
      if (wanted.order.state !== "Funded" || !(used || ended)) return known;
    }
    if (wanted.order.state !== "Funded") {
      throw new ServiceProblem(
        409,
        "order-not-funded",
        `The order is ${wanted.order.state}; it takes no enclave now.`,
      );
    }
    const { platform, verifiers, claimLifetime, log } = this.#attesting;
    const encryption = generateKeyPair();
    const signer = await signerFromSeed(randomBytes(32));
    const keys = { suite: 1 as const, encryption: encryption.publicKey, signing: signer.account };
    const scope = this.scope(order);
    const evidence = await platform.attest(reportData(scope, keys));
    const quorum = await collectQuorum(
      verifiers,
      {
        genesis: toHex(scope.genesis),
        escrow: toHex(scope.contract),
        order: id,
        keys: { suite: 1, encryption: toHex(keys.encryption), signing: toHex(keys.signing) },
        evidence,
        // The chain's own clock: a claim from its future would not be taken.
        issued: wanted.time,
        expires: wanted.time + Math.min(claimLifetime, wanted.maxAge),
      },
      wanted.quorum,
      (verifier) => chain.isAllowedVerifier(verifier),
      log,
    );
    const attested: AttestedOrder = {
      order,
      job: new Set([...(known?.job ?? []), id]),
      encryption,
      signer,
      quorum,
      stage: "attested",
      note: null,
      output: null,
      packets: null,
    };
    this.#orders.set(id, attested);
    log.info(
      { order: id, simulated: quorum.simulated, verifiers: quorum.signatures.length },
      "attested for an order",
    );
    return attested;
  }
}

/** Whether orders are of one job: the chain's word, the same buyer and the same key to seal the result to. */
function sameCohort(left: OrderAtBlock, right: OrderAtBlock): boolean {
  return (["job", "buyer", "readerKey"] as const).every((field) => equalBytes(left[field], right[field]));
}

/** An order as `GET /orders/{order}` shows it, without the receipt. */
export function shown({
  order,
  job,
  encryption,
  signer,
  quorum,
  stage,
  note,
  output,
}: AttestedOrder): Omit<EnclaveOrder, "receipt"> {
  return {
    order: toHex(order),
    job: [...job],
    keys: { suite: 1, encryption: toHex(encryption.publicKey), signing: toHex(signer.account) },
    claim: quorum.claim,
    signatures: quorum.signatures.map(({ verifier, signature }) => ({
      verifier: toHex(verifier),
      signature: toHex(signature),
    })),
    simulated: quorum.simulated,
    stage,
    note,
    output,
  };
}
