/**
 * The words of the GA4GH Data Use Ontology (DUO), release 2021-02-23, CC BY 4.0, as the contracts use them. Labels are
 * the ontology's; meanings are in words for the people who choose and read terms.
 *
 * Traps of the ontology file: the IRI of NPOA has one zero too many there (DUO_00000044), and NPU and NCU are
 * subclasses of NPUNCU although NPUNCU is their conjunction. Codes here are as published in the paper and the
 * specification; nothing here is subsumed by class.
 */

/** One term of the vocabulary. */
export interface DuoTerm {
  /** Identifier of the ontology. */
  readonly code: `DUO:${string}`;
  readonly shorthand: string;
  /** The ontology's label. */
  readonly label: string;
  /** What it means for who gives the data, in one sentence. */
  readonly meaning: string;
}

/** Permissions, in the order of the contracts' `Permission`. Terms have exactly one. */
export const PERMISSIONS = {
  NoRestriction: {
    code: "DUO:0000004",
    shorthand: "NRES",
    label: "no restriction",
    meaning: "Any use is allowed; only the modifiers still bind.",
  },
  GeneralResearch: {
    code: "DUO:0000042",
    shorthand: "GRU",
    label: "general research use",
    meaning: "Any research is allowed, ancestry research included.",
  },
  HealthMedicalBiomedical: {
    code: "DUO:0000006",
    shorthand: "HMB",
    label: "health or medical or biomedical research",
    meaning: "Health, medical and biomedical research is allowed; ancestry research is not.",
  },
  DiseaseSpecific: {
    code: "DUO:0000007",
    shorthand: "DS",
    label: "disease specific research",
    meaning: "Research on the named diseases and their kinds is allowed, nothing else.",
  },
  PopulationOrigins: {
    code: "DUO:0000011",
    shorthand: "POA",
    label: "population origins or ancestry research only",
    meaning: "Research on population origins or ancestry is allowed, nothing else.",
  },
} as const satisfies Readonly<Record<string, DuoTerm>>;

/** A modifier without a value: one bit of the contracts' `Modifiers`. */
export interface ModifierTerm extends DuoTerm {
  readonly bit: number;
  /** Binds the buyer by accepting the order; the contracts do not judge it. */
  readonly duty: boolean;
}

/** Modifiers that carry no value, from the lowest bit up. */
export const MODIFIERS = [
  {
    bit: 1,
    code: "DUO:0000012",
    shorthand: "RS",
    label: "research specific restrictions",
    meaning: "The use is limited to a type of research that is agreed on; the buyer is bound to it.",
    duty: true,
  },
  {
    bit: 1 << 1,
    code: "DUO:0000015",
    shorthand: "NMDS",
    label: "no general methods research",
    meaning: "Development of methods alone is not allowed.",
    duty: false,
  },
  {
    bit: 1 << 2,
    code: "DUO:0000016",
    shorthand: "GSO",
    label: "genetic studies only",
    meaning: "Only genetic studies are allowed.",
    duty: false,
  },
  {
    bit: 1 << 3,
    code: "DUO:0000018",
    shorthand: "NPUNCU",
    label: "not for profit, non commercial use only",
    meaning: "Only non-profit organisations may use the data, and for nothing commercial.",
    duty: false,
  },
  {
    bit: 1 << 4,
    code: "DUO:0000045",
    shorthand: "NPU",
    label: "not for profit organisation use only",
    meaning: "Only non-profit organisations may use the data.",
    duty: false,
  },
  {
    bit: 1 << 5,
    code: "DUO:0000046",
    shorthand: "NCU",
    label: "non-commercial use only",
    meaning: "No commercial use, whoever makes it.",
    duty: false,
  },
  {
    bit: 1 << 6,
    code: "DUO:0000044",
    shorthand: "NPOA",
    label: "population origins or ancestry research prohibited",
    meaning: "Research on population origins or ancestry is not allowed.",
    duty: false,
  },
  {
    bit: 1 << 7,
    code: "DUO:0000043",
    shorthand: "CC",
    label: "clinical care use",
    meaning: "Use for the care of a patient is allowed as well.",
    duty: false,
  },
  {
    bit: 1 << 8,
    code: "DUO:0000021",
    shorthand: "IRB",
    label: "ethics approval required",
    meaning: "The project needs an ethics committee's approval.",
    duty: false,
  },
  {
    bit: 1 << 9,
    code: "DUO:0000019",
    shorthand: "PUB",
    label: "publication required",
    meaning: "The buyer is bound to publish the results.",
    duty: true,
  },
  {
    bit: 1 << 10,
    code: "DUO:0000020",
    shorthand: "COL",
    label: "collaboration required",
    meaning: "The buyer is bound to collaborate with the study that gave the data.",
    duty: true,
  },
  {
    bit: 1 << 11,
    code: "DUO:0000029",
    shorthand: "RTN",
    label: "return to database or resource",
    meaning: "The buyer is bound to return what is derived from the data.",
    duty: true,
  },
] as const satisfies readonly ModifierTerm[];

/** Modifiers that carry a value, by the field of the contracts' `Terms`. */
export const VALUED_MODIFIERS = {
  region: {
    code: "DUO:0000022",
    shorthand: "GS",
    label: "geographical restriction",
    meaning: "The data may be processed in the named country only.",
  },
  months: {
    code: "DUO:0000025",
    shorthand: "TS",
    label: "time limit on use",
    meaning: "The data may be kept for the given number of months.",
  },
  user: {
    code: "DUO:0000026",
    shorthand: "US",
    label: "user specific restriction",
    meaning: "Only users who hold the named approval may use the data.",
  },
  project: {
    code: "DUO:0000027",
    shorthand: "PS",
    label: "project specific restriction",
    meaning: "Only the named project may use the data.",
  },
  institution: {
    code: "DUO:0000028",
    shorthand: "IS",
    label: "institution specific restriction",
    meaning: "Only the named institution may use the data.",
  },
  publishFrom: {
    code: "DUO:0000024",
    shorthand: "MOR",
    label: "publication moratorium",
    meaning: "Results may not be published before the given date.",
  },
} as const satisfies Readonly<Record<string, DuoTerm>>;

/** Kinds of purpose, in the order of the contracts' `Kind`. A purpose is exactly one. */
export const KINDS = {
  Disease: "research on the named diseases",
  Health: "health, medical or biomedical research",
  Ancestry: "population origins or ancestry research",
  General: "general research",
  Methods: "development of methods",
  ClinicalCare: "care of a patient",
} as const;

/** Special populations, by the bit of a purpose's `populations`. Each needs a human's judgement. */
export const POPULATIONS = [
  { bit: 1, name: "Controls", meaning: "the data serve as controls" },
  { bit: 1 << 1, name: "Paediatric", meaning: "children are studied" },
  { bit: 1 << 2, name: "OneGender", meaning: "one gender alone is studied" },
  { bit: 1 << 3, name: "Vulnerable", meaning: "a vulnerable population is studied" },
] as const;

export type PermissionName = keyof typeof PERMISSIONS;
export type ModifierShorthand = (typeof MODIFIERS)[number]["shorthand"];
export type KindName = keyof typeof KINDS;
export type PopulationName = (typeof POPULATIONS)[number]["name"];

/** The bits of modifiers given by shorthand. */
export const modifierBits = (shorthands: readonly ModifierShorthand[]): number =>
  MODIFIERS.reduce((bits, { bit, shorthand }) => (shorthands.includes(shorthand) ? bits | bit : bits), 0);

/** The modifiers whose bits are set. */
export const modifiersOf = (bits: number): readonly (typeof MODIFIERS)[number][] =>
  MODIFIERS.filter(({ bit }) => (bits & bit) !== 0);

/** The bits of special populations. */
export const populationBits = (names: readonly PopulationName[]): number =>
  POPULATIONS.reduce((bits, { bit, name }) => (names.includes(name) ? bits | bit : bits), 0);

/** The special populations whose bits are set. */
export const populationsOf = (bits: number): readonly (typeof POPULATIONS)[number][] =>
  POPULATIONS.filter(({ bit }) => (bits & bit) !== 0);
