/** What `web/serve.ts` needs to know of a running system. */
import type { Home } from "./home.ts";
import type { Endpoints } from "./system.ts";

/** Environment of the front end's server. Everyone who opens the page may store data: it is a development system. */
export const webEnvironment = (
  home: Pick<Home, "path">,
  endpoints: Endpoints,
): Readonly<Record<string, string>> => ({
  NODE_URL: endpoints.node,
  INDEXER_URL: endpoints.indexer,
  KEYSTRAND_DEPLOYMENT: home.path("deployment.json"),
  CUSTODIAN_URL: endpoints.custodian,
  ENCLAVE_URL: endpoints.enclave,
  BLOCK_STORE_URL: endpoints.blockStore.url,
  BLOCK_STORE_TOKEN: endpoints.blockStore.token,
});
