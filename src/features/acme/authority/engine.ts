/** Gets certificates of all authorities and renews them. */

import { loadX509 } from "../../../certificates/library.ts";
import { log } from "../../../logging/logger.ts";
import type { Board } from "../board.ts";
import type { Issuer } from "../issuer.ts";
import type { State } from "../state_folder.ts";
import type { StoredPair } from "../stored_pair.ts";
import type { Wanted } from "../wanted.ts";
import { Bulletin } from "./bulletin.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { Desk } from "./desk.ts";
import { Keeper } from "./keeper.ts";

/** Loads what is loaded when it is needed first, otherwise. */
export async function loadLibraries(): Promise<void> {
  await loadX509();
}

/** What {@linkcode runEngine} works with. */
export interface EngineOptions {
  readonly wanted: readonly Wanted[];
  /** What is stored of it, by {@linkcode Wanted.id}. */
  readonly stored: ReadonlyMap<string, StoredPair>;
  readonly states: ReadonlyMap<Issuer, State>;
  /** Where workers are told. */
  readonly board: Board;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** The system's if left out. */
  readonly clock?: Clock;
}

/** Runs until it is stopped. Settles then. */
export async function runEngine(
  { wanted, stored, states, board, signal, clock = SYSTEM_CLOCK }:
    EngineOptions,
): Promise<void> {
  const bulletin = new Bulletin(board, clock, signal);
  await Promise.all(
    [...states].map(async ([issuer, state]) => {
      const desk = new Desk({ issuer, state, clock, signal });
      const keepers = wanted.filter((each) => each.issuer === issuer)
        .map((each) =>
          new Keeper({
            wanted: each,
            stored: stored.get(each.id),
            desk,
            bulletin,
            clock,
            signal,
          })
        );
      await attempt(() =>
        desk.takeState(() => keepers.forEach((keeper) => keeper.look()))
      );
      if (signal.aborted) return;
      await Promise.all(keepers.map((keeper) => attempt(() => keeper.run())));
    }),
  );

  /** A mistake here must not take the server with it. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      log.alert("a certificate is not looked after any more", { error });
    }
  }
}
