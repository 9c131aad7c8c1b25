/**
 * Whoever deals with one authority: has its folder for itself, one account, and
 * few orders at a time.
 */

import { failureReason } from "../../../os_error.ts";
import { log } from "../../../logging/logger.ts";
import type { Issuer } from "../issuer.ts";
import { FolderTaken, type State } from "../state_folder.ts";
import { type Account, forgetAccount, openAccount } from "./account.ts";
import { Client } from "./client.ts";
import type { Clock } from "./clock.ts";
import {
  counted,
  type FailureCounts,
  LocalFailure,
  waitAfter,
} from "./failure.ts";
import { Pace } from "./pace.ts";
import { certificatesIn } from "../../tls/pem.ts";

/** How many orders of one authority are under way at a time. */
const MAX_ORDERS = 4;

/** How often a folder that another server has is looked at, in ms. */
const TAKEN_MS = 5000;

/** What a {@linkcode Desk} is made with. */
export interface DeskOptions {
  readonly issuer: Issuer;
  readonly state: State;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Deals with one authority. */
export class Desk {
  readonly issuer: Issuer;
  readonly state: State;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #client: Client | undefined;
  #account: Promise<Account> | undefined;
  #accountFailures: FailureCounts = {};
  /** Why there is no account, and from when to when that is heard, in ms. */
  #refusal:
    | {
      readonly error: unknown;
      readonly since: number;
      readonly until: number;
    }
    | undefined;
  readonly #pace: Pace;
  #orders = 0;
  readonly #queue: (() => void)[] = [];

  constructor({ issuer, state, clock, signal }: DeskOptions) {
    this.issuer = issuer;
    this.state = state;
    this.#clock = clock;
    this.#signal = signal;
    this.#pace = new Pace(clock, signal);
    signal.addEventListener("abort", () => {
      for (const go of this.#queue.splice(0)) go();
    }, { once: true });
  }

  /** What speaks with the authority; made when it is needed. */
  get client(): Client {
    if (this.#client !== undefined) return this.#client;
    const client = new Client({
      uri: this.issuer.uri,
      roots: rootsOf(this.issuer),
      signal: this.#signal,
      now: () => this.#clock.now(),
    });
    this.#signal.addEventListener("abort", () => client.close(), {
      once: true,
    });
    return this.#client = client;
  }

  /** Waits until nobody else has the folder; `look` is called in between. */
  async takeState(look: () => void): Promise<void> {
    for (let failures = 0;;) {
      let wait = TAKEN_MS;
      try {
        const release = await this.state.take();
        if (this.#signal.aborted) release();
        this.#signal.throwIfAborted();
        this.#signal.addEventListener("abort", release, { once: true });
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        const path = this.state.pathOf("").replace(/\/$/, "");
        if (error instanceof FolderTaken) {
          if (failures++ === 0) {
            log.notice(
              `"${path}" is used by ${error.message}, which renews its ` +
                "certificates: they are served from there",
            );
          }
        } else {
          const failure = new LocalFailure();
          wait = waitAfter(failure, ++failures, this.#clock.random());
          log.error(
            `state_path "${path}" cannot be written ` +
              `(${failureReason(error)}): no certificate can be asked for`,
          );
        }
      }
      look();
      await this.#clock.sleep(wait, this.#signal);
    }
  }

  /** The account, opened once; a failure is heard for as long as it lasts. */
  account(): Promise<Account> {
    const { issuer, state } = this;
    if (this.#refusal !== undefined) {
      const { error, since, until } = this.#refusal;
      const now = this.#clock.now();
      // The clock may have been set back.
      if (since <= now && now < until) return Promise.reject(error);
      this.#refusal = undefined;
    }
    return this.#account ??= openAccount(issuer, this.client, state).then(
      (account) => {
        this.#accountFailures = {};
        return account;
      },
      (error) => {
        const { count, counts } = counted(error, this.#accountFailures);
        this.#accountFailures = counts;
        const wait = waitAfter(error, count, 0);
        const since = this.#clock.now();
        this.#refusal = { error, since, until: since + wait };
        this.#account = undefined;
        throw error;
      },
    );
  }

  /** The authority has lost the account: the next one is a new one. */
  forgetAccount(): void {
    this.#account = undefined;
    forgetAccount(this.state);
  }

  /** Does `work` for the certificate `id` when it is its turn. */
  async turn<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#orders >= MAX_ORDERS) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else {
      this.#orders++;
    }
    try {
      this.#signal.throwIfAborted();
      return await this.#pace.keep(id, work);
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#orders--;
      else next();
    }
  }
}

/** @throws {LocalFailure} when the file has no certificate */
function rootsOf({ trusted }: Issuer): string[] {
  if (trusted === undefined) return [];
  let text: string;
  try {
    text = Deno.readTextFileSync(trusted.path);
  } catch (cause) {
    throw new LocalFailure(
      `"${trusted.path}" cannot be read: ${failureReason(cause)}`,
      { cause },
    );
  }
  const roots = certificatesIn(text);
  if (roots === undefined) {
    throw new LocalFailure(`"${trusted.path}" has no certificate`);
  }
  return [roots];
}
