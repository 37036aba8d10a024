/**
 * `npm run deploy -- --node URL --config FILE`: puts the contracts on a chain and writes the deployment record.
 *
 * Every address follows from deployer, name and code, so a run that was interrupted is simply run again: what stands
 * is found, what is missing is added, and a whole deployment is left alone.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { accountFrom, connect, faucet, freeBalance, isDevelopmentChain } from "@keystrand/sdk/chain";
import { contractsOf } from "@keystrand/sdk/contracts";
import { admit, type DeployStep, deploy, governors, handOver, TOKEN } from "@keystrand/sdk/deploy";
import { BaseError } from "@keystrand/sdk/errors";
import { mnemonicValidate } from "@polkadot/util-crypto";
import { Command } from "commander";
import { readBundles } from "./deploy/bundles.ts";
import { ConfigError, exampleConfig, readConfig, sdkConfig } from "./deploy/config.ts";

/** About what a deployment pays in fees and storage deposits, measured on the real node: 7 contracts. */
const NEEDED = 40n * TOKEN;

interface DeployOptions {
  readonly node: string;
  readonly config?: string;
  readonly key?: string;
  readonly out: string;
  readonly faucet?: boolean;
  readonly example?: boolean;
}

const secretOf = (file: string | undefined): string => {
  if (file === undefined)
    throw new ConfigError(
      "Name the file that holds the deployer's secret: --key FILE (mnemonic or 0x seed).",
    );
  if (!existsSync(file)) throw new ConfigError(`There is no file ${file}.`);
  const secret = readFileSync(file, "utf8").trim();
  const [phrase = ""] = secret.split("/");
  // The library would take any short text as a seed. What was read is a secret: it stands in no message.
  if (!/^0x[0-9a-f]{64}$/i.test(phrase) && !mnemonicValidate(phrase))
    throw new ConfigError(`${file} holds no mnemonic and no 0x seed of 32 bytes.`);
  return secret;
};

const run = async (options: DeployOptions): Promise<void> => {
  const secret = secretOf(options.key);
  const deployer = await accountFrom(secret);
  if (options.example) {
    console.log(exampleConfig(deployer.address));
    return;
  }
  if (options.config === undefined) throw new ConfigError("Name the configuration: --config FILE.");
  const config = readConfig(options.config);
  const api = await connect(options.node);
  try {
    const have = await freeBalance(api, deployer.address);
    if (have < NEEDED) {
      if (!options.faucet)
        throw new ConfigError(
          `The deployer ${deployer.address} has ${have} units and needs about ${NEEDED}. Send it the difference${(await isDevelopmentChain(api)) ? ", or add --faucet: this is a development chain" : ""}.`,
        );
      await faucet(api, [deployer.address], 10n * NEEDED);
    }
    const deployment = await deploy(
      api,
      options.node,
      readBundles(),
      deployer,
      sdkConfig(config),
      ({ contract, instantiated }: DeployStep) =>
        console.log(
          `${contract.padEnd(13)} ${instantiated.address}  ${instantiated.inclusion ? `block ${instantiated.block} ${instantiated.inclusion.extrinsicHash}` : "was there"}`,
        ),
    );
    const contracts = contractsOf(api, deployment);
    const { governor } = contracts;
    const handedOver = new Set(Object.values(await governors(contracts))).has(governor.address);
    if (!handedOver) await admit(contracts, deployer, config.admit);
    if (config.handOver) await handOver(contracts, deployer, governor.address);
    writeFileSync(`${options.out}.new`, `${JSON.stringify(deployment, null, 2)}\n`);
    renameSync(`${options.out}.new`, options.out);
    console.log(
      config.handOver
        ? `The governor contract ${governor.address} governs every contract.`
        : `The deployer ${deployer.address} still governs every contract: set handOver to true and run this again.`,
    );
    console.log(`The deployment record is ${options.out}.`);
  } finally {
    await api.disconnect();
  }
};

const program = new Command("npm run deploy --")
  .description("Deploys the contracts, admits whom the configuration names, and hands over to the governor.")
  .option("--node <url>", "WebSocket address of a node of the chain", "ws://127.0.0.1:9944")
  .option("--config <file>", "what the deployment is to be (JSON)")
  .option("--key <file>", "file with the deployer's secret: a mnemonic or a 0x seed")
  .option("--out <file>", "the deployment record to write", "deployment.json")
  .option("--faucet", "on a development chain, take what is needed from its faucet")
  .option("--example", "print a configuration to begin with, in which the deployer is the only founder")
  .showHelpAfterError("(--help shows all options)")
  .action(run);

try {
  await program.parseAsync();
} catch (error) {
  const plain = error instanceof BaseError || error instanceof ConfigError;
  console.error(plain ? error.message : error);
  process.exitCode = 1;
}
