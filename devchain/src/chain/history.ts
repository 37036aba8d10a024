import type { JournalEntry } from "../persist/journal.ts";
import { isChildStorageKey, State } from "../state/state.ts";
import type { BlockTree } from "./tree.ts";
import type { StorageChanges } from "./types.ts";

/** Keys in one entry of a state: some megabytes. */
const PART = 20_000;

/**
 * The shortest history that leads to this tree: pruned blocks without what they changed, then the first kept
 * state whole, then all blocks after it.
 * @returns undefined where nothing is pruned, or the state's pairs alone do not lead to its root: then some of its
 * values are laid out by an older version
 */
export function historyOf(tree: BlockTree): Iterable<JournalEntry> | undefined {
  const first = tree.hashAt(tree.prunedBelow);
  if (tree.prunedBelow < 2 || first === undefined) return undefined;
  const { state } = tree.kept(first);
  const version = ([1, 0] as const).find((each) => rebuilt(state, each).root === state.root);
  return version === undefined ? undefined : entriesOf(tree, state, version);
}

function rebuilt(state: State, version: 0 | 1): State {
  let whole = State.empty;
  for (const part of partsOf(state)) whole = whole.with(part, version);
  return whole;
}

function* entriesOf(tree: BlockTree, state: State, version: 0 | 1): IterableIterator<JournalEntry> {
  for (let number = 1; number < tree.prunedBelow; number++) {
    const { header, extrinsics } = tree.block(tree.hashAt(number)!);
    yield { kind: "pruned", header, extrinsics };
  }
  for (const storage of partsOf(state)) yield { kind: "state", version, storage };
  for (const { hash, header, extrinsics } of tree.from(tree.prunedBelow)) {
    // Every kept block but genesis has its changes, and genesis is pruned here.
    yield { kind: "block", header, extrinsics, changes: tree.kept(hash).changes! };
  }
  yield { kind: "best", hash: tree.best.hash };
  yield { kind: "finalized", hash: tree.finalized.hash };
}

type Pairs = StorageChanges["top"];

/** The whole storage, some keys at a time. Child roots follow from the children. */
function* partsOf(state: State): IterableIterator<StorageChanges> {
  for (const top of inParts(state.entries())) {
    yield { top: top.filter(([key]) => !isChildStorageKey(key)), children: [] };
  }
  for (const storageKey of state.childKeys()) {
    for (const changes of inParts(state.child(storageKey)?.entries() ?? [])) {
      yield { top: [], children: [{ storageKey, changes }] };
    }
  }
}

function* inParts(pairs: Iterable<Pairs[number]>): IterableIterator<Pairs> {
  let part: Pairs[number][] = [];
  for (const pair of pairs) {
    part.push(pair);
    if (part.length < PART) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
