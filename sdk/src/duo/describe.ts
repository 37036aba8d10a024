import { type DuoPurpose, type DuoTerms, mondoId, regionLetters } from "./schemas.ts";
import {
  type DuoTerm,
  KINDS,
  modifiersOf,
  PERMISSIONS,
  populationsOf,
  VALUED_MODIFIERS,
} from "./vocabulary.ts";

/** One statement of terms or of a purpose, for a person. */
export interface Statement {
  readonly text: string;
  /** The term of the ontology, where it is one. */
  readonly term?: DuoTerm;
}

const day = (milliseconds: bigint): string => new Date(Number(milliseconds)).toISOString().slice(0, 10);
const months = (count: number): string => (count === 1 ? "1 month" : `${count} months`);

/** What terms say, the permission first, each with its term. */
export function describeTerms(terms: DuoTerms): readonly Statement[] {
  const permission = PERMISSIONS[terms.permission];
  const { diseases, region, user, project, institution, publishFrom } = terms;
  const statements: Statement[] = [
    {
      term: permission,
      text:
        diseases.length === 0
          ? permission.meaning
          : `Research on ${diseases.map(mondoId).join(", ")} and their kinds is allowed, nothing else.`,
    },
    ...modifiersOf(terms.modifiers).map((term) => ({ term, text: term.meaning })),
  ];
  const valued = (key: keyof typeof VALUED_MODIFIERS, text: string) =>
    statements.push({ term: VALUED_MODIFIERS[key], text });
  if (region !== null) valued("region", `The data may be processed in ${regionLetters(region)} only.`);
  if (terms.months !== null) valued("months", `The data may be kept for ${months(terms.months)}.`);
  if (user !== null) valued("user", VALUED_MODIFIERS.user.meaning);
  if (project !== null) valued("project", VALUED_MODIFIERS.project.meaning);
  if (institution !== null) valued("institution", VALUED_MODIFIERS.institution.meaning);
  if (publishFrom !== null) valued("publishFrom", `Results may not be published before ${day(publishFrom)}.`);
  return statements;
}

/** What a purpose says, the kind first. */
export function describePurpose(purpose: DuoPurpose): readonly Statement[] {
  const kind =
    purpose.diseases.length === 0
      ? KINDS[purpose.kind]
      : `research on ${purpose.diseases.map(mondoId).join(", ")}`;
  const texts = [
    `The purpose is ${kind}${purpose.geneticStudy ? ", in a genetic study" : ""}.`,
    `The organisation is ${purpose.nonProfit ? "non-profit" : "commercial"}; the use is ${purpose.commercialUse ? "commercial" : "not commercial"}.`,
    `The data are processed in ${regionLetters(purpose.region)} and kept for ${months(purpose.months)}.`,
  ];
  if (purpose.publishAt !== null) texts.push(`Publication is intended on ${day(purpose.publishAt)}.`);
  for (const { meaning } of populationsOf(purpose.populations)) {
    texts.push(`${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}: people must decide.`);
  }
  return texts.map((text) => ({ text }));
}
