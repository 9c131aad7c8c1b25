/**
 * `valid_referers`: pages from which a file may be asked for. Whether the page
 * is none of them is in `$invalid_referer`; `if` does the rest.
 */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { compileRegex } from "../../config/regex.ts";
import type { Scope } from "../../config/scope.ts";
import { integerDirective } from "../../config/values.ts";
import { ascii, variableTable } from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationPlan, Module } from "../../core/module.ts";
import {
  NO_NAME,
  serverNameDirective,
} from "../../core/settings/server_name.ts";
import { lowerCase, textOf } from "../../http/byte_string.ts";
import type { Pattern } from "../../regex/pattern.ts";
import {
  type HostPattern,
  hostPattern,
  HostTable,
} from "../../routing/host_table.ts";

/** The shortest field that names a page: `http://i.ru`. */
const MIN_REFERER_LENGTH = 11;

/** The longest host that is looked up. */
const MAX_HOST_LENGTH = 256;

/** Fields that name a page: its host, and where the host begins. */
const SCHEME = /^https?:\/\//i;

/** A host and the beginning of the paths that are meant, empty for any. */
interface HostReferer {
  readonly written: string;
  readonly pattern: HostPattern;
  readonly path: string;
}

/** What one argument allows. */
type Referer =
  | { readonly kind: "none" | "blocked" | "server_names" }
  | { readonly kind: "regex"; readonly regex: Pattern }
  | ({ readonly kind: "host" } & HostReferer);

interface PlacedReferer {
  readonly referer: Referer;
  readonly place: SourcePlace;
}

/** @throws {ConfigError} in nginx's words, when `text` is no referer */
function parseReferer(text: string, place: SourcePlace): Referer {
  if (text === "none" || text === "blocked" || text === "server_names") {
    return { kind: text };
  }
  if (text === "") {
    throw new ConfigError(
      'invalid referer ""',
      place,
      'expected "none", "blocked", "server_names", a host or a ~regex',
    );
  }
  if (text === "~") {
    throw new ConfigError(
      'empty regex in "~"',
      place,
      "expected a regular expression behind the ~",
    );
  }
  if (text.startsWith("~")) {
    const options = { ignoreCase: true, place };
    return { kind: "regex", regex: compileRegex(text.slice(1), options) };
  }
  const slash = text.indexOf("/");
  const written = slash < 0 ? text : text.slice(0, slash);
  const pattern = hostPattern(written.toLowerCase());
  if (pattern === undefined) {
    throw new ConfigError(
      `invalid hostname or wildcard "${written}"`,
      place,
      'a "*" may stand for whole labels at the beginning or at the end',
    );
  }
  const path = slash < 0 ? "" : text.slice(slash);
  return { kind: "host", written, pattern, path };
}

/** `valid_referers none | blocked | server_names | string ...`. */
const validReferersDirective: Directive<readonly PlacedReferer[]> =
  defineDirective<readonly PlacedReferer[]>({
    name: "valid_referers",
    contexts: ["server", "location"],
    args: [1, Infinity],
    repeatable: true,
    default: [],
    summary: "Pages that may lead here; for others $invalid_referer is 1.",
    syntax: "none | blocked | server_names | string ...",
    differs: "A block with any of its own has no expressions of an outer one.",
    parse: ({ args, place }, previous = []) =>
      appended(
        previous,
        args.map((text) => ({ referer: parseReferer(text, place), place })),
      ),
  });

/** The referers of one block, compiled. */
class ValidReferers {
  readonly #hosts = new HostTable<{ readonly path: string } | undefined>(
    undefined,
  );
  readonly #regexes: readonly Pattern[];
  readonly #allows: ReadonlySet<Referer["kind"]>;

  /** @throws {ConfigError} when referers contradict each other */
  constructor(
    referers: readonly PlacedReferer[],
    names: readonly HostReferer[],
  ) {
    this.#allows = new Set(referers.map(({ referer }) => referer.kind));
    this.#regexes = referers.flatMap(({ referer }) =>
      referer.kind === "regex" ? [referer.regex] : []
    );
    for (const { referer, place } of referers) {
      if (referer.kind === "host") this.#add(referer, place);
      if (referer.kind === "server_names") {
        for (const name of names) this.#add(name, place);
      }
    }
    const [first] = referers;
    const allowsNobody = this.#allows.has("none") ||
      this.#allows.has("blocked");
    if (first !== undefined && allowsNobody && this.#hosts.size === 0) {
      throw new ConfigError(
        'the "none" or "blocked" referers are specified in the ' +
          '"valid_referers" directive without any valid referer',
        first.place,
        "add the hosts that may refer to it, such as server_names",
      );
    }
  }

  #add({ written, pattern, path }: HostReferer, place: SourcePlace): void {
    if (this.#hosts.add(pattern, { path })) return;
    throw new ConfigError(
      `conflicting parameter "${written.toLowerCase()}"`,
      place,
      "the same host stands before",
    );
  }

  /** `ngx_http_referer_variable()`: whether `referer`, a byte string, is one. */
  has(referer: string | undefined): boolean {
    if (referer === undefined) return this.#allows.has("none");
    const scheme = referer.length < MIN_REFERER_LENGTH
      ? undefined
      : SCHEME.exec(referer)?.[0];
    if (scheme === undefined) return this.#allows.has("blocked");
    const page = referer.slice(scheme.length);
    const end = page.search(/[/:]/);
    const host = end < 0 ? page : page.slice(0, end);
    if (host.length > MAX_HOST_LENGTH) return false;
    const found = this.#hosts.match(lowerCase(host));
    if (found !== undefined) {
      const slash = page.indexOf("/");
      return (slash < 0 ? "" : page.slice(slash)).startsWith(found.path);
    }
    const text = textOf(page);
    return this.#regexes.some((regex) => regex.exec(text) !== null);
  }
}

/** The referers of blocks with some of their own. */
const REFERERS = new WeakMap<Scope, ValidReferers>();

/** The names of the server that `scope` is in. */
function namesOf(scope: Scope): readonly HostReferer[] {
  const server = scope.nearest(({ context }) => context === "server");
  const names = server?.own(serverNameDirective) ?? [];
  return (names.length === 0 ? [NO_NAME] : names).map(({ text, pattern }) => ({
    written: text,
    pattern,
    path: "",
  }));
}

/** Those for a location; `undefined` if every page is valid. */
function referersOf({ scope }: LocationPlan): ValidReferers | undefined {
  const owner = scope.nearest((outer) => outer.has(validReferersDirective));
  return owner && REFERERS.get(owner);
}

function create(scope: Scope): undefined {
  const own = scope.own(validReferersDirective);
  if (own === undefined) return;
  REFERERS.set(scope, new ValidReferers(own, namesOf(scope)));
}

/** One of nginx's sizes of hash tables, which grow by themselves here. */
function hashSize(name: string, value: number): Directive<number> {
  return integerDirective({
    name,
    contexts: ["server", "location"],
    default: value,
    summary: "A size of the tables of valid_referers in nginx.",
    differs: "Without effect: a table is as large as it has to be.",
  });
}

/** Where requests come from. */
export const validReferersModule: Module = {
  name: "valid_referers",
  directives: [
    validReferersDirective,
    hashSize("referer_hash_max_size", 2048),
    hashSize("referer_hash_bucket_size", 64),
  ],
  dependsOn: [],
  variables: variableTable({
    invalid_referer: ascii(({ location, request }: Exchange) => {
      const referers = referersOf(location);
      return referers === undefined || referers.has(request.get("referer"))
        ? ""
        : "1";
    }),
  }),
  create,
};
