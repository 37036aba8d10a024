/** What a policy change would do: terms and requirements before and after, uses that open or close, consents that hold. */
import { contractEventsIn } from "../chain/contract-events.ts";
import { chainTime } from "../chain/time.ts";
import type { Dataset } from "../contracts/generated/consents.ts";
import type { PolicyChange } from "../contracts/generated/governor.ts";
import type { Policy, Purpose, Terms } from "../contracts/generated/policies.ts";
import type { Contracts } from "../contracts/index.ts";
import { type DuoTerm, describeTerms, modifierBits, mondoId, RULES, termsSchema } from "../duo/index.ts";
import { requirementsOf } from "./requirements.ts";

/** A statement of terms that stays (`=`), comes (`+`) or goes (`-`). */
export interface TermChange {
  readonly sign: "=" | "+" | "-";
  readonly text: string;
  readonly term?: DuoTerm;
}

/** A requirement beyond the terms that differs. */
export interface RequirementChange {
  readonly topic: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A consent that refuses a use, whatever credentials the buyer has. */
export interface ConsentRefusal {
  readonly dataset: string;
  /** The rule, with its DUO code where it has one. */
  readonly rule: string;
}

/** One kind of use by one kind of organisation, as the contract judges it. */
export interface UseEffect {
  readonly use: string;
  readonly before: boolean;
  readonly after: boolean;
  /** Consents that refuse it: of the standing ones. */
  readonly refusedBy: readonly ConsentRefusal[];
}

export interface PolicyEffect {
  /** `null` for a collection that would be opened. */
  readonly collection: number | null;
  readonly terms: readonly TermChange[];
  readonly requirements: readonly RequirementChange[];
  /** Datasets of the collection, and those among them whose consent stands. */
  readonly datasets: { readonly all: number; readonly standing: readonly string[] };
  readonly uses: readonly UseEffect[];
  /** What consents go on asking that the policy would not ask. */
  readonly stillAsked: readonly { readonly term: DuoTerm; readonly consents: number }[];
}

/**
 * Asks the chain what a policy change would do.
 *
 * @param before - the policy that it replaces; `null` where there is none
 * @param datasets - ids of the collection's datasets when they are known (an indexer's list); each is read from the
 *   chain. Without it the chain's events are searched, which takes a request or two a block.
 */
export const policyEffect = async (
  contracts: Contracts,
  change: PolicyChange,
  before: Policy | null,
  datasets?: readonly string[],
): Promise<PolicyEffect> => {
  const after = change.type === "Open" || change.type === "Set" ? change.value.policy : null;
  const collection = change.type === "Set" || change.type === "Close" ? change.value.collection : null;
  const differences = {
    collection,
    terms: termChanges(before?.terms ?? null, after?.terms ?? null),
    requirements: requirementChanges(before, after),
  };
  if (collection === null)
    return { ...differences, datasets: { all: 0, standing: [] }, uses: [], stillAsked: [] };
  const ids = datasets ?? (await datasetsOf(contracts, collection));
  const consents = await standingConsents(contracts, collection, ids);
  return {
    ...differences,
    datasets: { all: ids.length, standing: consents.map(({ dataset }) => dataset) },
    uses: await useEffects(contracts, collection, before?.terms ?? null, after?.terms ?? null, consents),
    stillAsked: stillAsked(after?.terms ?? null, consents),
  };
};

/** Blocks whose events are read at a time. */
const BLOCKS_AT_A_TIME = 64;

/** Ids of a collection's datasets, from the events of the consents contract. */
export const datasetsOf = async (contracts: Contracts, collection: number): Promise<string[]> => {
  const { api, consents, deployment } = contracts;
  const head = (await api.rpc.chain.getHeader()).number.toNumber();
  const ids: string[] = [];
  const first = deployment.contracts["consents"]?.block ?? 0;
  for (let from = first; from <= head; from += BLOCKS_AT_A_TIME) {
    const to = Math.min(head, from + BLOCKS_AT_A_TIME - 1);
    const parts = await Promise.all(
      Array.from({ length: to - from + 1 }, (_, offset) =>
        contractEventsIn(api, consents, from + offset, from + offset),
      ),
    );
    for (const { event } of parts.flat())
      if (event.name === "ConsentGiven" && event.fields["collection"] === collection)
        ids.push(String(event.fields["dataset"]));
  }
  return ids;
};

interface StandingConsent {
  readonly dataset: string;
  readonly terms: Terms;
  readonly rootVersion: number;
}

const standingConsents = async (
  contracts: Contracts,
  collection: number,
  ids: readonly string[],
): Promise<StandingConsent[]> => {
  const now = await chainTime(contracts);
  const stands = (found: Dataset | null): found is Dataset & { terms: Terms } =>
    found?.collection === collection &&
    found.state === "Given" &&
    found.terms !== null &&
    (found.expiresAt === null || found.expiresAt > now);
  const standing: StandingConsent[] = [];
  for (const dataset of ids) {
    const found = await contracts.consents.query("dataset", { dataset });
    if (stands(found)) standing.push({ dataset, terms: found.terms, rootVersion: found.rootVersion });
  }
  return standing;
};

/** Terms of the chain through the schema of people's terms, which reads them as well. */
const statementsOf = (terms: Terms) => describeTerms(termsSchema.parse(terms));

const keyOf = ({ term, text }: { term?: DuoTerm; text: string }) => `${term?.code ?? ""} ${text}`;

const termChanges = (before: Terms | null, after: Terms | null): TermChange[] => {
  const [old, young] = [before, after].map((terms) => (terms ? statementsOf(terms) : []));
  const kept = new Set(young!.map(keyOf));
  const known = new Set(old!.map(keyOf));
  return [
    ...old!.map((statement) => ({
      sign: kept.has(keyOf(statement)) ? ("=" as const) : ("-" as const),
      ...statement,
    })),
    ...young!.filter((one) => !known.has(keyOf(one))).map((one) => ({ sign: "+" as const, ...one })),
  ];
};

const requirementChanges = (before: Policy | null, after: Policy | null): RequirementChange[] => {
  const [old, young] = [before, after].map((policy) => (policy ? requirementsOf(policy) : {}));
  return Object.keys({ ...old, ...young })
    .map((topic) => ({ topic, before: old?.[topic] ?? null, after: young?.[topic] ?? null }))
    .filter((change) => change.before !== change.after);
};

/** A project of nobody's: no approval is scoped to it. */
const NO_PROJECT = `0x${"00".repeat(32)}`;
const purpose = (kind: Purpose["kind"], more: Partial<Purpose> = {}): Purpose => ({
  kind,
  diseases: [],
  geneticStudy: true,
  nonProfit: true,
  commercialUse: false,
  region: "0x4348",
  months: 1,
  publishAt: null,
  project: NO_PROJECT,
  populations: 0,
  ...more,
});

interface Use {
  readonly name: string;
  readonly purpose: Purpose;
}

/** Uses that tell sets of terms apart: every kind by a non-profit organisation, and health research by others. */
const usesOf = (diseases: readonly number[]): readonly Use[] => [
  { name: "health, medical or biomedical research", purpose: purpose("Health") },
  ...diseases.map((disease) => ({
    name: `research on ${mondoId(disease)}`,
    purpose: purpose("Disease", { diseases: [disease] }),
  })),
  { name: "population origins or ancestry research", purpose: purpose("Ancestry") },
  { name: "general research", purpose: purpose("General") },
  { name: "development of methods", purpose: purpose("Methods") },
  { name: "care of a patient", purpose: purpose("ClinicalCare") },
  { name: "health research that is no genetic study", purpose: purpose("Health", { geneticStudy: false }) },
  {
    name: "health research by a commercial organisation, not for commercial use",
    purpose: purpose("Health", { nonProfit: false }),
  },
  {
    name: "health research for commercial use",
    purpose: purpose("Health", { nonProfit: false, commercialUse: true }),
  },
];

const NON_PROFIT = modifierBits(["NPU", "NPUNCU"]);
const ETHICS = modifierBits(["IRB"]);

/**
 * Terms as they bind a buyer who holds every credential and keeps to every date: what is left of them is what the use
 * itself must be. The contract is asked with these, as an account without credentials.
 */
const withoutCredentials = (terms: Terms, { nonProfit }: Purpose): Terms => ({
  ...terms,
  modifiers: terms.modifiers & ~ETHICS & (nonProfit ? ~NON_PROFIT : ~0),
  region: null,
  months: null,
  user: null,
  project: null,
  institution: null,
  publishFrom: null,
});

/** Sets of terms that the contract judges in one call, besides those before and after. */
const TERMS_A_CALL = 60;
const NOBODY = "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM";

const useEffects = async (
  { policies }: Contracts,
  collection: number,
  before: Terms | null,
  after: Terms | null,
  consents: readonly StandingConsent[],
): Promise<UseEffect[]> => {
  const rootVersion = await policies.query("rootVersion", {});
  const diseases = [before, after].flatMap((terms) => terms?.diseases ?? []);
  const effects: UseEffect[] = [];
  for (const use of usesOf([...new Set(diseases)].sort((a, b) => a - b))) {
    const judge = async (asked: readonly { terms: Terms; rootVersion: number }[]) =>
      (
        await policies.query("judge", {
          collection,
          purpose: use.purpose,
          buyer: NOBODY,
          terms: asked.map((one) => ({ ...one, terms: withoutCredentials(one.terms, use.purpose) })),
        })
      ).terms;
    const admits = async (terms: Terms | null) =>
      terms !== null && (await judge([{ terms, rootVersion }]))[0]?.type === "Approve";
    const refusedBy: ConsentRefusal[] = [];
    for (let start = 0; start < consents.length; start += TERMS_A_CALL) {
      const part = consents.slice(start, start + TERMS_A_CALL);
      const decisions = await judge(
        part.map(({ terms, rootVersion: given }) => ({ terms, rootVersion: given })),
      );
      for (const [index, decision] of decisions.entries())
        if (decision.type === "Deny")
          refusedBy.push({ dataset: part[index]!.dataset, rule: ruleWords(decision.value.rule) });
    }
    effects.push({
      use: use.name,
      before: await admits(before),
      after: await admits(after),
      refusedBy,
    });
  }
  return effects;
};

const ruleWords = (rule: keyof typeof RULES): string => {
  const { says, ...words } = RULES[rule];
  const term = "term" in words ? words.term : undefined;
  return term ? `${says} (${term.shorthand}, ${term.code})` : says;
};

/** Terms that consents ask and the policy would not: the consent's own rule goes on. */
const stillAsked = (after: Terms | null, consents: readonly StandingConsent[]) => {
  const asked = new Set((after ? statementsOf(after) : []).map(keyOf));
  const counts = new Map<string, { term: DuoTerm; consents: number }>();
  // The permission comes first and is told by the uses.
  for (const { terms } of consents)
    for (const statement of statementsOf(terms).slice(1)) {
      if (!statement.term || asked.has(keyOf(statement))) continue;
      const known = counts.get(statement.term.code);
      counts.set(statement.term.code, { term: statement.term, consents: (known?.consents ?? 0) + 1 });
    }
  return [...counts.values()];
};
