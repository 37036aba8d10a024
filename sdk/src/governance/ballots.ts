/** Ballots that a voter signs and anyone hands in. */
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";
import { z } from "zod";
import { fromHex, toHex, utf8 } from "../bytes.ts";
import type { Account } from "../chain/submit.ts";
import type { Ballot, Parts } from "../contracts/generated/governor.ts";
import type { Contracts } from "../contracts/index.ts";
import { BaseError } from "../errors.ts";
import { ballotMessage, walletMessage } from "../signing/index.ts";
import { existingProposal } from "./proposals.ts";

/** The parts of a ballot are not a whole. */
export class BallotPartsError extends BaseError {
  override readonly name = "BallotPartsError";
}

/**
 * Divides one side of a ballot.
 *
 * @param percent - shares in percent, at most two decimals, summing to 100
 * @throws {@link BallotPartsError}
 */
export const partsOf = (percent: { for?: number; against?: number; abstain?: number }): Parts => {
  const points = (share = 0) => Math.round(share * 100);
  const parts = {
    favour: points(percent.for),
    against: points(percent.against),
    abstain: points(percent.abstain),
  };
  const shares = Object.values(parts);
  if (shares.some((share) => share < 0) || shares.reduce((sum, share) => sum + share, 0) !== 10_000)
    throw new BallotPartsError("The parts of the ballot are no whole.", {
      happened: [`They sum to ${shares.reduce((sum, share) => sum + share, 0) / 100} %.`],
      remedy: "Give shares for, against and abstain that sum to 100.",
    });
  return parts;
};

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`));
const partsSchema = z.strictObject({
  favour: z.int().min(0).max(10_000),
  against: z.int().min(0).max(10_000),
  abstain: z.int().min(0).max(10_000),
});

/** A signed ballot as a file; numbers of 64 bits are decimal text. */
export const signedBallotSchema = z.strictObject({
  proposal: z.int().positive(),
  voter: z.string(),
  ballot: z.strictObject({ own: partsSchema.nullable(), delegated: partsSchema.nullable() }),
  nonce: z.int().nonnegative(),
  deadline: z.string().regex(/^\d+$/),
  reason: z.string(),
  signature: hex(64),
});
export type SignedBallotFile = z.infer<typeof signedBallotSchema>;

export interface BallotToSign {
  readonly proposal: number;
  readonly ballot: Ballot;
  readonly reason?: string;
  /** Block time after which the signature counts no more, ms. */
  readonly deadline: bigint;
  /** The voter's next number; asked of the chain when left out. An older one never replaces a newer vote. */
  readonly nonce?: number;
}

/**
 * The bytes that a voter signs: of the proposal's content, so that they count for no other under its number.
 *
 * @throws UnknownProposalError
 */
export const ballotBytes = async (contracts: Contracts, voter: string, wanted: BallotToSign) => {
  const { proposal, ballot, deadline, reason = "" } = wanted;
  const head = await existingProposal(contracts, proposal);
  const nonce = wanted.nonce ?? (await contracts.governor.query("seat", { proposal, account: voter })).nonce;
  const message = ballotMessage(
    {
      genesis: fromHex(contracts.deployment.genesis),
      contract: decodeAddress(contracts.governor.address),
    },
    { proposal, content: fromHex(head.content), ...ballot, nonce, deadline, reason: utf8(reason) },
  );
  return { message, nonce, reason };
};

/**
 * Signs a ballot with a key pair.
 *
 * @param wrapped - as wallets do it, in `<Bytes>`; the contract takes both
 */
export const signBallot = async (
  contracts: Contracts,
  voter: KeyringPair,
  wanted: BallotToSign,
  wrapped = false,
): Promise<SignedBallotFile> => {
  const { message, nonce, reason } = await ballotBytes(contracts, voter.address, wanted);
  return {
    proposal: wanted.proposal,
    voter: voter.address,
    ballot: wanted.ballot,
    nonce,
    deadline: wanted.deadline.toString(),
    reason,
    signature: toHex(voter.sign(wrapped ? walletMessage(message) : message)),
  };
};

/** Hands a signed ballot in. Anyone may, and pays the fee. */
export const castSignedBallot = (contracts: Contracts, signed: SignedBallotFile, account: Account) => {
  const { proposal, reason, deadline, ...rest } = signed;
  return contracts.governor.execute(
    "voteBySignature",
    { proposal, signed: { ...rest, deadline: BigInt(deadline) }, reason: toHex(utf8(reason)) },
    account,
  );
};
