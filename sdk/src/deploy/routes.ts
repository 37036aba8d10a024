/** Which calls to other contracts are decided on which track of the governor. */

import type { Route, TrackId } from "../contracts/generated/governor.ts";
import { type Abi, attestationsAbi, identityAbi, policiesAbi, voiceAbi } from "../contracts/index.ts";
import type { DeployedContractName } from "./deploy.ts";

interface Routed {
  readonly contract: DeployedContractName;
  readonly abi: Abi;
  readonly track: TrackId;
  readonly messages: readonly string[];
}

/** Members: voice, issuers, verifiers, reference values, suspensions. Parameters: the bounds of policies. */
const ROUTED: readonly Routed[] = [
  { contract: "voice", abi: voiceAbi, track: "Members", messages: ["mint", "burn"] },
  {
    contract: "identity",
    abi: identityAbi,
    track: "Members",
    messages: ["accredit", "discredit", "suspend", "lift", "withholdIssuer", "restoreIssuer"],
  },
  {
    contract: "attestations",
    abi: attestationsAbi,
    track: "Members",
    messages: [
      "addVerifier",
      "removeVerifier",
      "addReference",
      "removeReference",
      "withholdMeasurement",
      "restoreMeasurement",
      "withholdVerifier",
      "restoreVerifier",
    ],
  },
  { contract: "policies", abi: policiesAbi, track: "Parameters", messages: ["setLimits"] },
];

/**
 * The design's routes for a deployment. Every other call - hand-overs, code, the escrow - is decided as code is.
 *
 * @param address - where each contract stands
 */
export const designRoutes = (address: (contract: DeployedContractName) => string): readonly Route[] =>
  ROUTED.flatMap(({ contract, abi, track, messages }) =>
    messages.map((message) => ({
      callee: address(contract),
      selector: abi.message(message).selector,
      track,
    })),
  );
