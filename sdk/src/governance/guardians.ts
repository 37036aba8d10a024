/** What guardians sign, and what members answer: vetoes, emergency acts and their end. */
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";
import { fromHex, toHex } from "../bytes.ts";
import type { Account } from "../chain/submit.ts";
import type { EmergencyAct, Signed } from "../contracts/generated/governor.ts";
import { type Contracts, governorAbi } from "../contracts/index.ts";
import { blake2b256, emergencyMessage, vetoMessage } from "../signing/index.ts";
import { existingProposal } from "./proposals.ts";

const scopeOf = (contracts: Contracts) => ({
  genesis: fromHex(contracts.deployment.genesis),
  contract: decodeAddress(contracts.governor.address),
});

/** An act's SCALE bytes: what stands in the call between the selector and an empty deadline and list. */
const encodedAct = (act: EmergencyAct): Uint8Array =>
  governorAbi.message("act").encode({ act, deadline: 0n, signatures: [] }).slice(4, -9);

const signedBy = (guardians: readonly KeyringPair[], message: Uint8Array): Signed[] =>
  guardians.map((guardian) => ({ signer: guardian.address, signature: toHex(guardian.sign(message)) }));

/**
 * Guardians' signatures to cancel a proposal.
 *
 * @param deadline - block time after which they count no more, ms
 */
export const signVeto = async (
  contracts: Contracts,
  proposal: number,
  deadline: bigint,
  guardians: readonly KeyringPair[],
): Promise<Signed[]> => {
  const { content } = await existingProposal(contracts, proposal);
  const message = vetoMessage(scopeOf(contracts), { proposal, content: fromHex(content), deadline });
  return signedBy(guardians, message);
};

/** Cancels a proposal with a quorum of guardians' signatures. Anyone may hand them in. */
export const veto = (
  contracts: Contracts,
  proposal: number,
  deadline: bigint,
  signatures: readonly Signed[],
  account: Account,
) => contracts.governor.execute("veto", { proposal, deadline, signatures }, account);

/** Guardians' signatures for an emergency act, as the next one after those that were. */
export const signAct = async (
  contracts: Contracts,
  act: EmergencyAct,
  deadline: bigint,
  guardians: readonly KeyringPair[],
): Promise<Signed[]> => {
  const number = await contracts.governor.query("acts", {});
  const fields = { act: blake2b256(encodedAct(act)), number, deadline };
  return signedBy(guardians, emergencyMessage(scopeOf(contracts), fields));
};

/** Takes an emergency act into effect. `returned` is the number of the members' vote on it. */
export const emergencyAct = (
  contracts: Contracts,
  act: EmergencyAct,
  deadline: bigint,
  signatures: readonly Signed[],
  account: Account,
) => contracts.governor.execute("act", { act, deadline, signatures }, account);

/** Ends an act as the members' votes say: `returned` is Confirmed, Overturned (at once) or Lapsed (at the close). */
export const settleAct = (contracts: Contracts, proposal: number, account: Account) =>
  contracts.governor.execute("settleAct", { proposal }, account);
