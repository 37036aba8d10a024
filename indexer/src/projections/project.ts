import { prettifyError, ZodError } from "zod";
import type { AbiLibrary } from "../chain/abi.ts";
import type { ContractBlock, DecodedEvent, EmittedEvent } from "../chain/block.ts";
import { ScaleError } from "../chain/scale.ts";
import { contractCodes, contracts } from "../database/schema/index.ts";
import type { Reducers } from "./reducer.ts";
import { type Moment, NotApplicable, positionOf, type RowOf, type Rows } from "./rows.ts";

/** A cache that can keep or drop the changes of one event. */
export interface StagedRows extends Rows {
  accept(): void;
  discard(): void;
}

/** What became of one event: as it is stored raw. */
export interface EventRecord extends EmittedEvent {
  contractName: string;
  codeHash: string;
  decoded: DecodedEvent | null;
  /** Why it was not decoded or not applied. */
  problem: string | null;
}

/** A block's events with what became of each. */
export interface ProjectedBlock {
  events: EventRecord[];
  /** Name of the called message by extrinsic index, where it is known. */
  messages: Map<number, string>;
}

/**
 * Applies a block's events to the tables, in the chain's order.
 *
 * An event that cannot be decoded, or that tells of something unknown, is returned with its problem and
 * changes nothing; every other failure is thrown.
 */
export async function projectBlock(
  block: ContractBlock,
  rows: StagedRows,
  abis: AbiLibrary,
  reducers: Readonly<Record<string, Reducers>>,
): Promise<ProjectedBlock> {
  const records: EventRecord[] = [];
  const messages = await namesOfMessages(block, rows, abis);
  const extrinsics = new Map(block.extrinsics.map((extrinsic) => [extrinsic.index, extrinsic]));
  for (const event of block.events) {
    const contract = await rows.get(contracts, event.contract);
    if (contract === undefined) throw new Error(`event of ${event.contract}, which is not in the deployment`);
    const position = positionOf(block.height, event.index);
    if (event.kind === "code") {
      rows.put(contracts, { ...contract, codeHash: event.codeHash, since: block.height });
      rows.put(contractCodes, { address: event.contract, position, codeHash: event.codeHash });
      rows.accept();
      continue;
    }
    const extrinsic = event.extrinsicIndex === null ? undefined : extrinsics.get(event.extrinsicIndex);
    const record = await projectEvent(
      event,
      contract,
      {
        height: block.height,
        blockHash: block.hash,
        timestamp: block.timestamp,
        position,
        contract: event.contract,
        signer: extrinsic?.signer ?? null,
        extrinsicHash: extrinsic?.hash ?? null,
      },
      rows,
      abis,
      reducers[contract.name] ?? {},
    );
    records.push(record);
  }
  return { events: records, messages };
}

/** Names of the called messages by extrinsic index, by the code that each callee had before the block. */
async function namesOfMessages(
  block: ContractBlock,
  rows: Rows,
  abis: AbiLibrary,
): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (const { index, contract, selector } of block.extrinsics) {
    if (contract === null || selector === null) continue;
    const callee = await rows.get(contracts, contract);
    const name = callee && abis.get(callee.codeHash)?.message(selector);
    if (name !== undefined) names.set(index, name);
  }
  return names;
}

/** Characters of a problem that are kept. */
const LONGEST_PROBLEM = 500;

async function projectEvent(
  event: EmittedEvent,
  contract: RowOf<typeof contracts>,
  at: Moment,
  rows: StagedRows,
  abis: AbiLibrary,
  reducers: Reducers,
): Promise<EventRecord> {
  const record: EventRecord = {
    ...event,
    contractName: contract.name,
    codeHash: contract.codeHash,
    decoded: null,
    problem: null,
  };
  const abi = abis.get(contract.codeHash);
  if (!abi) return { ...record, problem: `no metadata for code ${contract.codeHash}` };
  try {
    record.decoded = abi.decodeEvent(event.topics, event.data);
    const reduce = reducers[record.decoded.name];
    if (!reduce) throw new NotApplicable(`no projection for ${contract.name}.${record.decoded.name}`);
    await reduce(record.decoded.fields, at, rows);
    rows.accept();
  } catch (error) {
    rows.discard();
    if (!(error instanceof ScaleError || error instanceof NotApplicable || error instanceof ZodError))
      throw error;
    record.problem = (error instanceof ZodError ? prettifyError(error) : error.message).slice(
      0,
      LONGEST_PROBLEM,
    );
  }
  return record;
}
