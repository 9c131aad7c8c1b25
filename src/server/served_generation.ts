/**
 * A generation of the configuration while it is served: it ends, with its logs
 * and files, when another one has taken its place and the last connection has
 * gone over to it.
 */

import type { Stop } from "../core/module.ts";
import type { Generation } from "./setup/configuration.ts";
import type { HostGroup } from "./setup/host_group.ts";
import { startModules } from "./setup/start_modules.ts";
import type { SessionPlace, SharedBySessions } from "./sessions/session.ts";

/** A place of sessions that says whose it is. */
export interface ServedPlace extends SessionPlace {
  readonly generation: ServedGeneration;
}

/** A generation of the configuration that is served, and who still uses it. */
export class ServedGeneration {
  /** What is served. */
  readonly generation: Generation;
  /** What its sessions share; made by the server with the first one. */
  shared: SharedBySessions | undefined;
  /** Where its sessions are; thousands share a few. */
  readonly places = new Map<HostGroup, ServedPlace>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #ended: () => void;
  readonly #stop: Stop;
  #sessions = 0;
  #retired = false;

  /** `ended` is called when nothing is served by it any more. */
  constructor(generation: Generation, ended: () => void) {
    this.generation = generation;
    this.#ended = ended;
    this.#stop = startModules("start", generation);
  }

  /** Whether sessions belong to it. */
  get isOpen(): boolean {
    return this.#sessions > 0;
  }

  /** Settles when its logs are written and its files closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** A session belongs to it from now on. */
  enter(): void {
    this.#sessions++;
  }

  /** A session has nothing left to do, or has gone over to another one. */
  leave(): void {
    this.#sessions--;
    this.#closeIfUnused();
  }

  /**
   * Another one has taken its place. What it keeps for requests to come goes
   * at once: a client that takes its time for the last answer must not hold a
   * cache in memory.
   */
  retire(): void {
    this.#retired = true;
    this.#clearCaches();
    this.#closeIfUnused();
  }

  #clearCaches(): void {
    const { files, parts, compressed } = this.generation.environment;
    files.clear();
    parts.clear();
    compressed.clear();
  }

  #closeIfUnused(): void {
    if (!this.#retired || this.#sessions > 0) return;
    const { files, logs } = this.generation.environment;
    this.#stop();
    this.#ended();
    this.#clearCaches();
    files.stop();
    logs.close().finally(() => this.#closed.resolve());
  }
}
