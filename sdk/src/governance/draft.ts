/** From what people want decided to the exact calls that the governor would make. */
import { sortAddresses } from "@polkadot/util-crypto";
import { z } from "zod";
import { toHex } from "../bytes.ts";
import type { Action, GovernorChange, PolicyChange, TrackId } from "../contracts/generated/governor.ts";
import type { Policy } from "../contracts/generated/policies.ts";
import {
  type Abi,
  type ContractClient,
  type Contracts,
  governorAbi,
  type MessageTypes,
  SS58_PREFIX,
} from "../contracts/index.ts";
import { MODIFIERS, modifierBits, modifiersOf, termsSchema } from "../duo/index.ts";
import { BaseError } from "../errors.ts";
import { blake2b256 } from "../signing/index.ts";
import { descriptionCid } from "./description.ts";
import { type Intent, type IntentInput, intentSchema, type TermsChange } from "./intents.ts";

/** An intent does not say what can be done. */
export class IntentError extends BaseError {
  override readonly name = "IntentError";
}
/** What a draft was made for has changed since. */
export class StaleDraftError extends BaseError {
  override readonly name = "StaleDraftError";
}

/** A draft as a file: what is wanted, and a fingerprint of the calls that it came to. */
export const draftSchema = z.strictObject({
  /** Shown as text, never as markup. */
  description: z.string().min(1),
  track: z.enum(["Narrow", "Widen", "Treasury", "Members", "Parameters", "Code"]),
  intents: z.array(z.unknown()).min(1),
  /** blake2_256 of the SCALE-encoded calls: submitting anything else is refused. */
  fingerprint: z.string().regex(/^0x[0-9a-f]{64}$/),
});
export type DraftFile = z.infer<typeof draftSchema>;

/** A draft with the calls that it stands for. */
export interface Draft {
  readonly file: DraftFile;
  readonly track: TrackId;
  readonly actions: readonly Action[];
  /** Bytes of the description's CID, hex. */
  readonly description: string;
}

/** @throws {@link IntentError} with what is wrong where */
export const parseIntent = (input: unknown): Intent => {
  const parsed = intentSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new IntentError("This is nothing that a proposal can do.", {
    happened: parsed.error.issues.map((issue) => `${issue.path.join(".") || "intent"}: ${issue.message}.`),
    remedy: "See the examples in docs/guide/member.md.",
  });
};

/**
 * Builds the calls for intents and chooses the track: for a policy change by the direction that `policies` computes.
 *
 * @param wanted - a stronger track than the one chosen; the governor refuses a weaker one
 * @throws {@link IntentError}, and what asking the contracts throws
 */
export const draftProposal = async (
  contracts: Contracts,
  description: string,
  inputs: readonly (IntentInput | unknown)[],
  wanted?: TrackId,
): Promise<Draft> => {
  const actions: Action[] = [];
  const tracks: TrackId[] = [];
  for (const input of inputs) {
    const action = await actionOf(contracts, parseIntent(input));
    actions.push(action);
    tracks.push(await trackOf(contracts, action));
  }
  const [first, ...others] = tracks;
  const chosen = wanted ?? (others.every((track) => track === first) ? first! : "Code");
  if (chosen === "Emergency")
    throw new IntentError("The emergency track decides on acts of guardians only.", {
      remedy: "Name another track, or none: then the right one is chosen.",
    });
  const cid = toHex(descriptionCid(description).bytes);
  const file = {
    description,
    track: chosen,
    intents: [...inputs],
    fingerprint: fingerprintOf(chosen, actions),
  };
  return { file, track: chosen, actions, description: cid };
};

const fingerprintOf = (track: TrackId, actions: readonly Action[]): string =>
  toHex(blake2b256(governorAbi.message("propose").encode({ track, actions, description: "0x" })));

/**
 * Builds a draft's calls again, from the chain as it is now.
 * @throws {@link StaleDraftError} when they are not those that were drafted
 */
export const rebuildDraft = async (contracts: Contracts, file: DraftFile): Promise<Draft> => {
  const draft = await draftProposal(contracts, file.description, file.intents, file.track);
  if (draft.file.fingerprint !== file.fingerprint)
    throw new StaleDraftError("The draft is not what it was any more.", {
      happened: ["The policy that it changes was changed since, or the file was edited."],
      remedy: "Draft it again and read what it would change.",
    });
  return draft;
};

const policyOf = async ({ policies }: Contracts, collection: number): Promise<Policy> => {
  const policy = await policies.query("policy", { collection });
  if (policy) return policy;
  const count = await policies.query("collections", {});
  throw new IntentError(`There is no collection ${collection}.`, {
    happened: [count === 0 ? "None was opened yet." : `Their numbers are 1 to ${count}.`],
  });
};

/** Terms with a change applied. */
export const changedTerms = (terms: Policy["terms"], change: TermsChange): Policy["terms"] => {
  const { permission, diseases, add, remove, ...valued } = change;
  const contradictory = add.filter((shorthand) => remove.includes(shorthand));
  if (contradictory.length > 0)
    throw new IntentError(`${contradictory.join(", ")} cannot be added and removed at once.`);
  const kept = modifiersOf(terms.modifiers)
    .map(({ shorthand }) => shorthand)
    .filter((shorthand) => !remove.includes(shorthand));
  const modifiers = modifierBits(
    MODIFIERS.map(({ shorthand }) => shorthand).filter((one) => kept.includes(one) || add.includes(one)),
  );
  const given = Object.fromEntries(Object.entries(valued).filter(([, value]) => value !== undefined));
  const named = permission ?? terms.permission;
  const parsed = termsSchema.safeParse({
    ...terms,
    ...given,
    permission: named,
    diseases: diseases ?? (named === "DiseaseSpecific" ? terms.diseases : []),
    modifiers,
  });
  if (parsed.success) return parsed.data;
  throw new IntentError("These are no terms.", {
    happened: parsed.error.issues.map((issue) => `${issue.path.join(".") || "terms"}: ${issue.message}.`),
  });
};

const definite = <Value extends object>(
  value: Value,
): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>;
  };

const policyAction = (value: PolicyChange): Action => ({ type: "Policy", value });
const governorAction = (value: GovernorChange): Action => ({ type: "Governor", value });

const actionOf = async (contracts: Contracts, intent: Intent): Promise<Action> => {
  switch (intent.do) {
    case "open-collection":
      return policyAction({ type: "Open", value: { policy: intent.policy, disease: intent.disease } });
    case "change-policy": {
      const before = await policyOf(contracts, intent.collection);
      const { attestation, ...changes } = intent.policy ?? {};
      const policy: Policy = {
        ...before,
        ...definite(changes),
        attestation: { ...before.attestation, ...definite(attestation ?? {}) },
        terms: intent.terms ? changedTerms(before.terms, intent.terms) : before.terms,
      };
      return policyAction({ type: "Set", value: { collection: intent.collection, policy } });
    }
    case "close-collection":
      await policyOf(contracts, intent.collection);
      return policyAction({ type: "Close", value: { collection: intent.collection } });
    case "set-ontology-root":
      return policyAction({ type: "Root", value: { root: intent.root } });
    case "pay":
      return governorAction({ type: "Payment", value: { to: intent.to, amount: intent.amount } });
    case "mint":
      return callOf(contracts.voice, "mint", { to: intent.to, amount: intent.amount });
    case "burn":
      return callOf(contracts.voice, "burn", { from: intent.from, amount: intent.amount });
    case "accredit":
      return callOf(contracts.identity, "accredit", { issuer: intent.issuer, kinds: intent.kinds });
    case "discredit":
      return callOf(contracts.identity, "discredit", { issuer: intent.issuer });
    case "add-verifier":
      return callOf(contracts.attestations, "addVerifier", { verifier: intent.verifier });
    case "remove-verifier":
      return callOf(contracts.attestations, "removeVerifier", { verifier: intent.verifier });
    case "set-guardians":
      return governorAction({
        type: "Guardians",
        value: { members: sortedByBytes(intent.members), quorum: intent.quorum },
      });
    case "set-track":
      return governorAction({ type: "Track", value: { id: intent.id, track: intent.track } });
    case "set-periods": {
      const { narrowInterval, guardianTerm, emergencyRest } = intent;
      return governorAction({ type: "Settings", value: { narrowInterval, guardianTerm, emergencyRest } });
    }
    case "set-route": {
      const client = clientNamed(contracts, intent.contract);
      const { selector } = messageNamed(client.abi, intent.message);
      return governorAction({
        type: "Route",
        value: { callee: client.address, selector, track: intent.track },
      });
    }
    case "replace-code":
      if (intent.contract === "governor") return governorAction({ type: "Code", value: intent.code });
      return callOf(clientNamed(contracts, intent.contract), "setCode", { code: intent.code });
    case "call":
      return callOf(clientNamed(contracts, intent.contract), intent.message, integers(intent.args));
  }
};

/** JSON has no integers of more than 53 bits: `{ "integer": "…" }` stands for one. */
const integers = (args: Record<string, unknown>): Record<string, unknown> => {
  const restore = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(restore);
    if (typeof value !== "object" || value === null) return value;
    const { integer, ...rest } = value as Record<string, unknown>;
    if (typeof integer === "string" && /^\d+$/.test(integer) && Object.keys(rest).length === 0)
      return BigInt(integer);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, restore(part)]));
  };
  return restore(args) as Record<string, unknown>;
};

const CALLABLE = ["identity", "policies", "consents", "attestations", "escrow", "voice"] as const;

/** A contract as far as calls to it are built here. */
type Callee = Pick<ContractClient<MessageTypes>, "address" | "abi">;

const clientNamed = (contracts: Contracts, name: string): Callee => {
  const known = CALLABLE.find((one) => one === name);
  if (known) return contracts[known];
  throw new IntentError(`The governor calls no contract ${name}.`, {
    remedy: `Name one of ${CALLABLE.join(", ")}; the governor changes itself by intents of their own.`,
  });
};

const messageNamed = (abi: Abi, label: string) => {
  try {
    return abi.message(label);
  } catch (cause) {
    throw new IntentError(`${abi.contract} has no message ${label}.`, { cause });
  }
};

const callOf = ({ address, abi }: Callee, label: string, args: Record<string, unknown>): Action => {
  const input = messageNamed(abi, label).encode(args);
  return {
    type: "Call",
    value: {
      callee: address,
      selector: toHex(input.subarray(0, 4)),
      input: toHex(input.subarray(4)),
      value: 0n,
      refTime: 0n,
      proofSize: 0n,
      deposit: null,
    },
  };
};

/** The track that an action needs. For calls and policy changes the contracts answer. */
const trackOf = async ({ governor, policies }: Contracts, action: Action): Promise<TrackId> => {
  if (action.type === "Call") {
    const { callee, selector } = action.value;
    return governor.query("route", { callee, selector });
  }
  if (action.type === "Policy") {
    if (action.value.type !== "Set") return "Widen";
    const [direction] = await policies.query("direction", action.value.value);
    return direction === "Narrower" ? "Narrow" : "Widen";
  }
  const { type } = action.value;
  if (type === "Payment") return "Treasury";
  if (type === "Guardians") return "Members";
  if (type === "Settings") return "Parameters";
  return type === "Track" && action.value.value.id !== "Code" ? "Parameters" : "Code";
};

/** The contracts sort accounts by their bytes, not by their text. */
const sortedByBytes = (addresses: readonly string[]): string[] => sortAddresses([...addresses], SS58_PREFIX);
