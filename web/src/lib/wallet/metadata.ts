import type { ApiPromise } from "@polkadot/api";
import type { InjectedExtension, MetadataDef } from "@polkadot/extension-inject/types";

/** What a wallet needs to show a call of this chain in words instead of bytes. */
export async function metadataOf(api: ApiPromise): Promise<MetadataDef> {
  const [{ specName, specVersion }, chain] = await Promise.all([
    api.rpc.state.getRuntimeVersion(),
    api.rpc.system.chain(),
  ]);
  return {
    chain: `${chain.toString()} (${specName.toString()})`,
    genesisHash: api.genesisHash.toHex(),
    specVersion: specVersion.toNumber(),
    icon: "substrate",
    ss58Format: api.registry.chainSS58 ?? 42,
    tokenDecimals: api.registry.chainDecimals[0] ?? 12,
    tokenSymbol: api.registry.chainTokens[0] ?? "UNIT",
    types: {},
    chainType: "substrate",
  };
}

/** Whether the wallet knows this chain as it runs now. A wallet without a door for this needs none. */
export async function knowsChain(extension: InjectedExtension, api: ApiPromise): Promise<boolean> {
  if (!extension.metadata) return true;
  const known = await extension.metadata.get();
  const genesis = api.genesisHash.toHex();
  const version = api.runtimeVersion.specVersion.toNumber();
  return known.some(({ genesisHash, specVersion }) => genesisHash === genesis && specVersion >= version);
}
