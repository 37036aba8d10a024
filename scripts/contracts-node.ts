/** Where the real node is: substrate-contracts-node, which no package registry carries. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

export const CONTRACTS_NODE_NAME = "substrate-contracts-node";

/** What to tell a person who has none. */
export const HOW_TO_GET_THE_NODE = `${CONTRACTS_NODE_NAME} was not found. Put it on PATH, or set CONTRACTS_NODE to the path of the program (version 0.42.0).`;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The node's path: CONTRACTS_NODE where it is set, else the first on PATH.
 * @returns undefined when there is none
 * @throws Error when CONTRACTS_NODE names something that cannot be run
 */
export function findContractsNode(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env["CONTRACTS_NODE"];
  if (named !== undefined && named !== "") {
    if (!isProgram(named))
      throw new Error(`CONTRACTS_NODE is ${named}, which is not a program that can be run.`);
    return resolve(named);
  }
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, CONTRACTS_NODE_NAME)).find(isProgram);
}
