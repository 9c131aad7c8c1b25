/** One certificate: it is asked for, renewed in time, and tried again. */

import { log } from "../../../logging/logger.ts";
import { failureReason } from "../../../os_error.ts";
import { renewalIdOf } from "../../../certificates/requests.ts";
import type { Pair } from "../board.ts";
import { namesOf } from "../progress.ts";
import { CERTIFICATE_SUFFIX } from "../state_folder.ts";
import {
  factsOf,
  pairText,
  storedFor,
  type StoredPair,
} from "../stored_pair.ts";
import type { Wanted } from "../wanted.ts";
import type { Account } from "./account.ts";
import { readKeyFile } from "./account.ts";
import type { Bulletin } from "./bulletin.ts";
import { type Clock, MAX_SLEEP_MS } from "./clock.ts";
import type { Desk } from "./desk.ts";
import {
  AuthorityError,
  counted,
  LocalFailure,
  MAX_TEXT,
  oneLine,
  remedyFor,
  Unreachable,
  waitAfter,
} from "./failure.ts";
import { SigningKey } from "./keys.ts";
import { finishOrder, newOrder, type OrderOptions } from "./order.ts";
import {
  type CertificateRecord,
  readRecord,
  saneRetry,
  writeRecord,
} from "./record.ts";
import {
  adviceOn,
  ASK_AGAIN_MS,
  earliestRenewal,
  MAX_POLL_MS,
  momentIn,
  type RenewalAdvice,
  usualRenewal,
} from "./renewal.ts";

/** How often the authority may have one renewed before its time, in ms. */
const ADVICE_PAUSE_MS = 3_600_000;

/** What failed: in words of our own, or else in those of the system. */
function reasonOf(error: unknown): string {
  const isOwn = error instanceof LocalFailure ||
    error instanceof AuthorityError || error instanceof Unreachable;
  // Parts of it may be what an authority has said, at any length.
  return isOwn ? oneLine(error.message, MAX_TEXT) : failureReason(error);
}

/** After how many failures another order is made instead of the one there is. */
const MAX_ORDER_FAILURES = 3;

/** A key that was noted; `undefined` if it is none. */
async function keptKey(pem: string): Promise<SigningKey | undefined> {
  try {
    return await SigningKey.read(pem);
  } catch {
    return undefined; // The file was changed by somebody.
  }
}

/** What a {@linkcode Keeper} is made with. */
export interface KeeperOptions {
  readonly wanted: Wanted;
  /** What is stored already. */
  readonly stored: StoredPair | undefined;
  readonly desk: Desk;
  readonly bulletin: Bulletin;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Keeps one certificate. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #names: string;
  #stored: StoredPair | undefined;
  #record: CertificateRecord = { failures: 0 };
  #advice: (RenewalAdvice & { readonly moment: number }) | undefined;
  /** When to ask for advice, in ms since 1970. */
  #askAt = 0;
  /** When something is done next, as it was told last. */
  #due: number | undefined;
  /** Whether what is served is stored, too. */
  #isSaved = true;
  /** What is said once. */
  #told = new Set<string>();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#stored = options.stored;
    this.#names = namesOf(options.wanted);
  }

  /** Takes over what another server has stored meanwhile. */
  look(): void {
    const { wanted, desk, bulletin } = this.#options;
    const found = storedFor(wanted, desk.state);
    if (found === undefined) return;
    if (found.pair.cert === this.#stored?.pair.cert) return;
    this.#stored = found;
    this.#advice = undefined;
    this.#askAt = 0;
    bulletin.setPair(wanted.id, found.pair);
    bulletin.setProgress(wanted.id, { notAfter: found.facts.notAfter });
  }

  /** Keeps it until it is stopped. */
  async run(): Promise<never> {
    const { wanted, desk, clock } = this.#options;
    this.look();
    this.#record = readRecord(wanted, desk.state, clock.now());
    const { lastSuccess, lastFailure } = this.#record;
    this.#options.bulletin.setProgress(wanted.id, { lastSuccess, lastFailure });
    for (;;) {
      await this.#waitForRenewal();
      try {
        await desk.turn(wanted.id, () => this.#renew());
      } catch (error) {
        this.#options.signal.throwIfAborted();
        this.#hasFailed(error);
      }
    }
  }

  /** Waits until there is something to do; the clock may be set meanwhile. */
  async #waitForRenewal(): Promise<void> {
    const { clock, signal } = this.#options;
    for (;;) {
      const now = clock.now();
      if (!this.#isSaved) this.#save();
      // A moment beyond all waits was noted by a clock that was wrong.
      const isToAsk = now >= this.#askAt || this.#askAt > now + MAX_POLL_MS;
      if (this.#stored !== undefined && isToAsk) {
        await this.#askForAdvice();
      }
      const retryAt = saneRetry(this.#record.retryAt, now) ?? 0;
      const due = Math.max(retryAt, this.#renewalAt());
      this.#tellNext(due);
      if (due <= now) return;
      const next = this.#stored === undefined
        ? due
        : Math.min(due, Math.max(this.#askAt, now + 1000));
      await clock.sleep(Math.min(next - now, MAX_SLEEP_MS), signal);
    }
  }

  /** Tells when something is done next, in ms since 1970; 0: at once. */
  #tellNext(due: number): void {
    if (due === this.#due) return;
    this.#due = due;
    const { bulletin, clock, wanted } = this.#options;
    const nextAttempt = Math.max(due, clock.now());
    bulletin.setProgress(wanted.id, { nextAttempt });
  }

  #renewalAt(): number {
    if (this.#stored === undefined) return 0;
    const { lastSuccess } = this.#record;
    const now = this.#options.clock.now();
    const usual = Math.max(
      usualRenewal(this.#stored.facts),
      lastSuccess === undefined || lastSuccess > now
        ? 0
        : earliestRenewal(this.#stored.facts, lastSuccess),
    );
    if (this.#advice === undefined) return usual;
    const { advisedAt } = this.#record;
    const { moment } = this.#advice;
    const isHeard = advisedAt === undefined || advisedAt > now;
    if (isHeard || moment >= usual) return moment;
    // Who says so of every certificate is not heard each time.
    return Math.max(moment, Math.min(advisedAt + ADVICE_PAUSE_MS, usual));
  }

  async #askForAdvice(): Promise<void> {
    const { desk, clock, signal } = this.#options;
    const now = clock.now();
    this.#askAt = now + ASK_AGAIN_MS;
    try {
      const id = this.#record.renewalId ??
        await renewalIdOf(this.#stored!.pair.cert);
      const advice = id === undefined
        ? undefined
        : await adviceOn(id, desk.client, now);
      if (advice === undefined) return;
      this.#askAt = advice.askAt;
      const { start, end } = this.#advice ?? {};
      // The moment is chosen once for a window (RFC 9773 §4.2).
      const moment = start === advice.start && end === advice.end
        ? this.#advice!.moment
        : momentIn(advice, clock.random());
      if (moment < now && this.#advice?.moment !== moment) {
        const why = advice.explanation === ""
          ? ""
          : `, see ${oneLine(advice.explanation)}`;
        log.notice(
          `"${desk.issuer.name}" wants the certificate for ${this.#names} ` +
            `to be renewed now${why}`,
        );
      }
      this.#advice = { ...advice, moment };
    } catch (error) {
      signal.throwIfAborted();
      log.info(
        `"${desk.issuer.name}" could not be asked when to renew ` +
          `${this.#names}: ${reasonOf(error)}`,
      );
    }
  }

  /** Gets the next certificate. */
  async #renew(): Promise<void> {
    const { desk } = this.#options;
    // Nothing is asked for that could not be kept.
    this.#note({});
    let account = await desk.account();
    for (let tries = 1;; tries++) {
      const wasUnderWay = this.#record.order !== undefined;
      try {
        const pair = await this.#order(account);
        if (wasUnderWay && pair.cert === this.#stored?.pair.cert) {
          // It had been fetched before the end of the program.
          this.#note({ order: undefined });
          continue;
        }
        return await this.#hasSucceeded(pair);
      } catch (error) {
        if (!(error instanceof AuthorityError)) throw error;
        if (error.status < 500) this.#note({ order: undefined });
        const isLost = error.kind === "accountDoesNotExist";
        if (tries > 1 || !(isLost || (wasUnderWay && error.status < 500))) {
          throw error;
        }
        if (!isLost) continue;
        desk.forgetAccount();
        account = await desk.account();
      }
    }
  }

  /** Makes an order, or goes on with the one that is under way. */
  async #order(account: Account): Promise<Pair> {
    const { wanted, desk, clock, signal, bulletin } = this.#options;
    const options: OrderOptions = {
      client: desk.client,
      account,
      issuer: desk.issuer,
      identifiers: wanted.identifiers,
      answers: bulletin,
      clock,
      signal,
      warn: (message) => this.#warnOnce(message),
    };
    const { failures } = this.#record;
    let { order } = this.#record;
    const isOther = order?.directory !== desk.issuer.uri;
    const isStuck = failures > 0 && failures % MAX_ORDER_FAILURES === 0;
    if (isOther || isStuck) order = undefined;
    const ordered = order && await keptKey(order.key);
    const key = ordered ?? await this.#key();
    if (order === undefined || ordered === undefined) {
      const url = await newOrder(
        options,
        this.#stored && this.#record.renewalId,
      );
      order = { directory: desk.issuer.uri, url, key: key.pem };
      this.#note({ order });
      log.info(`a certificate for ${this.#names} is ordered: ${url}`);
    }
    const cert = await finishOrder(order.url, key, options);
    return { cert, key: key.pem };
  }

  async #key(): Promise<SigningKey> {
    const { key } = this.#options.wanted;
    return typeof key === "string"
      ? await SigningKey.generate(key)
      : await readKeyFile(key.path);
  }

  async #hasSucceeded(pair: Pair): Promise<void> {
    const { wanted, clock, bulletin, desk } = this.#options;
    const facts = factsOf(pair.cert);
    const wasAdvised = this.#advice !== undefined &&
      this.#advice.moment < usualRenewal(this.#stored!.facts);
    this.#stored = { pair, facts };
    this.#advice = undefined;
    this.#askAt = 0;
    bulletin.setPair(wanted.id, pair);
    const now = clock.now();
    this.#record = {
      failures: 0,
      lastSuccess: now,
      lastFailure: this.#record.lastFailure,
      advisedAt: wasAdvised ? now : this.#record.advisedAt,
      renewalId: await renewalIdOf(pair.cert),
      // It goes when the certificate is stored.
      order: this.#record.order,
    };
    bulletin.setProgress(wanted.id, {
      notAfter: facts.notAfter,
      lastSuccess: now,
    });
    log.notice(
      `"${desk.issuer.name}" has issued a certificate for ${this.#names}, ` +
        `valid until ${new Date(facts.notAfter).toISOString()}`,
    );
    this.#isSaved = false;
    this.#save();
  }

  /** Stores what is served; tries again later if it cannot. */
  #save(): void {
    const { wanted, desk } = this.#options;
    const name = `${wanted.fileName}${CERTIFICATE_SUFFIX}`;
    try {
      desk.state.write(name, pairText(this.#stored!.pair));
      this.#note({ order: undefined });
      this.#isSaved = true;
      this.#told.delete(name);
    } catch (error) {
      if (this.#told.has(name)) return;
      this.#told.add(name);
      log.error(
        `the certificate for ${this.#names} is served, and cannot be stored ` +
          `in ${desk.state.pathOf(name)} (${failureReason(error)}): it is ` +
          "tried again every minute",
      );
    }
  }

  #hasFailed(error: unknown): void {
    const { wanted, clock, bulletin, desk } = this.#options;
    const now = clock.now();
    const failures = this.#record.failures + 1;
    const { count, counts } = counted(error, this.#record.counts);
    const retryAt = now + waitAfter(error, count, clock.random());
    const lastError = reasonOf(error);
    const news = { failures, counts, retryAt, lastFailure: now, lastError };
    try {
      this.#note(news);
    } catch {
      // It is known as long as the program lives.
      this.#record = { ...this.#record, ...news };
    }
    bulletin.setProgress(wanted.id, { lastFailure: now });
    const remedy = remedyFor(error);
    const kept = this.#stored === undefined
      ? ""
      : `; the old one is served, valid until ${
        new Date(this.#stored.facts.notAfter).toISOString()
      }`;
    log.error(
      `"${desk.issuer.name}" has issued no certificate for ${this.#names}: ` +
        `${lastError}${
          remedy === "" ? "" : ` (${remedy})`
        }; it is tried again ` +
        `at ${new Date(retryAt).toISOString()}${kept}`,
    );
  }

  /** Notes how it goes. @throws {LocalFailure} when it cannot be kept */
  #note(news: Partial<CertificateRecord>): void {
    const { wanted, desk, signal } = this.#options;
    signal.throwIfAborted();
    const record = { ...this.#record, ...news };
    writeRecord(wanted, desk.state, record);
    this.#record = record;
  }

  #warnOnce(message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    log.warn(message);
  }
}
