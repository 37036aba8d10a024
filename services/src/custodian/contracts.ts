import { fromHex, toHex } from "@keystrand/sdk/bytes";
import type { Contracts } from "@keystrand/sdk/contracts";
import type { Decision } from "@keystrand/sdk/generated/consents";
import { finalizedBlocks } from "../chain/finalized.ts";
import { addressOf, readOrder } from "../chain/orders.ts";
import { broadcaster, keyringPairOf, signCall } from "../chain/transactions.ts";
import type { Signer } from "../service/keys.ts";
import type { CustodianChain, Standing } from "./chain.ts";

/** The chain as the custodian sees it, over the contracts. */
export function custodianChain(contracts: Contracts, signer: Signer): CustodianChain {
  const { api, escrow, consents, attestations } = contracts;
  const pair = keyringPairOf(signer);
  const self = addressOf(signer.account);
  return {
    ...broadcaster(api),

    async *blocks(from, signal) {
      for await (const { events, ...block } of finalizedBlocks(api, from, pair.address, signal)) {
        yield {
          ...block,
          touched: escrow
            .events(events)
            .filter(
              ({ name, fields }) => (name === "Created" || name === "Qualified") && fields.custodian === self,
            )
            .map(({ fields }) => fromHex(String(fields.order))),
          erased: consents
            .events(events)
            .filter(({ name }) => name === "DatasetErased")
            .map(({ fields }) => fromHex(String(fields.dataset))),
        };
      }
    },

    async order(order, at) {
      return (await readOrder(contracts, order, at))?.order ?? null;
    },

    async standing({ order, lines }, at): Promise<Standing> {
      const read = await readOrder(contracts, order, at);
      if (read?.view.evidence == null) {
        return { attestation: "The order has no attested enclave.", policy: null, lines: new Map() };
      }
      const { head, evidence } = read.view;
      const permits = await consents.query(
        "permits",
        {
          collection: head.collection,
          custodian: head.custodian,
          datasets: lines.map(({ dataset }) => toHex(dataset)),
          purpose: head.purpose,
          buyer: head.buyer,
        },
        { at },
      );
      // What people decided stands for the policy version under which they did.
      const cleared = head.clearedVersion === permits.view.version;
      const { returned } = await attestations.dryRun(
        "stands",
        {
          claim: { ...evidence, order: toHex(order) },
          verifiers: evidence.verifiers.slice(0, evidence.count).map((key) => addressOf(fromHex(key))),
          policy: permits.view.attestation,
        },
        { at },
      );
      return {
        attestation: "err" in returned ? `The attestation no longer stands: ${returned.err}.` : null,
        policy: denial(permits.policy, cleared),
        lines: new Map(
          permits.lines.flatMap(({ decision }, line) => {
            const denied = denial(decision, cleared);
            return denied === null ? [] : [[line, denied]];
          }),
        ),
      };
    },

    release: (order, packets) =>
      signCall(
        escrow,
        "release",
        { order: toHex(order), packets: packets.map(({ line, hash }) => ({ line, hash: toHex(hash) })) },
        pair,
      ),

    deliver: (order, packets) =>
      signCall(
        escrow,
        "deliver",
        { order: toHex(order), packets: packets.map(({ line, packet }) => ({ line, bytes: toHex(packet) })) },
        pair,
      ),

    timeOut: (order, message) => signCall(escrow, message, { order: toHex(order) }, pair),
  };
}

function denial(decision: Decision, cleared: boolean): string | null {
  if (decision.type === "Approve" || (decision.type === "Abstain" && cleared)) return null;
  return `${decision.type} by the ${decision.value.whose.toLowerCase()}'s rule ${decision.value.rule}.`;
}
