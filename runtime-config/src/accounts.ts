/** An account of Substrate's public development phrase. Everybody knows its key: never use it for value. */
export interface WellKnownAccount {
  readonly name: string;
  /** Secret URI below the development phrase, as @polkadot/keyring's `addFromUri` takes it. */
  readonly uri: string;
  /** SS58 with prefix 42. */
  readonly address: string;
}

/** The accounts that the node's development genesis endows, in its order. Alice holds sudo. */
export const wellKnownAccounts: readonly WellKnownAccount[] = [
  { name: "Alice", uri: "//Alice", address: "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY" },
  {
    name: "Alice//stash",
    uri: "//Alice//stash",
    address: "5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY",
  },
  { name: "Bob", uri: "//Bob", address: "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty" },
  { name: "Bob//stash", uri: "//Bob//stash", address: "5HpG9w8EBLe5XCrbczpwq5TSXvedjrBGCwqxK1iQ7qUsSWFc" },
  { name: "Charlie", uri: "//Charlie", address: "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y" },
  {
    name: "Charlie//stash",
    uri: "//Charlie//stash",
    address: "5Ck5SLSHYac6WFt5UZRSsdJjwmpSZq85fd5TRNAdZQVzEAPT",
  },
  { name: "Dave", uri: "//Dave", address: "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy" },
  { name: "Dave//stash", uri: "//Dave//stash", address: "5HKPmK9GYtE1PSLsS1qiYU9xQ9Si1NcEhdeCq9sw5bqu4ns8" },
  { name: "Eve", uri: "//Eve", address: "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw" },
  { name: "Eve//stash", uri: "//Eve//stash", address: "5FCfAonRZgTFrTd9HREEyeJjDpT397KMzizE6T3DvebLFE7n" },
  { name: "Ferdie", uri: "//Ferdie", address: "5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL" },
  {
    name: "Ferdie//stash",
    uri: "//Ferdie//stash",
    address: "5CRmqmsiNFExV6VbdmPJViVxrWmkaXXvBrSX8oqBT8R9vmWk",
  },
];
