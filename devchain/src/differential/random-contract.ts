import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concat } from "../codec/bytes.ts";
import { encodeU64 } from "../codec/scale.ts";
import { blake2_256 } from "../crypto/hashing.ts";
import { assembleContract, OUT, OUT_LENGTH, type Step, tellResults } from "./contract.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const NOWHERE = -1;

const weights = {
  write: 14,
  clear: 10,
  read: 5,
  contains: 6,
  take: 6,
  hash: 14,
  event: 6,
  call: 10,
  delegate: 3,
  instantiate: 3,
  transfer: 4,
  surroundings: 3,
  sr25519: 4,
  ecdsa: 4,
  setCode: 2,
  inspect: 3,
  debug: 1,
};

const amount = (plancks: bigint) => concat(encodeU64(plancks), new Uint8Array(8));

/** Few keys, so that clears and reads find something. */
function key(random: Random): Uint8Array {
  return new Uint8Array(random.pick([1, 4, 32])).fill(random.below(6));
}

function step(random: Random, world: World): Step {
  const contracts = world.contracts;
  const { codes } = world;
  const kind = random.weighted(weights);
  switch (kind) {
    case "write": {
      const [at, value] = [key(random), random.bytes(random.pick([0, 1, 31, 32, 33, 200]))];
      return { call: "seal2.set_storage", args: [at, at.length, value, value.length] };
    }
    case "clear": {
      const at = key(random);
      return { call: "seal1.clear_storage", args: [at, at.length] };
    }
    case "read": {
      const at = key(random);
      return { call: "seal1.get_storage", args: [at, at.length, OUT, OUT_LENGTH] };
    }
    case "contains": {
      const at = key(random);
      return { call: "seal1.contains_storage", args: [at, at.length] };
    }
    case "take": {
      const at = key(random);
      return { call: "seal0.take_storage", args: [at, at.length, OUT, OUT_LENGTH] };
    }
    case "hash": {
      const call = random.pick([
        "seal0.hash_sha2_256",
        "seal0.hash_keccak_256",
        "seal0.hash_blake2_256",
        "seal0.hash_blake2_128",
      ] as const);
      const input = random.bytes(random.below(80));
      return { call, args: [input, input.length, OUT] };
    }
    case "event": {
      const data = random.bytes(random.below(60));
      const topics = random.chance(0.5) ? concat(Uint8Array.of(4), random.bytes(32)) : undefined;
      return { call: "seal0.deposit_event", args: [topics ?? 0, topics?.length ?? 0, data, data.length] };
    }
    case "call":
      return {
        call: "seal1.call",
        args: [
          0,
          choose(random, contracts),
          0n,
          amount(BigInt(random.below(1000))),
          0,
          0,
          NOWHERE,
          OUT_LENGTH,
        ],
      };
    case "delegate":
      return { call: "seal0.delegate_call", args: [0, choose(random, codes), 0, 0, NOWHERE, OUT_LENGTH] };
    case "instantiate": {
      const salt = random.bytes(8);
      return {
        call: "seal1.instantiate",
        args: [
          choose(random, codes),
          0n,
          amount(10n ** 10n),
          0,
          0,
          OUT,
          OUT_LENGTH,
          NOWHERE,
          OUT_LENGTH,
          salt,
          8,
        ],
      };
    }
    case "transfer":
      return {
        call: "seal0.transfer",
        args: [random.pick(world.rich).addressRaw, 32, amount(BigInt(random.below(10_000))), 16],
      };
    case "surroundings":
      return {
        call: random.pick([
          "seal0.caller",
          "seal0.address",
          "seal0.balance",
          "seal0.now",
          "seal0.block_number",
          "seal0.gas_left",
        ] as const),
        args: [OUT, OUT_LENGTH],
      };
    case "sr25519": {
      const message = random.bytes(random.below(40));
      const pair = random.pick(world.rich);
      const signature = pair.sign(message);
      if (random.chance(0.3)) signature[5]! ^= 1;
      return { call: "seal0.sr25519_verify", args: [signature, pair.publicKey, message.length, message] };
    }
    case "ecdsa": {
      const digest = blake2_256(random.bytes(8));
      const recovered = secp256k1.sign(digest, random.bytes(32), { prehash: false, format: "recovered" });
      const signature = concat(recovered.subarray(1), Uint8Array.of(recovered[0]!));
      if (random.chance(0.3)) signature[random.below(65)]! ^= 255;
      return { call: "seal0.ecdsa_recover", args: [signature, digest, OUT] };
    }
    case "setCode":
      return { call: "seal0.set_code_hash", args: [choose(random, codes)] };
    case "inspect": {
      const whose = choose(random, contracts);
      return random.chance(0.5)
        ? { call: "seal0.is_contract", args: [whose] }
        : { call: "seal0.code_hash", args: [whose, OUT, OUT_LENGTH] };
    }
    case "debug":
      return { call: "seal0.debug_message", args: [Uint8Array.of(111, 107), 2] };
  }
}

/** One that exists, or now and then one that does not. */
function choose(random: Random, known: readonly Uint8Array[]): Uint8Array {
  return known.length === 0 || random.chance(0.05) ? random.bytes(32) : random.pick(known);
}

/** How a random `call` may end. */
function ending(random: Random, world: World): Step[] {
  switch (random.weighted({ plain: 10, answer: 3, revert: 2, trap: 1, loop: 1, terminate: 12 })) {
    case "plain":
      return [];
    case "answer":
      return [{ call: "seal0.seal_return", args: [0, random.bytes(20), 20] }];
    case "revert":
      return [{ call: "seal0.seal_return", args: [1, random.bytes(20), 20] }];
    case "trap":
      return ["trap"];
    case "loop":
      return ["loop"];
    case "terminate":
      return [{ call: "seal1.terminate", args: [random.pick(world.rich).addressRaw] }];
  }
}

/** A contract of random steps on the contracts and codes there are. */
export function randomContract(random: Random, world: World): Uint8Array {
  const some = (most: number) => Array.from({ length: 1 + random.below(most) }, () => step(random, world));
  const deploy: readonly Step[] = random.chance(0.05) ? ["trap"] : some(8).filter(isAllowedInDeploy);
  const steps = some(14);
  return assembleContract(deploy, [...steps, tellResults(steps.length), ...ending(random, world)]);
}

/** Set apart so that most deployments succeed: a constructor that changes its own code or calls others often fails. */
function isAllowedInDeploy(each: Step): boolean {
  return typeof each === "object" && !["seal0.set_code_hash", "seal1.instantiate"].includes(each.call);
}
