/** What can go wrong with an authority, and how long it is left alone then. */

/** A kind of problem (RFC 8555 §6.7), without the beginning of all of them. */
const ERROR_PREFIX = "urn:ietf:params:acme:error:";

/** A document that says what went wrong (RFC 7807, RFC 8555 §6.7). */
export interface ProblemDocument {
  readonly type?: string | undefined;
  readonly detail?: string | undefined;
  readonly subproblems?: readonly ProblemDocument[];
  /** Whose problem a part of another one is. */
  readonly identifier?: { readonly value?: string | undefined };
}

/** The most parts of a problem that are told: one for each name mostly. */
const MAX_SUBPROBLEMS = 100;

/**
 * What is a problem of what an authority says, which may be anything, with its
 * parts; `undefined` if nothing is.
 */
export function checkedProblem(value: unknown): ProblemDocument | undefined {
  const problem = partOf(value);
  if (problem === undefined) return undefined;
  const { subproblems } = value as { readonly subproblems?: unknown };
  return {
    ...problem,
    subproblems: (Array.isArray(subproblems) ? subproblems : [])
      .slice(0, MAX_SUBPROBLEMS)
      .flatMap((each) => partOf(each) ?? []),
  };
}

function partOf(value: unknown): ProblemDocument | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { type, detail, identifier } = value as Record<string, unknown>;
  const text = (part: unknown) => typeof part === "string" ? part : undefined;
  const whose = (identifier as { readonly value?: unknown } | null | undefined)
    ?.value;
  return {
    type: text(type),
    detail: text(detail),
    identifier: { value: text(whose) },
  };
}

/** The authority has refused something. */
export class AuthorityError extends Error {
  /** The kind of problem, such as `rateLimited`; empty if that is not said. */
  readonly kind: string;
  /** The status of its answer; 0 for what it says of a challenge. */
  readonly status: number;
  /** How long it wants to be left alone, in ms, if it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    what: string,
    problem: ProblemDocument | undefined,
    { status = 0, retryAfterMs }: {
      readonly status?: number;
      readonly retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(`${what}: ${problemText(problem, status)}`);
    this.kind = (problem?.type ?? "").replace(ERROR_PREFIX, "");
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a problem says, in one line. */
function problemText(
  problem: ProblemDocument | undefined,
  status: number,
): string {
  const kind = (problem?.type ?? "").replace(ERROR_PREFIX, "");
  const text = [
    status === 0 ? "" : `status ${status}`,
    kind,
    oneLine(problem?.detail ?? ""),
    ...(problem?.subproblems ?? []).map(({ identifier, detail, type }) =>
      oneLine(`${identifier?.value ?? ""} ${detail ?? type ?? ""}`.trim())
    ),
  ].filter((part) => part !== "").join(", ");
  return text === "" ? "no reason is given" : text.slice(0, MAX_TEXT);
}

/** The longest part of somebody else's that goes into the log. */
const MAX_PART = 1000;

/** The longest text of a whole failure. */
export const MAX_TEXT = 4000;

/** Somebody else's text as a part of a line, of so many letters at most. */
export function oneLine(text: string, most: number = MAX_PART): string {
  return String(text).replaceAll(/\s+/g, " ").slice(0, most);
}

/** The authority could not be reached, or did not speak the protocol. */
export class Unreachable extends Error {}

/** Something of this machine is in the way, such as a full disk. */
export class LocalFailure extends Error {}

/** The kinds of failures, and the waits that they lead to, in ms. */
const WAITS = {
  /** Let's Encrypt allows five failed proofs of a name in an hour. */
  refused: { firstMs: 5 * 60_000, mostMs: 24 * 3_600_000 },
  /** Nobody counts these. */
  unreachable: { firstMs: 10_000, mostMs: 3_600_000 },
  local: { firstMs: 60_000, mostMs: 3_600_000 },
} as const satisfies Readonly<
  Record<string, { readonly firstMs: number; readonly mostMs: number }>
>;

/** How much of a wait is left to chance: many servers fail at one moment. */
const JITTER = 0.25;

/** The longest wait that is heard of, in ms: a week. */
const MAX_RETRY_AFTER_MS = 7 * 24 * 3_600_000;

/** One of the kinds of {@linkcode WAITS}. */
type FailureClass = keyof typeof WAITS;

function classOf(error: unknown): FailureClass {
  if (error instanceof Unreachable) return "unreachable";
  if (error instanceof LocalFailure) return "local";
  if (error instanceof AuthorityError) {
    return error.status >= 500 ? "unreachable" : "refused";
  }
  return "local";
}

/** How often something has failed since it went well, by the kind of failure. */
export type FailureCounts = Readonly<Partial<Record<FailureClass, number>>>;

/**
 * `before` and one more: how often there was one like `error`, and all of them.
 * A night without the network must not make the first refusal wait for a day.
 */
export function counted(
  error: unknown,
  before: FailureCounts = {},
): { readonly count: number; readonly counts: FailureCounts } {
  const kind = classOf(error);
  const count = (before[kind] ?? 0) + 1;
  return { count, counts: { ...before, [kind]: count } };
}

/**
 * How long to wait after failure number `count` of its kind, in ms: twice as long
 * each time, and never less than the authority wants. `random` is from 0 to 1.
 */
export function waitAfter(
  error: unknown,
  count: number,
  random: number,
): number {
  const { firstMs, mostMs } = WAITS[classOf(error)];
  const doubled = firstMs * 2 ** Math.min(count - 1, 30);
  const own = Math.min(doubled, mostMs) * (1 + JITTER * random);
  const wanted = error instanceof AuthorityError ? error.retryAfterMs ?? 0 : 0;
  // Its end, too, is not for everybody at once.
  const later = wanted > 0 ? wanted + firstMs * JITTER * random : 0;
  return Math.max(own, Math.min(later, MAX_RETRY_AFTER_MS));
}

/** What somebody can do about problems of these kinds. */
const REMEDIES: Readonly<Record<string, string>> = {
  rateLimited: "nothing is to be done but to wait",
  connection: "the authority has to reach this server under the name: look " +
    "at its address in the DNS and at the firewall",
  dns: "look at the name's address in the DNS",
  unauthorized: "another server answers under the name: look at its address " +
    "in the DNS, or at what is in front of this server",
  caa: "a CAA record in the DNS keeps this authority from issuing",
  tls: "the authority has to reach port 443 of this server",
  rejectedIdentifier: "the authority does not issue for such a name",
  userActionRequired: "the terms of the authority have changed: read them",
  externalAccountRequired: "expected external_account_key with what the " +
    "authority has given you",
  badContact: "look at contact",
  invalidContact: "look at contact",
  unsupportedContact: "look at contact",
};

/** The same of a request, where that is another thing than of a proof. */
const REQUEST_REMEDIES: Readonly<Record<string, string>> = {
  ...REMEDIES,
  unauthorized: "the authority does not let this account do so: look at " +
    "external_account_key, or remove account.key for a new account",
};

/** What to do about a failure; empty if there is nothing to say. */
export function remedyFor(error: unknown): string {
  if (!(error instanceof AuthorityError)) return "";
  const { kind, status } = error;
  const remedies = status === 0 ? REMEDIES : REQUEST_REMEDIES;
  return Object.hasOwn(remedies, kind) ? remedies[kind]! : "";
}
