/** What members and guardians sign for the governor; byte layouts of `contracts-ink/commons/src/signing.rs`. */
import { type Bytes, concatBytes, u32LittleEndian, utf8 } from "../bytes.ts";
import { SignedMessage } from "./message.ts";
import { blake2b256, type ContractScope, type Timestamp } from "./messages.ts";

/** How one side of a ballot is divided, in basis points that sum to 10 000. */
export interface BallotParts {
  readonly favour: number;
  readonly against: number;
  readonly abstain: number;
}

/** A proposal as signatures name it. */
export interface ProposalFields {
  readonly proposal: number;
  /** The proposal's `content`, 32 bytes: no other proposal can stand under the number, on no fork. */
  readonly content: Uint8Array;
  /** Block time after which the signature counts no more, ms. */
  readonly deadline: Timestamp;
}

/** A ballot for anyone to hand in. */
export interface BallotFields extends ProposalFields {
  /** The voter's own voice; `null` leaves it as it was. */
  readonly own: BallotParts | null;
  /** The voice delegated to the voter; `null` leaves it as it was. */
  readonly delegated: BallotParts | null;
  /** The voter's next number on this proposal: `seat(proposal, voter).nonce`. */
  readonly nonce: number;
  /** The reason's bytes, as they will be handed in. */
  readonly reason: Uint8Array;
}

/**
 * What a proposal is on every fork, 32 bytes: who proposed what on which track.
 *
 * @param track - number of the track, from 0
 * @param actions - SCALE-encoded list of actions
 * @param description - bytes of the description's CID
 */
export const proposalContent = (
  proposer: Uint8Array,
  track: number,
  actions: Uint8Array,
  description: Uint8Array,
): Bytes =>
  blake2b256(
    concatBytes(
      utf8("keystrand/proposal"),
      proposer,
      Uint8Array.of(track),
      u32LittleEndian(actions.length),
      actions,
      u32LittleEndian(description.length),
      description,
    ),
  );

/** An emergency act of guardians. */
export interface EmergencyFields {
  /** blake2_256 of the act's SCALE encoding, 32 bytes. */
  readonly act: Uint8Array;
  /** `acts()`: the number of acts before it. */
  readonly number: number;
  readonly deadline: Timestamp;
}

/** A voter's ballot; `contract` is the governor. A wallet may wrap it ({@link walletMessage}). */
export function ballotMessage(scope: ContractScope, ballot: BallotFields): Bytes {
  const message = proposalMessage("keystrand/ballot", scope, ballot);
  for (const [side, parts] of [
    ["own", ballot.own],
    ["delegated", ballot.delegated],
  ] as const) {
    message.bool(parts !== null);
    if (parts === null) continue;
    message
      .u16(`${side}.favour`, parts.favour)
      .u16(`${side}.against`, parts.against)
      .u16(`${side}.abstain`, parts.abstain);
  }
  return message
    .u32("nonce", ballot.nonce)
    .u64("deadline", ballot.deadline)
    .bytes32("reason", blake2b256(ballot.reason))
    .build();
}

/** A guardian's cancelling of a proposal. */
export const vetoMessage = (scope: ContractScope, proposal: ProposalFields): Bytes =>
  proposalMessage("keystrand/veto", scope, proposal).u64("deadline", proposal.deadline).build();

/** A guardian's emergency act. */
export const emergencyMessage = (scope: ContractScope, emergency: EmergencyFields): Bytes =>
  new SignedMessage("keystrand/emergency")
    .bytes32("genesis", scope.genesis)
    .bytes32("contract", scope.contract)
    .bytes32("act", emergency.act)
    .u32("number", emergency.number)
    .u64("deadline", emergency.deadline)
    .build();

const proposalMessage = (
  domain: "keystrand/ballot" | "keystrand/veto",
  scope: ContractScope,
  { proposal, content }: ProposalFields,
) =>
  new SignedMessage(domain)
    .bytes32("genesis", scope.genesis)
    .bytes32("contract", scope.contract)
    .u32("proposal", proposal)
    .bytes32("content", content);
