import type { KeyringPair } from "@polkadot/keyring/types";
import { account } from "../chain/signer.fixture.ts";
import { ascii, concat, toHex } from "../codec/bytes.ts";
import { encodeBytes } from "../codec/scale.ts";
import { blake2_256 } from "../crypto/hashing.ts";
import { assembleContract, type Step } from "./contract.ts";
import type { Random } from "./random.ts";
import { randomContract } from "./random-contract.ts";
import type { World } from "./world.ts";

const UNIT = 10n ** 12n;

/** The mix, in parts; printed with a run so that it can be repeated. */
export const mix = {
  transfer: 8,
  tip: 3,
  otherSchemes: 19,
  newAccount: 4,
  reap: 5,
  overdraft: 2,
  upload: 4,
  instantiateWithCode: 12,
  instantiate: 12,
  call: 26,
  starvedCall: 4,
  removeCode: 2,
  setStorage: 6,
  killPrefix: 7,
  killStorage: 2,
  batch: 5,
  failingBatch: 3,
  asset: 20,
  terminate: 8,
  refusedUpgrade: 11,
};
export type OperationName = keyof typeof mix;

export interface Operation {
  readonly name: OperationName;
  /** Signed, with its length prefix. */
  readonly extrinsic: Uint8Array;
}

const GAS = { refTime: 20_000_000_000, proofSize: 1_000_000 };
const UNCHECKED = { refTime: 1_000_000, proofSize: 0 };

/** First extrinsics of a run: money for the accounts of the other signature schemes. */
export function funding(world: World): Uint8Array {
  const { signer } = world;
  const to = (pair: KeyringPair) =>
    signer.call("Balances", "transfer_keep_alive", { Id: pair.addressRaw }, 100_000n * UNIT);
  return world.sign(account("Alice"), signer.call("Utility", "batch", [to(world.ed25519), to(world.ecdsa)]));
}

/** A random operation on the chain as it is now. */
export function randomOperation(random: Random, world: World): Operation {
  const name = random.weighted(mix);
  return { name, extrinsic: makers[name](random, world) };
}

type Maker = (random: Random, world: World) => Uint8Array;

const plainCalls = {
  transfer: (random: Random, { signer, rich }: World, most = UNIT) =>
    signer.call(
      "Balances",
      random.pick(["transfer_keep_alive", "transfer_allow_death"]),
      { Id: random.pick(rich).addressRaw },
      BigInt(random.below(Number(most))),
    ),
  contractCall: (random: Random, { signer, contracts }: World) =>
    signer.call(
      "Contracts",
      "call",
      { Id: contracts.length > 0 ? random.pick(contracts) : random.bytes(32) },
      BigInt(random.below(10_000)),
      GAS,
      null,
      toHex(random.bytes(random.below(8))),
    ),
};

/** One of a hundred accounts that have money for a while. */
function temporary(random: Random): KeyringPair {
  return account(`temporary/${random.below(100)}`);
}

function stored(random: Random): Uint8Array {
  return concat(ascii("differential/"), Uint8Array.of(random.below(3), random.below(40)));
}

/** Writes a few keys when it is made and ends when it is called. */
function shortLivedContract(random: Random, beneficiary: Uint8Array): Uint8Array {
  const writes = Array.from({ length: random.below(6) }, (_, i): Step => {
    const value = random.bytes(random.below(50));
    return { call: "seal2.set_storage", args: [new Uint8Array(4).fill(i), 4, value, value.length] };
  });
  return assembleContract(writes, [{ call: "seal1.terminate", args: [beneficiary] }]);
}

function bySudo(world: World, call: Uint8Array): Uint8Array {
  return world.sign(account("Alice"), world.signer.call("Sudo", "sudo_unchecked_weight", call, UNCHECKED));
}

const makers: Record<OperationName, Maker> = {
  transfer: (random, world) => world.sign(random.pick(world.rich), plainCalls.transfer(random, world)),

  tip: (random, world) =>
    world.sign(random.pick(world.rich), plainCalls.transfer(random, world), random.below(1_000_000)),

  otherSchemes: (random, world) =>
    world.sign(random.pick([world.ed25519, world.ecdsa]), plainCalls.transfer(random, world, 1000n)),

  newAccount: (random, world) =>
    world.sign(
      random.pick(world.rich),
      world.signer.call(
        "Balances",
        "transfer_keep_alive",
        { Id: temporary(random).addressRaw },
        BigInt(1 + random.below(3)) * UNIT,
      ),
    ),

  /** Empties an account so that it goes away; signed for by sudo because it may hold too little for the fee. */
  reap: (random, world) => {
    const whole = world.signer.call(
      "Balances",
      "transfer_all",
      { Id: random.pick(world.rich).addressRaw },
      false,
    );
    return bySudo(world, world.signer.call("Sudo", "sudo_as", { Id: temporary(random).addressRaw }, whole));
  },

  overdraft: (random, world) =>
    world.sign(
      random.pick(world.rich),
      world.signer.call(
        "Balances",
        "transfer_keep_alive",
        { Id: random.pick(world.rich).addressRaw },
        1n << 62n,
      ),
    ),

  upload: (random, world) =>
    world.sign(
      random.pick(world.rich),
      world.signer.call("Contracts", "upload_code", toHex(randomContract(random, world)), null, "Enforced"),
    ),

  instantiateWithCode: (random, world) =>
    world.sign(
      random.pick(world.rich),
      world.signer.call(
        "Contracts",
        "instantiate_with_code",
        UNIT,
        GAS,
        null,
        toHex(randomContract(random, world)),
        "0x",
        toHex(random.bytes(4)),
      ),
    ),

  instantiate: (random, world) => {
    const { codes, signer } = world;
    const code = codes.length > 0 ? random.pick(codes) : random.bytes(32);
    const salt = toHex(random.bytes(4));
    return world.sign(
      random.pick(world.rich),
      signer.call("Contracts", "instantiate", UNIT, GAS, null, code, "0x", salt),
    );
  },

  call: (random, world) => world.sign(random.pick(world.rich), plainCalls.contractCall(random, world)),

  /** With too little gas or deposit for most contracts. */
  starvedCall: (random, world) => {
    const gas = { refTime: 100_000_000 + random.below(2_000_000_000), proofSize: random.below(100_000) };
    const deposit = random.chance(0.5) ? random.below(1_000_000) : null;
    const target = world.contracts.length > 0 ? random.pick(world.contracts) : random.bytes(32);
    return world.sign(
      random.pick(world.rich),
      world.signer.call("Contracts", "call", { Id: target }, 0, gas, deposit, "0x"),
    );
  },

  removeCode: (random, world) => {
    const code = world.codes.length > 0 ? random.pick(world.codes) : random.bytes(32);
    return world.sign(random.pick(world.rich), world.signer.call("Contracts", "remove_code", code));
  },

  setStorage: (random, world) => {
    const items = Array.from({ length: 1 + random.below(8) }, () => [
      toHex(stored(random)),
      toHex(random.bytes(random.pick([0, 1, 32, 33, 100]))),
    ]);
    return bySudo(world, world.signer.call("System", "set_storage", items));
  },

  /** Over and under the limit, sometimes after writing to the same prefix in the same extrinsic. */
  killPrefix: (random, world) => {
    const prefix = concat(ascii("differential/"), Uint8Array.of(random.below(3)));
    const kill = world.signer.call("System", "kill_prefix", toHex(prefix), random.below(12));
    const write = world.signer.call("System", "set_storage", [[toHex(stored(random)), "0x01"]]);
    return bySudo(
      world,
      world.signer.call("Utility", "batch", random.chance(0.5) ? [write, kill] : [kill, kill]),
    );
  },

  killStorage: (random, world) =>
    bySudo(
      world,
      world.signer.call("System", "kill_storage", [toHex(stored(random)), toHex(stored(random))]),
    ),

  batch: (random, world) => {
    const calls = Array.from({ length: 2 + random.below(4) }, () =>
      random.chance(0.7) ? plainCalls.contractCall(random, world) : plainCalls.transfer(random, world),
    );
    return world.sign(random.pick(world.rich), world.signer.call("Utility", "batch", calls));
  },

  /** All of it is rolled back. */
  failingBatch: (random, world) => {
    const fails = world.signer.call("System", "kill_storage", []);
    const calls = [plainCalls.contractCall(random, world), plainCalls.transfer(random, world), fails];
    return world.sign(random.pick(world.rich), world.signer.call("Utility", "batch_all", calls));
  },

  /** Alice owns every asset, so that its whole life is possible: destruction walks over all of its accounts. */
  asset: (random, world) => {
    const { signer } = world;
    const id = random.below(4);
    const owner = { Id: account("Alice").addressRaw };
    const whom = { Id: random.pick(world.rich).addressRaw };
    const call = random.weighted({ create: 5, mint: 5, transfer: 2, approve: 3, destroy: 6 });
    switch (call) {
      case "create":
        return world.sign(account("Alice"), signer.call("Assets", "create", id, owner, 1));
      case "mint":
        return world.sign(account("Alice"), signer.call("Assets", "mint", id, whom, 1000));
      case "transfer":
        return world.sign(random.pick(world.rich), signer.call("Assets", "transfer", id, whom, 10));
      case "approve":
        return world.sign(random.pick(world.rich), signer.call("Assets", "approve_transfer", id, whom, 10));
      case "destroy": {
        const steps = ["start_destroy", "destroy_accounts", "destroy_approvals", "finish_destroy"];
        const calls = steps.map((step) => signer.call("Assets", step, id));
        return world.sign(account("Alice"), signer.call("Utility", "force_batch", calls));
      }
    }
  },

  /** A contract with some storage is made and ends in one extrinsic; its child trie goes when blocks are idle. */
  terminate: (random, world) => {
    const { signer } = world;
    const deployer = random.pick(world.rich);
    const code = shortLivedContract(random, random.pick(world.rich).addressRaw);
    const salt = random.bytes(4);
    // DefaultAddressGenerator of pallet-contracts; the input is empty.
    const address = blake2_256(
      concat(
        ascii("contract_addr_v1"),
        deployer.addressRaw,
        blake2_256(code),
        encodeBytes(new Uint8Array()),
        encodeBytes(salt),
      ),
    );
    const calls = [
      signer.call("Contracts", "instantiate_with_code", UNIT, GAS, null, toHex(code), "0x", toHex(salt)),
      signer.call("Contracts", "call", { Id: address }, 0, GAS, null, "0x"),
    ];
    return world.sign(deployer, signer.call("Utility", "batch", calls));
  },

  /** The runtime asks the host for the version of what is no runtime. */
  refusedUpgrade: (random, world) =>
    bySudo(world, world.signer.call("System", "set_code", toHex(random.bytes(20)))),
};
