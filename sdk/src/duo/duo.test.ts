import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { Decision, Purpose, Rule, Terms } from "../contracts/generated/consents.ts";
import { describePurpose, describeTerms } from "./describe.ts";
import {
  decisionSentence,
  RULES,
  type RuleDecision,
  type RuleName,
  type RuleWords,
  ruleSentence,
} from "./rules.ts";
import {
  type DuoPurpose,
  type DuoTerms,
  mondoId,
  purposeSchema,
  regionHex,
  regionLetters,
  termsSchema,
} from "./schemas.ts";
import {
  KINDS,
  MODIFIERS,
  modifierBits,
  modifiersOf,
  PERMISSIONS,
  POPULATIONS,
  populationsOf,
  VALUED_MODIFIERS,
} from "./vocabulary.ts";

const rust = (name: string) =>
  readFileSync(new URL(`../../../contracts-ink/commons/src/${name}.rs`, import.meta.url), "utf8");

/** Variants of a Rust enum with the comment above each. */
function variants(source: string, name: string): { name: string; comment: string }[] {
  const body = new RegExp(`pub enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  return [...body.matchAll(/((?:\s*\/\/\/[^\n]*\n)*)\s*([A-Z]\w+)/g)].map(
    ([, comment = "", variant = ""]) => ({
      name: variant,
      comment,
    }),
  );
}

const duoCode = (comment: string) => /DUO:\d{7}/.exec(comment)?.[0];

describe("the vocabulary is that of the contracts", () => {
  test("permissions, in order, with their codes and shorthands", () => {
    const inRust = variants(rust("terms"), "Permission");
    expect(inRust.map(({ name }) => name)).toEqual(Object.keys(PERMISSIONS));
    for (const [at, term] of Object.values(PERMISSIONS).entries()) {
      expect(inRust[at]?.comment).toContain(`${term.code} ${term.shorthand},`);
    }
  });

  test("modifiers, by bit, with their codes and shorthands", () => {
    const bits = [
      ...rust("terms").matchAll(/\/\/\/ (DUO:\d{7}) (\w+),[^\n]*\n\s*pub const \w+: u16 = 1(?: << (\d+))?;/g),
    ];
    expect(
      bits.map(([, code, shorthand, shift]) => ({ code, shorthand, bit: 1 << Number(shift ?? 0) })),
    ).toEqual(MODIFIERS.map(({ code, shorthand, bit }) => ({ code, shorthand, bit })));
  });

  test("modifiers with a value, by field", () => {
    for (const [field, { code, shorthand }] of Object.entries(VALUED_MODIFIERS)) {
      const name = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      expect(rust("terms")).toMatch(
        new RegExp(`/// ${code} ${shorthand}:[^\\n]*\\n\\s*pub ${name}: Option<`),
      );
    }
  });

  test("kinds and special populations", () => {
    expect(variants(rust("terms"), "Kind").map(({ name }) => name)).toEqual(Object.keys(KINDS));
    const populations = [...rust("terms").matchAll(/pub const ([A-Z_]+): u8 = 1(?: << (\d))?;/g)];
    expect(
      populations.map(([, name = "", shift]) => [name.replace("_", ""), 1 << Number(shift ?? 0)]),
    ).toEqual(POPULATIONS.map(({ name, bit }) => [name.toUpperCase(), bit]));
  });

  test("rules, with the code of the term that each comes from", () => {
    const inRust = variants(rust("decision"), "Rule");
    expect(inRust.map(({ name }) => name)).toEqual(Object.keys(RULES));
    for (const { name, comment } of inRust) {
      const { term }: RuleWords = RULES[name as RuleName];
      expect(term?.code).toBe(duoCode(comment));
    }
  });

  test("no code and no shorthand stands for two terms", () => {
    const all = [...Object.values(PERMISSIONS), ...MODIFIERS, ...Object.values(VALUED_MODIFIERS)];
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length);
    expect(new Set(all.map(({ shorthand }) => shorthand)).size).toBe(all.length);
    for (const { code } of all) expect(code).toMatch(/^DUO:\d{7}$/);
  });

  test("types fit those generated from the contracts' metadata", () => {
    expectTypeOf<DuoTerms>().toExtend<Terms>();
    expectTypeOf<DuoPurpose>().toExtend<Purpose>();
    expectTypeOf<Rule>().toEqualTypeOf<RuleName>();
    expectTypeOf<Decision>().toExtend<RuleDecision>();
  });
});

describe("terms that people write", () => {
  test("become what the contracts take", () => {
    expect(
      termsSchema.parse({
        permission: "DiseaseSpecific",
        diseases: ["MONDO:0005148", 5015, 5148],
        modifiers: ["IRB", "GSO"],
        region: "FR",
        months: 12,
        publishFrom: "2027-01-31",
      }),
    ).toEqual({
      permission: "DiseaseSpecific",
      diseases: [5015, 5148],
      modifiers: (1 << 2) | (1 << 8),
      region: "0x4652",
      months: 12,
      user: null,
      project: null,
      institution: null,
      publishFrom: BigInt(Date.UTC(2027, 0, 31)),
    });
  });

  test("what the contracts gave is accepted unchanged", () => {
    const terms = termsSchema.parse({
      permission: "GeneralResearch",
      modifiers: 0xfff,
      region: "DE",
      publishFrom: 5n,
    });
    expect(termsSchema.parse(terms)).toEqual(terms);
  });

  test.each([
    ["an unknown permission", { permission: "Anything" }],
    ["an unknown field", { permission: "NoRestriction", note: "x" }],
    ["an unknown modifier", { permission: "NoRestriction", modifiers: ["XYZ"] }],
    ["a bit without a meaning", { permission: "NoRestriction", modifiers: 1 << 12 }],
    ["disease specific without a disease", { permission: "DiseaseSpecific" }],
    ["a disease under another permission", { permission: "GeneralResearch", diseases: [5015] }],
    ["nine diseases", { permission: "DiseaseSpecific", diseases: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
    ["a disease of another ontology", { permission: "DiseaseSpecific", diseases: ["OMIM:123456"] }],
    ["a region in small letters", { permission: "NoRestriction", region: "fr" }],
    ["no month at all", { permission: "NoRestriction", months: 0 }],
    ["a project that is no hash", { permission: "NoRestriction", project: "0x12" }],
  ])("%s is refused", (_, terms) => {
    expect(termsSchema.safeParse(terms).success).toBe(false);
  });
});

const purpose = {
  kind: "Health",
  geneticStudy: true,
  nonProfit: true,
  commercialUse: false,
  region: "FR",
  months: 24,
  project: `0x${"ab".repeat(32)}`,
} as const;

describe("a purpose that people write", () => {
  test("becomes what the contracts take", () => {
    expect(purposeSchema.parse({ ...purpose, populations: ["Paediatric", "Vulnerable"] })).toEqual({
      ...purpose,
      diseases: [],
      region: "0x4652",
      publishAt: null,
      populations: 10,
    });
  });

  test.each([
    ["disease research without a disease", { ...purpose, kind: "Disease" }],
    ["a disease for another kind", { ...purpose, diseases: [5015] }],
    ["five diseases", { ...purpose, kind: "Disease", diseases: [1, 2, 3, 4, 5] }],
    ["no project", { ...purpose, project: undefined }],
    ["an unknown population", { ...purpose, populations: 16 }],
  ])("%s is refused", (_, value) => {
    expect(purposeSchema.safeParse(value).success).toBe(false);
  });
});

test("bits and shorthands, letters and hex, numbers and MONDO ids give each other back", () => {
  fc.assert(
    fc.property(
      fc.nat(0xfff),
      fc.nat(15),
      fc.stringMatching(/^[A-Z]{2}$/),
      fc.integer({ min: 1, max: 9_999_999 }),
      (bits, populations, letters, disease) => {
        expect(modifierBits(modifiersOf(bits).map(({ shorthand }) => shorthand))).toBe(bits);
        expect(populationsOf(populations).reduce((sum, { bit }) => sum + bit, 0)).toBe(populations);
        expect(regionLetters(regionHex(letters))).toBe(letters);
        const terms = { permission: "DiseaseSpecific", diseases: [mondoId(disease)] };
        expect(termsSchema.parse(terms).diseases).toEqual([disease]);
      },
    ),
  );
});

describe("sentences", () => {
  test("of a decision name the rule, its code and whose it was", () => {
    const deny = { type: "Deny", value: { rule: "NonCommercialUse", whose: "Consent" } } as const;
    expect(decisionSentence(deny)).toBe(
      "refused: non-commercial use only (NCU, DUO:0000046), by the contributor's consent",
    );
    const abstain = { type: "Abstain", value: { rule: "SpecialPopulation", whose: "Policy" } } as const;
    expect(decisionSentence(abstain)).toBe(
      "waits for the committee: a special population is studied: the data access committee decides, by the collection's policy",
    );
    expect(decisionSentence({ type: "Approve", value: null })).toBe("approved");
    expect(ruleSentence("Withdrawn")).toBe("the consent was withdrawn");
  });

  test("of terms and purposes say every part of them", () => {
    const terms = termsSchema.parse({
      permission: "DiseaseSpecific",
      diseases: [5148],
      modifiers: ["NPU", "PUB"],
      region: "FR",
      months: 1,
      user: purpose.project,
      project: purpose.project,
      institution: purpose.project,
      publishFrom: "2027-01-31",
    });
    expect(describeTerms(terms).map(({ text, term }) => `${term?.shorthand} ${text}`)).toEqual([
      "DS Research on MONDO:0005148 and their kinds is allowed, nothing else.",
      "NPU Only non-profit organisations may use the data.",
      "PUB The buyer is bound to publish the results.",
      "GS The data may be processed in FR only.",
      "TS The data may be kept for 1 month.",
      "US Only users who hold the named approval may use the data.",
      "PS Only the named project may use the data.",
      "IS Only the named institution may use the data.",
      "MOR Results may not be published before 2027-01-31.",
    ]);
    const said = describePurpose(
      purposeSchema.parse({ ...purpose, populations: ["Controls"], publishAt: "2028-02-01" }),
    );
    expect(said.map(({ text }) => text)).toEqual([
      "The purpose is health, medical or biomedical research, in a genetic study.",
      "The organisation is non-profit; the use is not commercial.",
      "The data are processed in FR and kept for 24 months.",
      "Publication is intended on 2028-02-01.",
      "The data serve as controls: people must decide.",
    ]);
  });
});
