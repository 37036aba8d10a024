import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import vectorsJson from "../../../test/fixtures/signing-vectors.json" with { type: "json" };
import { ByteLengthError, concatBytes, fromHex, toHex, utf8 } from "../bytes.ts";
import { ballotMessage, emergencyMessage, proposalContent, vetoMessage } from "./governance.ts";
import { FieldRangeError } from "./message.ts";
import {
  attestationMessage,
  blake2b256,
  concessionMessage,
  countryScope,
  custodianReceiptMessage,
  datasetId,
  enclaveMessage,
  grantHash,
  grantMessage,
  keyCommitment,
  laboratoryMessage,
  orderId,
  receiptMessage,
  reportData,
  reportDataMessage,
  reviewMessage,
  settlementMessage,
  walletMessage,
} from "./messages.ts";

const { vectors } = z.object({ vectors: z.record(z.string(), z.string()) }).parse(vectorsJson);

/** 32 equal bytes: the fixture says which byte stands for which field. */
const filled = (byte: number) => new Uint8Array(32).fill(byte);

const scope = { genesis: filled(0x01), contract: filled(0x02) };
const orderScope = { ...scope, order: filled(0x03) };
const keys = { suite: 1, encryption: filled(0x04), signing: filled(0x05) };
const dataset = filled(0x06);
const root = filled(0x07);
const commitment = filled(0x08);
const person = filled(0x09);
const nonce = filled(0x0a);
const grant = {
  issuer: filled(0x0b),
  holder: filled(0x0c),
  kind: "Jurisdiction",
  scope: countryScope("FR"),
  validFrom: 1_700_000_000_000,
  validUntil: 1_800_000_000_000,
  salt: filled(0x0d),
} as const;
const proposal = { proposal: 7, content: filled(0x18), deadline: 1_770_000_000_000n };
const agreement = { lines: [0, 2, 63], share: 5_000, deadline: 1_750_000_000_000n };

const messages: Readonly<Record<string, () => Uint8Array>> = {
  dataset_id: () => datasetId(scope, person, nonce),
  order_id: () => orderId(scope, person, nonce),
  key_commitment: () => keyCommitment(root, filled(0x0e)),
  custodian_receipt: () =>
    custodianReceiptMessage(scope, { dataset, root, keyCommitment: commitment, custodian: person }),
  laboratory: () => laboratoryMessage(scope, dataset, person),
  grant: () => grantMessage(scope, grant),
  grant_hash: () => grantHash(scope, grant),
  enclave: () => enclaveMessage(orderScope, keys),
  report_data_message: () => reportDataMessage(orderScope, keys),
  report_data: () => reportData(orderScope, keys),
  attestation: () =>
    attestationMessage(orderScope, {
      keys,
      platform: "Simulated",
      measurement: filled(0x0f),
      tcbDate: 1_690_000_000_000,
      debug: true,
      evidence: filled(0x10),
      issued: 1_700_000_000_001,
      expires: 1_700_000_600_001,
    }),
  review: () =>
    reviewMessage(orderScope, {
      policyVersion: 3,
      clear: true,
      reason: filled(0x11),
      until: 1_760_000_000_000,
    }),
  receipt: () =>
    receiptMessage(orderScope, {
      suite: 1,
      lines: [
        { dataset, root, keyCommitment: commitment, packet: filled(0x12), good: true },
        {
          dataset: filled(0x13),
          root: filled(0x14),
          keyCommitment: filled(0x15),
          packet: filled(0x16),
          good: false,
        },
      ],
      output: filled(0x17),
    }),
  settlement: () => settlementMessage(orderScope, agreement),
  concession: () => concessionMessage(orderScope, agreement),
  ballot: () =>
    ballotMessage(scope, {
      ...proposal,
      own: { favour: 6_000, against: 3_000, abstain: 1_000 },
      delegated: null,
      nonce: 2,
      reason: utf8("because"),
    }),
  veto: () => vetoMessage(scope, proposal),
  emergency: () => emergencyMessage(scope, { act: filled(0x19), number: 3, deadline: proposal.deadline }),
  proposal_content: () => proposalContent(person, 1, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)),
};

describe("every signed message has the bytes that the contracts rebuild", () => {
  test.each(Object.keys(messages))("%s", (name) => {
    expect(toHex(messages[name]!())).toBe(vectors[name]);
  });

  test("and the fixture has no message that is not built here", () => {
    expect(Object.keys(vectors).sort()).toEqual(Object.keys(messages).sort());
  });
});

describe("a message is bound to everything that it names", () => {
  test("no two kinds of message over the same fields are equal", () => {
    const built = Object.values(messages).map((build) => toHex(build()));
    expect(new Set(built).size).toBe(built.length);
  });

  test("any change of a 32-byte field changes a dataset's id", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 * 32 - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const fields = [filled(1), filled(2), filled(3), filled(4)];
        const before = datasetId({ genesis: fields[0]!, contract: fields[1]! }, fields[2]!, fields[3]!);
        fields[at >> 5]![at & 31]! ^= flip;
        const after = datasetId({ genesis: fields[0]!, contract: fields[1]! }, fields[2]!, fields[3]!);
        expect(toHex(after)).not.toBe(toHex(before));
      }),
      { numRuns: 50 },
    );
  });

  test("a key commitment is the hash of domain, root and key", () => {
    const key = filled(0xaa);
    expect(keyCommitment(root, key)).toEqual(blake2b256(concatBytes(utf8("keystrand/key"), root, key)));
  });
});

describe("a field that does not fit is refused", () => {
  test("a digest of another length", () => {
    expect(() => keyCommitment(root.subarray(1), filled(1))).toThrow(ByteLengthError);
    expect(() => keyCommitment(root, new Uint8Array(33))).toThrow(ByteLengthError);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53, -1n, 1n << 64n])("a time of %s", (deadline) => {
    expect(() => settlementMessage(orderScope, { ...agreement, deadline })).toThrow(FieldRangeError);
  });

  test.each([-1, 0.5, 65_536])("a share of %s", (share) => {
    expect(() => settlementMessage(orderScope, { ...agreement, share })).toThrow(FieldRangeError);
  });

  test("a line number past a byte", () => {
    expect(() => settlementMessage(orderScope, { ...agreement, lines: [256] })).toThrow(FieldRangeError);
  });
});

test("a wallet's wrapping stands around the message", () => {
  expect(walletMessage(fromHex("0x0102"))).toEqual(
    concatBytes(utf8("<Bytes>"), Uint8Array.of(1, 2), utf8("</Bytes>")),
  );
});
