export {
  type ChainServer,
  ChainServerError,
  type ChainServerListeners,
  createChainServer,
} from "./chain-server.ts";
export type { BlockMessage, ChainServerOptions } from "./protocol.ts";
export {
  DEFAULT_PORT,
  DEFAULT_SERVER_LIMITS,
  type RunningServer,
  type ServerLimits,
  type ServerOptions,
  startServer,
} from "./server.ts";
