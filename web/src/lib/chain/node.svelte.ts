import type { Contracts } from "@keystrand/sdk/contracts";
import type { Configuration } from "../configuration.ts";

/** How it stands between this page and the chain's node. */
export type NodeState = "idle" | "connecting" | "ready" | "gone" | "otherChain" | "readOnly";

/** The library is loaded late: it is many times the size of the page. */
export type Library = typeof import("./library.ts");

/** A connected node, with the library that talks to it. */
export interface Chain {
  readonly contracts: Contracts;
  readonly library: Library;
}

/** The page cannot reach a node of its chain; `state` says why. */
export class NodeUnavailable extends Error {
  override readonly name = "NodeUnavailable";
  readonly state: NodeState;
  constructor(state: NodeState, options?: ErrorOptions) {
    super(`No node of this chain: ${state}.`, options);
    this.state = state;
  }
}

/** The chain's node, connected to when something first needs it. */
export class ChainNode {
  state = $state<NodeState>("idle");
  #configuration: Configuration;
  #chain: Promise<Chain> | undefined;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    if (configuration.contracts === null) this.state = "readOnly";
  }

  /**
   * The chain, connected to once for the life of the page.
   * @throws {@link NodeUnavailable}
   */
  chain(): Promise<Chain> {
    this.#chain ??= this.#connect().catch((error: unknown) => {
      // The next call tries again.
      this.#chain = undefined;
      throw error;
    });
    return this.#chain;
  }

  async #connect(): Promise<Chain> {
    const { node, genesis, contracts } = this.#configuration;
    if (contracts === null || genesis === null) throw new NodeUnavailable("readOnly");
    const library = await import("./library.ts");
    this.state = "connecting";
    let api: Awaited<ReturnType<Library["connect"]>>;
    try {
      api = await library.connect(node);
    } catch (cause) {
      this.state = "gone";
      throw new NodeUnavailable("gone", { cause });
    }
    try {
      const chain = { library, contracts: library.contractsOf(api, { genesis, node, contracts }) };
      api.on("disconnected", () => {
        this.state = "gone";
      });
      api.on("connected", () => {
        this.state = "ready";
      });
      this.state = "ready";
      return chain;
    } catch (cause) {
      await api.disconnect();
      this.state = "otherChain";
      throw new NodeUnavailable("otherChain", { cause });
    }
  }
}
