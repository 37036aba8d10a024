/** A proposal in words: what would change, for whom, and how far the vote is. */
import { fromHex } from "../bytes.ts";
import type {
  Action,
  EmergencyAct,
  GovernorChange,
  PolicyChange,
  Track,
} from "../contracts/generated/governor.ts";
import type { Contracts } from "../contracts/index.ts";
import { type PolicyEffect, policyEffect, type UseEffect } from "./policy-effect.ts";
import type { Threshold } from "./progress.ts";
import { type ProposalView, readProposal } from "./proposals.ts";
import { stateWords } from "./sentences.ts";
import { dateInWords, inWords, list, periodInWords, shareInWords, tokensInWords } from "./words.ts";

export interface ExplanationOptions {
  /** Ids of a collection's datasets, from an indexer; each is read from the chain. */
  readonly datasets?: (collection: number) => Promise<readonly string[] | undefined>;
  /** The description's text, if it was found. */
  readonly description?: string | undefined;
}

/** A proposal with what it would do, and all of it as lines of text. */
export interface Explanation {
  readonly view: ProposalView;
  /** For a policy change. */
  readonly effect: PolicyEffect | null;
  readonly lines: readonly string[];
}

/**
 * Explains a proposal from what the chain says now.
 * @throws UnknownProposalError
 */
export const explainProposal = async (
  contracts: Contracts,
  proposal: number,
  options: ExplanationOptions = {},
): Promise<Explanation> => {
  const view = await readProposal(contracts, proposal);
  const effect = await effectOf(contracts, view, options);
  const changes: string[] = [];
  for (const action of view.details?.actions ?? []) changes.push(...(await actionLines(contracts, action)));
  if (view.act) changes.push(...actLines(view.act));
  const lines = [
    ...headLines(view, options.description),
    "",
    "What would change",
    ...changes,
    ...(effect ? effectLines(effect) : []),
    "",
    "The vote",
    ...voteLines(view),
  ];
  return { view, effect, lines };
};

const effectOf = async (
  contracts: Contracts,
  { head, details }: ProposalView,
  { datasets }: ExplanationOptions,
): Promise<PolicyEffect | null> => {
  const action = details?.actions.find((one) => one.type === "Policy");
  if (action?.type !== "Policy") return null;
  const change = action.value;
  const collection = change.type === "Set" || change.type === "Close" ? change.value.collection : null;
  if (collection === null) return policyEffect(contracts, change, null);
  // What was executed is part of the present policy: the one before it stood in the proposal's own block.
  const at =
    head.stage.type === "Executed"
      ? { at: (await contracts.api.rpc.chain.getBlockHash(head.at.block)).toHex() }
      : {};
  const before = await contracts.policies.query("policy", { collection }, at);
  return policyEffect(contracts, change, before, await datasets?.(collection));
};

const headLines = ({ proposal, state, head, act }: ProposalView, description: string | undefined) => {
  const { proposer, track, at, subject } = head;
  const direction =
    subject && track !== "Emergency" ? `, ${DIRECTIONS[subject.direction]} as the contract computed it` : "";
  return [
    `Proposal ${proposal} ${stateWords(state)}.`,
    act
      ? `  The members' vote on an act of the guardians, handed in by ${proposer}`
      : `  Track ${track}${direction}; proposed by ${proposer}`,
    `  Voice counts as of block ${at.block}, ${dateInWords(at.time)}`,
    ...(description === undefined ? [] : [`  "${printable(description)}"`]),
  ];
};

/** Text of strangers goes to terminals: no control characters, no escape sequences. */
const printable = (text: string): string => text.replace(/\p{C}+/gu, " ").slice(0, 2_000);

const DIRECTIONS = {
  Same: "no change",
  Narrower: "a narrowing",
  Wider: "a widening",
  Mixed: "counted as a widening",
};

const actionLines = async (contracts: Contracts, action: Action): Promise<string[]> => {
  if (action.type === "Policy") return [`  ${policyChangeWords(action.value)}`];
  if (action.type === "Governor") return governorLines(contracts, action.value);
  const { callee, selector, input } = action.value;
  const clients = [
    contracts.identity,
    contracts.policies,
    contracts.consents,
    contracts.attestations,
    contracts.escrow,
    contracts.voice,
  ];
  const client = clients.find(({ address }) => address === callee);
  const entry = client?.abi.messageOf(selector);
  if (!client || !entry)
    return [`  Calls ${callee}, message ${selector}, with ${input}; nothing more is known of it.`];
  const args = entry.decodeArguments(fromHex(input));
  return [
    `  Calls ${client.abi.contract.replace("keystrand-", "")}.${entry.label}(${Object.entries(args)
      .map(([name, value]) => `${name} ${valueWords(value)}`)
      .join(", ")})`,
  ];
};

const valueWords = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part))
    : String(value);

const policyChangeWords = (change: PolicyChange): string => {
  switch (change.type) {
    case "Open":
      return change.value.disease === null
        ? "Opens a new collection."
        : `Opens a new collection for MONDO:${String(change.value.disease).padStart(7, "0")} alone.`;
    case "Set":
      return `Replaces the policy of collection ${change.value.collection}.`;
    case "Close":
      return `Closes collection ${change.value.collection}: no new orders; what was released goes on.`;
    case "Root":
      return `Sets the ontology's root to ${change.value.root}: it can widen every policy. Consents keep the root that they were given under.`;
  }
};

const governorLines = async ({ governor }: Contracts, change: GovernorChange): Promise<string[]> => {
  switch (change.type) {
    case "Payment": {
      const treasury = await governor.query("treasury", {});
      return [
        `  Pays ${tokensInWords(change.value.amount)} to ${change.value.to}; the treasury holds ${tokensInWords(treasury)}.`,
      ];
    }
    case "Guardians": {
      const before = await governor.query("guardians", {});
      return [
        "  Replaces the guardians, whose term begins anew.",
        `    before: ${before.quorum} of ${list(before.members)}, until ${dateInWords(before.until)}`,
        `    after:  ${change.value.quorum} of ${list(change.value.members)}`,
      ];
    }
    case "Track": {
      const before = await governor.query("track", { track: change.value.id });
      return [
        `  Replaces the numbers of track ${change.value.id}; proposals that were made before keep theirs.`,
        `    before: ${trackWords(before)}`,
        `    after:  ${trackWords(change.value.track)}`,
      ];
    }
    case "Settings": {
      const before = await governor.query("settings", {});
      const words = (settings: typeof before) =>
        `a narrowing each ${periodInWords(settings.narrowInterval)}, guardians serve ${periodInWords(settings.guardianTerm)}, an emergency act rests ${periodInWords(settings.emergencyRest)}`;
      return [
        "  Replaces the periods that belong to no track.",
        `    before: ${words(before)}`,
        `    after:  ${words(change.value)}`,
      ];
    }
    case "Route":
      return [
        `  Decides message ${change.value.selector} of ${change.value.callee} on track ${change.value.track ?? "Code"}.`,
      ];
    case "Code":
      return [`  Replaces the governor's code with ${change.value}.`];
  }
};

/** A track's numbers in one line. */
export const trackWords = ({
  passing,
  decision,
  confirm,
  delay,
  grace,
  threshold,
  deposit,
}: Track): string => {
  const rule =
    passing.type === "Optimistic"
      ? `passes unless ${shareInWords(passing.value.objection)} of all voice objects`
      : `approval ${shareInWords(passing.value.approval)}, support ${shareInWords(passing.value.supportFrom)}${
          passing.value.supportTo === passing.value.supportFrom
            ? ""
            : ` falling to ${shareInWords(passing.value.supportTo)}`
        } of all voice`;
  return `${rule}; decision ${periodInWords(decision)}, confirming ${periodInWords(confirm)}, delay ${periodInWords(delay)}, grace ${periodInWords(grace)}; a proposer holds ${shareInWords(threshold)} and deposits ${tokensInWords(deposit)}`;
};

const actLines = (act: EmergencyAct): string[] => {
  const words = {
    WithholdMeasurement: `Measurement ${act.value} is withheld`,
    WithholdVerifier: `Verifier ${act.value} is withheld`,
    WithholdIssuer: `Issuer ${act.value} is withheld`,
    Suspend: `Account ${act.value} is suspended: no create, propose or present; its voice, consents, live orders and money are untouched`,
    Pause: "Create, attest and release are paused",
  }[act.type];
  return [
    `  ${words}, since the guardians' act.`,
    "  It stands if the vote passes, lapses at the close otherwise, and ends at once when more than half of the votes and 5 % of all voice are against it.",
  ];
};

const termLine = ({ sign, text, term }: PolicyEffect["terms"][number]): string =>
  term ? `    ${sign} ${term.code} ${term.shorthand}, ${term.label}: ${text}` : `    ${sign} ${text}`;

const effectLines = (effect: PolicyEffect): string[] => {
  const changed = effect.terms.some(({ sign }) => sign !== "=");
  return [
    changed ? "  Terms (= stay, - go, + come)" : "  Terms stay as they are",
    ...effect.terms.map(termLine),
    ...(effect.requirements.length === 0 ? [] : ["  Requirements"]),
    ...effect.requirements.map(({ topic, before, after }) =>
      before === null
        ? `    ${topic}: ${after}`
        : after === null
          ? `    ${topic}: was ${before}`
          : `    ${topic}: ${before} -> ${after}`,
    ),
    ...(effect.collection === null ? [] : datasetLines(effect)),
  ];
};

const datasetLines = ({ datasets, uses, stillAsked }: PolicyEffect): string[] => {
  const standing = datasets.standing.length;
  return [
    `  Datasets affected: ${standing} with a standing consent, of ${datasets.all} registered`,
    "  Uses, for a buyer with every credential",
    ...uses.flatMap((use) => useLines(use, standing)),
    ...stillAsked.map(
      ({ term, consents }) =>
        `  ${consents} of ${standing} consents go on asking ${term.code} ${term.shorthand}, ${term.label}`,
    ),
  ];
};

const useLines = ({ use, before, after, refusedBy }: UseEffect, standing: number): string[] => {
  const verdict =
    before === after
      ? after
        ? "stays admitted"
        : "stays refused"
      : after
        ? "WOULD BE ADMITTED"
        : "would be refused";
  const line = `    ${use}: ${verdict}`;
  if (!after || standing === 0) return [line];
  if (refusedBy.length === 0) return [`${line}; no consent refuses it`];
  const rules = new Map<string, number>();
  for (const { rule } of refusedBy) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  return [
    `${line}; ${refusedBy.length} of ${standing} consents would still refuse it`,
    ...[...rules].map(([rule, count]) => `      ${count}: ${rule}`),
  ];
};

const thresholdLine = ({ name, needed, reached, met, missing }: Threshold): string => {
  const of = {
    approval: "of for and against",
    support: "of all voice for it",
    objection: "of all voice against it",
  }[name];
  const have = reached === null ? "no votes yet" : `${shareInWords(reached)} now`;
  const distance =
    name === "objection"
      ? met
        ? "reached: it fails"
        : `not reached, ${missing} voice is missing: it passes`
      : met
        ? "reached"
        : `${missing} voice is missing`;
  return `  ${name} ${shareInWords(needed)} ${of}: ${have}, ${distance}`;
};

const voteLines = ({ head, progress, state, standing, now }: ProposalView): string[] => {
  const { favour, against, abstain } = head.tally;
  return [
    `  for ${favour}, against ${against}, abstain ${abstain}, of ${progress.total} voice`,
    ...progress.thresholds.map(thresholdLine),
    ...timeLines(),
  ];

  function timeLines(): string[] {
    const { closes, extended } = head.timeline;
    const { delay, confirm, grace } = head.terms;
    const left = (until: bigint) => (until > now ? `, in ${periodInWords(until - now)}` : "");
    if (state === "Pending" || state === "Active")
      return [
        `  closes ${dateInWords(closes)}${left(closes)}${extended ? "; extended once for a late swing" : ""}`,
        `  then: ${head.track === "Emergency" ? "the act stands or lapses" : `confirming ${periodInWords(confirm)}, delay ${periodInWords(delay)}, ${periodInWords(grace)} to execute`}`,
      ];
    if (state === "Confirming") {
      if (standing.type === "Confirmed")
        return [
          `  its result has held since ${dateInWords(standing.value.at)}: anyone can queue it until ${dateInWords(standing.value.at + grace)}`,
        ];
      if (standing.type === "Confirming")
        return [
          `  its result must hold until ${dateInWords(standing.value.since + confirm)}${left(standing.value.since + confirm)}`,
        ];
    }
    if (head.stage.type === "Queued")
      return [
        `  anyone can execute it from ${dateInWords(head.stage.value.from)}${left(head.stage.value.from)} until ${dateInWords(head.stage.value.until)}`,
      ];
    if (state === "Queued" && standing.type === "Confirmed")
      return [
        head.track === "Emergency"
          ? "  confirmed: anyone can settle it"
          : `  anyone can execute it until ${dateInWords(standing.value.at + grace)}`,
      ];
    return [
      `  ${inWords(state)}; ${head.deposit > 0n ? `its deposit of ${tokensInWords(head.deposit)} can be settled` : "no deposit is held"}`,
    ];
  }
};
