import type { Expectation } from "./events.ts";

/** What each contract runs: the newest of its codes. */
export const contracts: Expectation = {
  table: "contracts",
  columns: ["address", "code_hash"],
  select: `SELECT DISTINCT ON (address) address, code_hash FROM contract_codes ORDER BY address, position DESC`,
};
