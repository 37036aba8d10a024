/** The file that tells `npm run deploy` what a deployment is to be. Amounts and times are whole numbers, ms for times. */
import { readFileSync } from "node:fs";
import { DEVELOPMENT_GOVERNANCE, DEVELOPMENT_LIMITS, type DeployConfig } from "@keystrand/sdk/deploy";
import { CREDENTIAL_KINDS, PLATFORMS } from "@keystrand/sdk/signing";
import { isAddress } from "@polkadot/util-crypto";
import { z } from "zod";

/** The configuration cannot be read, or says something that a deployment cannot be. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const amount = z
  .union([z.int().nonnegative(), z.string().regex(/^\d+$/, "expected a whole number")])
  .transform((value) => BigInt(value));
const address = z.string().refine((text) => isAddress(text), "expected an SS58 address");
const hash = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]{64}$/)]);
const basisPoints = z.int().min(0).max(10_000);

const windows = z.strictObject({
  fulfil: amount,
  release: amount,
  dispute: amount,
  answer: amount,
  arbitration: amount,
});

const track = z.strictObject({
  passing: z.union([
    z.strictObject({ type: z.literal("Optimistic"), value: z.strictObject({ objection: basisPoints }) }),
    z.strictObject({
      type: z.literal("Ratio"),
      value: z.strictObject({ approval: basisPoints, supportFrom: basisPoints, supportTo: basisPoints }),
    }),
  ]),
  decision: amount,
  confirm: amount,
  delay: amount,
  grace: amount,
  threshold: z.int().nonnegative(),
  deposit: amount,
});

/** Tracks in the order of `TrackId`. */
const TRACKS = 7;

export const deployConfigSchema = z.strictObject({
  name: z.string().min(1).max(64),
  limits: z.strictObject({
    shortest: windows,
    longest: windows,
    maxBond: amount,
    maxCustodian: basisPoints,
    maxTreasury: basisPoints,
  }),
  founders: z.array(z.tuple([address, amount])).min(1),
  governance: z.strictObject({
    tracks: z.array(track).length(TRACKS),
    settings: z.strictObject({ narrowInterval: amount, guardianTerm: amount, emergencyRest: amount }),
    guardians: z.array(address),
    guardianQuorum: z.int().nonnegative(),
  }),
  /** What the deployer enters before it hands over; later only the members can. */
  admit: z.strictObject({
    verifiers: z.array(address),
    references: z.array(
      z.strictObject({
        measurement: hash,
        platform: z.enum(PLATFORMS),
        minTcbDate: amount,
        label: z.string().max(64),
      }),
    ),
    issuers: z.array(z.strictObject({ issuer: address, kinds: z.array(z.enum(CREDENTIAL_KINDS)).min(1) })),
  }),
  /** Gives every contract to the governor contract at the end. False leaves the deployer governor. */
  handOver: z.boolean(),
});

export type DeploymentConfig = z.output<typeof deployConfigSchema>;

/** What the sdk's deploy takes of it. */
export const sdkConfig = ({ name, limits, founders, governance }: DeploymentConfig): DeployConfig => ({
  name,
  limits,
  founders,
  governance: { ...governance, routes: [] },
});

/** @throws {@link ConfigError} with the place in the file and what was expected there */
export const readConfig = (file: string): DeploymentConfig => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new ConfigError(
      `${file} cannot be read. npm run deploy -- --example > FILE writes one to begin with.`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = deployConfigSchema.safeParse(json);
  if (!parsed.success) throw new ConfigError(`${file}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
};

/** A whole configuration with development's short times, as JSON. */
export const exampleConfig = (founder: string): string => {
  const { routes: _, ...governance } = DEVELOPMENT_GOVERNANCE;
  const example = {
    name: "example",
    limits: DEVELOPMENT_LIMITS,
    founders: [[founder, 100n]],
    governance,
    admit: { verifiers: [], references: [], issuers: [] },
    handOver: true,
  };
  return JSON.stringify(
    example,
    (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value),
    2,
  );
};
