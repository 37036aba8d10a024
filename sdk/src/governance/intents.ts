/** What people want decided, in their words and units; files and commands hold these. */
import { z } from "zod";
import {
  MODIFIERS,
  type ModifierShorthand,
  PERMISSIONS,
  type PermissionName,
  termsSchema,
} from "../duo/index.ts";
import { BaseError } from "../errors.ts";

/** Words that name no term of DUO. */
export class UnknownTermError extends BaseError {
  override readonly name = "UnknownTermError";
}

/**
 * A permission by its DUO code, shorthand or name: `DUO:0000042`, `GRU`, `GeneralResearch`.
 * @throws {@link UnknownTermError}
 */
export const permissionNamed = (text: string): PermissionName => {
  const names = Object.keys(PERMISSIONS) as PermissionName[];
  const found = names.find((name) => {
    const { code, shorthand } = PERMISSIONS[name];
    return [name, code, shorthand].some((word) => word.toLowerCase() === text.toLowerCase());
  });
  if (found) return found;
  const known = names.map((name) => `${PERMISSIONS[name].shorthand} (${PERMISSIONS[name].code})`).join(", ");
  throw new UnknownTermError(`${text} is no permission of DUO.`, { remedy: `Name one of ${known}.` });
};

/**
 * A modifier without a value by its DUO code or shorthand: `DUO:0000021`, `IRB`.
 * @throws {@link UnknownTermError}
 */
export const modifierNamed = (text: string): ModifierShorthand => {
  const found = MODIFIERS.find(({ code, shorthand }) =>
    [code, shorthand].some((word) => word.toLowerCase() === text.toLowerCase()),
  );
  if (found) return found.shorthand;
  const known = MODIFIERS.map(({ code, shorthand }) => `${shorthand} (${code})`).join(", ");
  throw new UnknownTermError(`${text} is no modifier of DUO.`, { remedy: `Name one of ${known}.` });
};

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A period: `30m`, `7d`, or milliseconds. */
const period = z.union([
  z.int().nonnegative().transform(BigInt),
  z
    .string()
    .regex(/^\d+[smhd]$/, "expected a number and s, m, h or d, such as 7d")
    .transform((text) => BigInt(text.slice(0, -1)) * BigInt(UNITS[text.slice(-1) as keyof typeof UNITS])),
]);
/** Smallest units, as decimal text or a number. */
const amount = z.union([
  z.int().nonnegative().transform(BigInt),
  z.string().regex(/^\d+$/, "expected smallest units in decimal digits").transform(BigInt),
]);
const share = z.int().min(0).max(10_000);
const address = z.string().min(46).max(50);
const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, "expected 0x and 64 lower-case hex digits");
const collection = z.int().positive();
const date = z
  .union([z.int().nonnegative(), z.iso.date().transform((day) => Date.parse(day))])
  .transform(BigInt);

const windows = z.strictObject({
  fulfil: period,
  release: period,
  dispute: period,
  answer: period,
  arbitration: period,
});
const attestation = z.strictObject({
  quorum: z.int().positive(),
  platforms: z.array(z.enum(["IntelTdx", "IntelSgx", "AwsNitro", "Simulated"])),
  measurements: z.array(bytes32),
  minTcbDate: date,
  admitDebug: z.boolean(),
  maxAge: period,
});

/** A whole policy as people write it; terms as in {@link termsSchema}. */
export const policySchema = z.strictObject({
  terms: termsSchema,
  required: z.array(
    z.strictObject({
      kind: z.enum([
        "BonaFideResearcher",
        "AffiliationNonProfit",
        "AffiliationCommercial",
        "ControlledAccessGrant",
        "EthicsApproval",
        "AcceptedTerms",
        "AccreditedLaboratory",
        "Jurisdiction",
      ]),
      scope: bytes32.default(`0x${"00".repeat(32)}`),
    }),
  ),
  attestation,
  minCohort: z.int().positive(),
  laboratory: z.boolean(),
  split: z.strictObject({ contributor: share, custodian: share, treasury: share }),
  windows,
  bond: amount,
  arbitrator: address,
  treasury: address,
  committee: z.strictObject({ members: z.array(address), quorum: z.int().positive() }),
});

/** What of a policy is to change; the rest stays as it is when the proposal is made. */
const policyChangeSchema = policySchema
  .omit({ terms: true, attestation: true })
  .partial()
  .extend({ attestation: attestation.partial().optional() });

/** What of the terms is to change. `null` takes a valued modifier off. */
const termsChangeSchema = z.strictObject({
  permission: z.string().transform(permissionNamed).optional(),
  diseases: z.array(z.union([z.int(), z.string()])).optional(),
  add: z.array(z.string().transform(modifierNamed)).default([]),
  remove: z.array(z.string().transform(modifierNamed)).default([]),
  region: z.string().nullable().optional(),
  months: z.int().nullable().optional(),
  user: bytes32.nullable().optional(),
  project: bytes32.nullable().optional(),
  institution: bytes32.nullable().optional(),
  publishFrom: z.union([z.int(), z.iso.date()]).nullable().optional(),
});
export type TermsChange = z.output<typeof termsChangeSchema>;

const passing = z.union([
  z.strictObject({ objection: share }).transform((value) => ({ type: "Optimistic" as const, value })),
  z
    .strictObject({ approval: share, supportFrom: share, supportTo: share })
    .transform((value) => ({ type: "Ratio" as const, value })),
]);
const trackId = z.enum(["Narrow", "Widen", "Treasury", "Members", "Parameters", "Code", "Emergency"]);

/** One thing that a proposal is to do. */
export const intentSchema = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("open-collection"),
    policy: policySchema,
    disease: z.int().nullable().default(null),
  }),
  z.strictObject({
    do: z.literal("change-policy"),
    collection,
    terms: termsChangeSchema.optional(),
    policy: policyChangeSchema.optional(),
  }),
  z.strictObject({ do: z.literal("close-collection"), collection }),
  z.strictObject({ do: z.literal("set-ontology-root"), root: bytes32 }),
  z.strictObject({ do: z.literal("pay"), to: address, amount }),
  z.strictObject({ do: z.literal("mint"), to: address, amount }),
  z.strictObject({ do: z.literal("burn"), from: address, amount }),
  z.strictObject({ do: z.literal("accredit"), issuer: address, kinds: z.int().positive() }),
  z.strictObject({ do: z.literal("discredit"), issuer: address }),
  z.strictObject({ do: z.literal("add-verifier"), verifier: address }),
  z.strictObject({ do: z.literal("remove-verifier"), verifier: address }),
  z.strictObject({
    do: z.literal("set-guardians"),
    members: z.array(address),
    quorum: z.int().nonnegative(),
  }),
  z.strictObject({
    do: z.literal("set-track"),
    id: trackId,
    track: z.strictObject({
      passing,
      decision: period,
      confirm: period,
      delay: period,
      grace: period,
      threshold: share,
      deposit: amount,
    }),
  }),
  z.strictObject({
    do: z.literal("set-periods"),
    narrowInterval: period,
    guardianTerm: period,
    emergencyRest: period,
  }),
  z.strictObject({
    do: z.literal("set-route"),
    contract: z.string(),
    message: z.string(),
    track: trackId.nullable(),
  }),
  z.strictObject({ do: z.literal("replace-code"), contract: z.string(), code: bytes32 }),
  z.strictObject({
    do: z.literal("call"),
    contract: z.string(),
    message: z.string(),
    /** As the generated types say; amounts of more than 32 bits as decimal text in `{ "integer": "…" }`. */
    args: z.record(z.string(), z.unknown()),
  }),
]);
export type Intent = z.output<typeof intentSchema>;
export type IntentInput = z.input<typeof intentSchema>;

/** The file that `keystrand proposal draft --from` reads. */
export const intentsFileSchema = z.strictObject({
  description: z.string().min(1),
  intents: z.array(z.unknown()).min(1),
});
