/**
 * What is done for certificates as long as a configuration is served: what is
 * stored is told at once, and the rest when the code for it is loaded.
 */

import type { Stop } from "../../core/module.ts";
import { log } from "../../logging/logger.ts";
import type { Board, Notices, Pair, Progress } from "./board.ts";
import type { EngineOptions } from "./authority/engine.ts";
import type { Issuer } from "./issuer.ts";
import { MemoryState, type State, StateFolder } from "./state_folder.ts";
import { StandIns, storedFor, type StoredPair } from "./stored_pair.ts";
import type { Wanted } from "./wanted.ts";

/** The state of issuers that keep none, by name and authority. */
const inMemory = new Map<string, MemoryState>();

function stateOf({ statePath, name, uri }: Issuer): State {
  if (statePath !== undefined) return new StateFolder(statePath);
  const key = `${name} ${uri}`;
  let state = inMemory.get(key);
  if (state === undefined) inMemory.set(key, state = new MemoryState());
  return state;
}

/** Tells of certificates and renews them until the result is called. */
export function supervise(wanted: readonly Wanted[], board: Board): Stop {
  const now = Date.now();
  const states = new Map<Issuer, State>();
  const standIns = new Map<State, StandIns>();
  const stored = new Map<string, StoredPair>();
  const before = board.read();
  // Who still serves the configuration before has its certificates.
  const pairs: Record<string, Pair> = {};
  for (const id of Object.keys(before.progress)) {
    if (before.pairs[id] !== undefined) pairs[id] = before.pairs[id];
  }
  const progress: Record<string, Progress> = {};
  for (const each of wanted) {
    const { id, issuer, identifiers } = each;
    const names = identifiers.map(({ value }) => value);
    let state = states.get(issuer);
    if (state === undefined) {
      states.set(issuer, state = stateOf(issuer));
      standIns.set(state, new StandIns(state, now));
    }
    const own = storedFor(each, state, (message) => log.warn(message));
    if (own !== undefined) stored.set(id, own);
    const shown = own ??
      (pairs[id] === undefined ? standIns.get(state)?.for(each) : undefined);
    if (shown !== undefined) pairs[id] = shown.pair;
    progress[id] = {
      ...before.progress[id],
      names,
      issuer: issuer.name,
      ...(shown === undefined ? {} : { notAfter: shown.facts.notAfter }),
    };
    if (pairs[id] === undefined) {
      log.notice(
        `no certificate for ${names.join(", ")} yet: handshakes are refused ` +
          `until "${issuer.name}" has issued one`,
      );
    }
  }
  tell(board, { ...before, pairs, progress });
  const ending = new AbortController();
  const { signal } = ending;
  run({ wanted, stored, states, board, signal });
  return () => ending.abort();
}

/** Loads all that {@linkcode supervise} will need. */
export async function loadEngine(): Promise<void> {
  const { loadLibraries } = await import("./authority/engine.ts");
  await loadLibraries();
}

/** Loads what deals with authorities, and has it work until it is stopped. */
async function run(options: EngineOptions): Promise<void> {
  try {
    const { runEngine } = await import("./authority/engine.ts");
    if (!options.signal.aborted) await runEngine(options);
  } catch (error) {
    if (options.signal.aborted) return;
    log.alert("certificates cannot be renewed", { error });
  }
}

/** Tells the workers; if there is no room, says so. */
function tell(board: Board, notices: Notices): void {
  try {
    board.write(notices);
  } catch (error) {
    log.alert("certificates cannot be told to the workers", { error });
  }
}
