import { fromHex, toHex } from "@keystrand/sdk/bytes";
import type { Contracts } from "@keystrand/sdk/contracts";
import type { EscrowEvents } from "@keystrand/sdk/generated/escrow";
import { finalizedBlocks } from "../chain/finalized.ts";
import { addressOf, readOrder } from "../chain/orders.ts";
import { broadcaster, keyringPairOf, signCall } from "../chain/transactions.ts";
import type { Signer } from "../service/keys.ts";
import type { EnclaveChain } from "./chain.ts";

/** The chain as the enclave's host sees it, over the contracts. */
export function enclaveChain(contracts: Contracts, host: Signer): EnclaveChain {
  const { api, escrow, policies, attestations } = contracts;
  const pair = keyringPairOf(host);
  return {
    ...broadcaster(api),

    async newest() {
      const header = await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead());
      return header.number.toNumber();
    },

    async *blocks(from, signal) {
      for await (const { events, ...block } of finalizedBlocks(api, from, pair.address, signal)) {
        yield {
          ...block,
          delivered: escrow
            .events(events)
            .filter(({ name }) => name === "Delivered")
            .map(({ fields }) => {
              // The client decodes by the same metadata that these types are generated from.
              const { order, packets } = fields as EscrowEvents["Delivered"];
              return {
                order: fromHex(order),
                packets: packets.map(({ line, bytes }) => ({ line, bytes: fromHex(bytes) })),
              };
            }),
        };
      }
    },

    async order(order, at) {
      return (await readOrder(contracts, order, at))?.order ?? null;
    },

    async orderToAttest(order) {
      const head = await api.rpc.chain.getFinalizedHead();
      const at = head.toHex();
      const read = await readOrder(contracts, order, at);
      if (read === null) return null;
      const [view, state] = await Promise.all([
        policies.query("view", { collection: read.view.head.collection }, { at }),
        api.at(head),
      ]);
      return {
        order: read.order,
        time: Number((await state.query.timestamp!.now!()).toString()),
        quorum: view.attestation.quorum,
        maxAge: Number(view.attestation.maxAge),
      };
    },

    async isAllowedVerifier(account) {
      const { allowed, withheld } = await attestations.query("verifier", { verifier: addressOf(account) });
      return allowed && !withheld;
    },

    attest: (claim, signatures, naming) =>
      signCall(
        escrow,
        "attest",
        {
          claim: {
            ...claim,
            tcbDate: BigInt(claim.tcbDate),
            issued: BigInt(claim.issued),
            expires: BigInt(claim.expires),
          },
          signatures: signatures.map(({ verifier, signature }) => ({
            verifier: addressOf(verifier),
            signature: toHex(signature),
          })),
          buyerSignature: toHex(naming),
        },
        pair,
      ),

    receipt({ order, output, bad, signature }) {
      const receipt = { output: toHex(output), signature: toHex(signature) };
      return bad.length === 0
        ? signCall(escrow, "accept", { order: toHex(order), receipt }, pair)
        : signCall(
            escrow,
            "reject",
            { order: toHex(order), bad: toHex(Uint8Array.from(bad)), receipt },
            pair,
          );
    },
  };
}
