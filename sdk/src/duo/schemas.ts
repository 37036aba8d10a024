import { z } from "zod";
import {
  KINDS,
  MODIFIERS,
  type ModifierShorthand,
  modifierBits,
  PERMISSIONS,
  POPULATIONS,
  type PopulationName,
  populationBits,
} from "./vocabulary.ts";

/** Most diseases in one set of terms. */
export const MAX_TERM_DISEASES = 8;
/** Most diseases in one purpose. */
export const MAX_PURPOSE_DISEASES = 4;

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>) =>
  Object.keys(record) as [Key, ...Key[]];
const allBits = (terms: readonly { readonly bit: number }[]) =>
  terms.reduce((bits, { bit }) => bits | bit, 0);
const shorthands = MODIFIERS.map(({ shorthand }) => shorthand) as [ModifierShorthand, ...ModifierShorthand[]];
const populationNames = POPULATIONS.map(({ name }) => name) as [PopulationName, ...PopulationName[]];

type Hex = `0x${string}`;

/** 32 bytes as `0x` and hex: the scope of a credential, or a salted hash. */
const digest = z.custom<Hex>(
  (value) => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value),
  "expected 0x and 64 lower-case hex digits",
);

/** ISO 3166-1 alpha-2, as letters (`FR`) or as the contracts have it (`0x4652`). */
const region = z
  .string()
  .regex(
    /^[A-Z]{2}$|^0x(?:4[1-9a-f]|5[0-9a]){2}$/,
    "expected the two upper-case letters of a country (ISO 3166-1)",
  )
  .transform((text): Hex => (text.startsWith("0x") ? `0x${text.slice(2)}` : regionHex(text)));

/** Milliseconds since the Unix epoch, or a date (`2027-01-31`). */
const timestamp = z.union([
  z.bigint().nonnegative(),
  z.int().nonnegative().transform(BigInt),
  z.iso.date().transform((date) => BigInt(Date.parse(date))),
]);

/** A number of MONDO, as `MONDO:0005148` or 5148. */
const disease = z.union([
  z.int().min(1).max(9_999_999),
  z
    .string()
    .regex(/^MONDO:\d{7}$/, "expected MONDO: and 7 digits")
    .transform((text) => Number(text.slice("MONDO:".length))),
]);

/** The contracts want diseases sorted and each once. */
const diseases = (most: number) =>
  z
    .array(disease)
    .default([])
    .transform((numbers) => [...new Set(numbers)].sort((a, b) => a - b))
    .refine((numbers) => numbers.length <= most, `at most ${most} diseases`);

const months = z.int().min(1, "at least one month").max(65_535);

/**
 * Data use terms, as a person or a file gives them, into what the contracts take (`Terms`). Modifiers may be
 * shorthands (`["GSO", "IRB"]`) or bits; what is left out is not restricted.
 * @example
 * ```ts
 * termsSchema.parse({ permission: "HealthMedicalBiomedical", modifiers: ["NCU"], region: "FR" });
 * ```
 */
export const termsSchema = z
  .strictObject({
    permission: z.enum(keysOf(PERMISSIONS)),
    diseases: diseases(MAX_TERM_DISEASES),
    modifiers: z
      .union([z.int().min(0).max(allBits(MODIFIERS)), z.array(z.enum(shorthands)).transform(modifierBits)])
      .default(0),
    region: region.nullable().default(null),
    months: months.nullable().default(null),
    user: digest.nullable().default(null),
    project: digest.nullable().default(null),
    institution: digest.nullable().default(null),
    publishFrom: timestamp.nullable().default(null),
  })
  .refine(
    ({ permission, diseases }) => (permission === "DiseaseSpecific") === diseases.length > 0,
    "diseases are named exactly under the permission DiseaseSpecific",
  );

/**
 * A purpose, as a person or a file gives it, into what the contracts take (`Purpose`).
 * @example
 * ```ts
 * purposeSchema.parse({ kind: "Disease", diseases: ["MONDO:0005148"], geneticStudy: true, nonProfit: true,
 *   commercialUse: false, region: "FR", months: 24, project });
 * ```
 */
export const purposeSchema = z
  .strictObject({
    kind: z.enum(keysOf(KINDS)),
    diseases: diseases(MAX_PURPOSE_DISEASES),
    geneticStudy: z.boolean(),
    nonProfit: z.boolean(),
    commercialUse: z.boolean(),
    region,
    months,
    publishAt: timestamp.nullable().default(null),
    project: digest,
    populations: z
      .union([
        z.int().min(0).max(allBits(POPULATIONS)),
        z.array(z.enum(populationNames)).transform(populationBits),
      ])
      .default(0),
  })
  .refine(
    ({ kind, diseases }) => (kind === "Disease") === diseases.length > 0,
    "diseases are named exactly for the kind Disease",
  );

/** Terms as the contracts take them. */
export type DuoTerms = z.output<typeof termsSchema>;
/** Terms as people write them. */
export type DuoTermsInput = z.input<typeof termsSchema>;
/** A purpose as the contracts take it. */
export type DuoPurpose = z.output<typeof purposeSchema>;
/** A purpose as people write it. */
export type DuoPurposeInput = z.input<typeof purposeSchema>;

/** A country's two letters as the contracts have them. */
export function regionHex(letters: string): Hex {
  const [first = 0, second = 0] = [...letters].map((letter) => letter.charCodeAt(0));
  return `0x${first.toString(16)}${second.toString(16)}`;
}

/** The two letters of a country from the contracts' bytes. */
export const regionLetters = (hex: string): string =>
  String.fromCharCode(Number.parseInt(hex.slice(2, 4), 16), Number.parseInt(hex.slice(4, 6), 16));

/** A disease as MONDO writes it. */
export const mondoId = (number: number): string => `MONDO:${number.toString().padStart(7, "0")}`;
