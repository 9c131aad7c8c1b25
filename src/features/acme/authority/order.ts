/**
 * From an order to a certificate (RFC 8555 §7.4, §7.5). An order is where it is:
 * one that was begun before is gone on with, whatever has been done of it.
 */

import type { Identifier } from "../identifiers.ts";
import type { ChallengeKind, Issuer } from "../issuer.ts";
import { MAX_TOKEN_LENGTH } from "../room.ts";
import type { Account } from "./account.ts";
import { chosenChain } from "./chain.ts";
import { makeRequest } from "../../../certificates/requests.ts";
import type { Client, Reply } from "./client.ts";
import type { Clock } from "./clock.ts";
import { checkDelivery } from "./delivery.ts";
import {
  AuthorityError,
  checkedProblem,
  oneLine,
  type ProblemDocument,
  Unreachable,
} from "./failure.ts";
import { base64Url, type SigningKey } from "./keys.ts";

/** How long the authority may take for one step, in ms. */
const STEP_MS = 5 * 60_000;

/** The first and the longest pause before asking again, in ms. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** The most authorizations of an order, for each of its names. */
const MAX_AUTHORIZATIONS = 4;

/**
 * How many names of an order are proved at a time: Let's Encrypt refuses who
 * asks more than twenty times in a second.
 */
const MAX_PROOFS = 4;

/** An order (RFC 8555 §7.1.3). */
interface Order {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
  readonly error: ProblemDocument | undefined;
}

/** What has to be proved (RFC 8555 §7.1.4). */
interface Authorization {
  readonly status: string;
  readonly identifier: Identifier;
  readonly challenges: readonly Challenge[];
}

interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly error: ProblemDocument | undefined;
}

/** What somebody says, before it has been looked at. */
type Unknown<T> = { readonly [K in keyof T]?: unknown };

/** What an order says that is at `url`, for `count` names. */
function readOrder(reply: Reply, url: string, count: number): Order {
  const order = reply.json<Unknown<Order>>();
  const { status, authorizations, finalize, certificate, error } = order;
  const isOrder = typeof status === "string" && typeof finalize === "string" &&
    Array.isArray(authorizations) &&
    authorizations.length <= count * MAX_AUTHORIZATIONS &&
    authorizations.every((each) => typeof each === "string");
  if (!isOrder) throw new Unreachable(`${url} is no order`);
  return {
    status,
    authorizations,
    finalize,
    certificate: typeof certificate === "string" ? certificate : undefined,
    error: checkedProblem(error),
  };
}

/** What an authorization says that is at `url`, for one of `identifiers`. */
function readAuthorization(
  reply: Reply,
  url: string,
  identifiers: readonly Identifier[],
): Authorization {
  const authorization = reply.json<Unknown<Authorization>>();
  const { status, identifier, challenges } = authorization;
  const { value } = (identifier ?? {}) as Unknown<Identifier>;
  if (typeof status !== "string" || !Array.isArray(challenges)) {
    throw new Unreachable(`${url} is no authorization`);
  }
  const asked = identifiers.find((each) =>
    each.value === String(value).toLowerCase()
  );
  if (asked === undefined) {
    throw new Unreachable(
      `${url} is for "${oneLine(String(value))}", which was not asked for`,
    );
  }
  return {
    status,
    identifier: asked,
    challenges: challenges.flatMap((each) => readChallenge(each) ?? []),
  };
}

function readChallenge(value: unknown): Challenge | undefined {
  const { type, url, token, error } = (value ?? {}) as Unknown<Challenge>;
  if (typeof type !== "string" || typeof url !== "string") return undefined;
  return { type, url, token: String(token), error: checkedProblem(error) };
}

/** Where answers to challenges are given. */
export interface Answers {
  /** Gives one, until the result is called. */
  give(
    kind: ChallengeKind,
    identifier: Identifier,
    token: string,
    keyAuthorization: string,
  ): Promise<() => void> | (() => void);
}

/** What an order is made with. */
export interface OrderOptions {
  readonly client: Client;
  readonly account: Account;
  readonly issuer: Issuer;
  readonly identifiers: readonly Identifier[];
  readonly answers: Answers;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Hears of what was wished and cannot be had. */
  warn(message: string): void;
}

/**
 * Makes an order; `replaces` is the certificate that it is to renew (RFC 9773
 * §5). Returns its URL.
 *
 * @throws {AuthorityError | Unreachable}
 */
export async function newOrder(
  { client, account, issuer, identifiers, warn }: OrderOptions,
  replaces: string | undefined,
): Promise<string> {
  const { newOrder: url, meta, renewalInfo } = await client.directory();
  const profile = profileOf(issuer, meta?.profiles, warn);
  const order = {
    identifiers,
    ...(profile === undefined ? {} : { profile }),
  };
  const known = renewalInfo === undefined ? undefined : replaces;
  const reply = await post(known).catch((error) => {
    // It has been replaced before, or is not known: then it is a new one.
    const isAboutIt = error instanceof AuthorityError && known !== undefined &&
      ["alreadyReplaced", "malformed"].includes(error.kind);
    if (isAboutIt) return post(undefined);
    throw error;
  });
  if (reply.location !== "") return reply.location;
  throw new Unreachable(`${url} names no order`);

  function post(replaces: string | undefined): Promise<Reply> {
    return client.post(
      url,
      account,
      replaces === undefined ? order : { ...order, replaces },
    );
  }
}

/** @throws {AuthorityError} when the profile has to be, and is not there */
function profileOf(
  { profile, name }: Issuer,
  known: Readonly<Record<string, string>> | undefined,
  warn: (message: string) => void,
): string | undefined {
  if (profile === undefined) return undefined;
  if (known !== undefined && Object.hasOwn(known, profile.name)) {
    return profile.name;
  }
  const names = Object.keys(known ?? {});
  const what = `"${name}" has no profile "${profile.name}"` +
    (names.length === 0 ? "" : `, but ${names.join(", ")}`);
  if (profile.required) {
    throw new AuthorityError(what, { detail: "it is required" });
  }
  warn(`${what}: its usual one is asked for`);
  return undefined;
}

/**
 * Brings the order at `url` to its end. Returns the chain, in PEM.
 *
 * @throws {AuthorityError} when the authority refuses
 * @throws {Unreachable} when it cannot be reached, or takes too long
 */
export async function finishOrder(
  url: string,
  key: SigningKey,
  options: OrderOptions,
): Promise<string> {
  const { client, account, issuer, identifiers } = options;
  const done = {
    names: identifiers,
    keys: key.pair,
    algorithm: key.method.sign,
  };
  const { clock, signal } = options;
  // By the pauses: a clock that is set must not end or prolong it.
  let waited = 0;
  let pause = FIRST_PAUSE_MS;
  let asked = false;
  const seen = new Set<string>();
  for (;;) {
    const order = await settled(url, options);
    const { status } = order;
    if (seen.has(status)) {
      // It has not noticed yet what was done.
      if (waited >= STEP_MS) {
        throw new Unreachable(`${url} stays ${status} for too long`);
      }
      waited += pause;
      await clock.sleep(pause, signal);
      pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
    }
    seen.add(status);
    switch (status) {
      case "pending":
        await authorizeAll(order.authorizations, options);
        break;
      case "ready": {
        if (asked) break;
        const csr = base64Url(await makeRequest(done));
        const reply = await client.post(order.finalize, account, { csr });
        asked = true;
        // It is at work now (RFC 8555 §7.4), and says for how long.
        await clock.sleep(pauseOf(reply, clock), signal);
        break;
      }
      case "valid": {
        if (order.certificate === undefined) {
          throw new Unreachable(`${url} is valid and has no certificate`);
        }
        const chain = await chosenChain(
          order.certificate,
          { client, account, issuer, warn: options.warn },
        );
        checkDelivery(chain, {
          url: order.certificate,
          key: key.pem,
          identifiers,
          now: clock.now(),
        });
        return chain;
      }
      default:
        throw new AuthorityError(
          `the order is ${oneLine(status)}`,
          order.error,
        );
    }
  }
}

/** The order when the authority is not at work on it. */
function settled(url: string, options: OrderOptions): Promise<Order> {
  const count = options.identifiers.length;
  return poll(
    url,
    options,
    (reply) => readOrder(reply, url, count),
    ({ status }) => status !== "processing",
  );
}

/** Asks again and again until `isDone`. */
async function poll<T>(
  url: string,
  { client, account, clock, signal }: OrderOptions,
  read: (reply: Reply) => T,
  isDone: (value: T) => boolean,
): Promise<T> {
  let waited = 0;
  for (let pause = FIRST_PAUSE_MS;; pause *= 1.5) {
    const reply = await client.post(url, account);
    const value = read(reply);
    if (isDone(value)) return value;
    if (waited >= STEP_MS) throw new Unreachable(`${url} takes too long`);
    const wanted = pauseOf(reply, clock, Math.min(pause, LONGEST_PAUSE_MS));
    const wait = Math.min(wanted, STEP_MS - waited);
    waited += wait;
    await clock.sleep(wait, signal);
  }
}

/** The pause that the authority wishes, else `usual`, in ms. */
function pauseOf(reply: Reply, clock: Clock, usual = FIRST_PAUSE_MS): number {
  const wanted = reply.retryAfterMs(clock.now()) ?? usual;
  return Math.min(Math.max(wanted, FIRST_PAUSE_MS), STEP_MS);
}

/** Proves every name; all that fail are told. */
async function authorizeAll(
  urls: readonly string[],
  options: OrderOptions,
): Promise<void> {
  const waiting = [...urls];
  const errors: Error[] = [];
  await Promise.all(Array.from({ length: MAX_PROOFS }, async () => {
    for (;;) {
      const url = waiting.shift();
      if (url === undefined) return;
      try {
        await authorize(url, options);
      } catch (error) {
        errors.push(error as Error);
        // It would be the same with those that are left.
        if (!isOfName(error)) waiting.length = 0;
      }
    }
  }));
  options.signal.throwIfAborted();
  const first = errors.find((error) => !isOfName(error)) ?? errors[0];
  if (first === undefined) return;
  for (const other of errors) {
    if (other !== first) first.message += `; ${other.message}`;
  }
  throw first;
}

/** Whether a failure is of one name, and not of the authority or the way. */
function isOfName(error: unknown): boolean {
  return error instanceof AuthorityError && error.status === 0;
}

async function authorize(url: string, options: OrderOptions): Promise<void> {
  const { client, account, issuer, answers, identifiers } = options;
  const read = (reply: Reply) => readAuthorization(reply, url, identifiers);
  const found = read(await client.post(url, account));
  if (found.status === "valid") return;
  const { identifier } = found;
  if (found.status !== "pending") throw unproved(found, issuer.challenge);
  const challenge = found.challenges.find(({ type }) =>
    type === issuer.challenge
  );
  if (challenge === undefined) {
    const offered = found.challenges.map(({ type }) => type).join(", ");
    throw new AuthorityError(`${identifier.value} cannot be proved`, {
      detail:
        `the authority does not offer ${issuer.challenge}, but ${offered}`,
    });
  }
  const { token } = challenge;
  if (!/^[\w-]+$/.test(token) || token.length > MAX_TOKEN_LENGTH) {
    // It becomes a part of a path (RFC 8555 §8.1).
    throw new Unreachable(`${challenge.url} has no token that can be used`);
  }
  const withdraw = await answers.give(
    issuer.challenge,
    identifier,
    token,
    `${token}.${account.thumbprint}`,
  );
  try {
    await client.post(challenge.url, account, {});
    const after = await poll(
      url,
      options,
      read,
      ({ status }) => status !== "pending",
    );
    if (after.status !== "valid") throw unproved(after, issuer.challenge);
  } finally {
    // Who takes over an order that was given up finds the answers in place.
    if (!options.signal.aborted) withdraw();
  }
}

function unproved(
  { identifier, challenges, status }: Authorization,
  kind: ChallengeKind,
): AuthorityError {
  const problem = challenges.find(({ type, error }) =>
    type === kind && error !== undefined
  )?.error;
  return new AuthorityError(
    `${identifier.value} was not proved by ${kind}`,
    problem ?? { detail: `the authorization is ${status}` },
  );
}
