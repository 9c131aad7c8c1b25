/**
 * `gzip_static`, `brotli_static`, `zstd_static`: files that somebody has
 * compressed beforehand, found beside the original by their ending.
 *
 * A sibling that is older than its original was forgotten when the original
 * was written anew, and is not sent. Times count in whole seconds: compressors
 * copy the original's time, not all with its fraction.
 */

import type { AnyDirective, Directive } from "../../config/directive.ts";
import type { SourcePlace } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { oneOfDirective, onOffDirective } from "../../config/values.ts";
import { type Coding, CODINGS, SUFFIXES } from "../../files/coding/codings.ts";
import type { FileEntry } from "../../files/cache/file_entry.ts";
import { isOfClock } from "../../files/cache/validators.ts";
import { Field } from "../../http/fields.ts";
import {
  compressionTerms,
  saysVary,
  type Terms,
} from "../compression/compression_terms.ts";
import { CodingChooser } from "../compression/coding_chooser.ts";
import type { Exchange } from "../../core/exchange.ts";
import { trace } from "../../core/trace.ts";
import type { FileLocation } from "../../core/file_location.ts";
import type { Module } from "../../core/module.ts";

/** Whether siblings are used. */
type StaticMode =
  | "off"
  /** For clients that accept the coding. */
  | "on"
  /** For all clients, whatever they accept and however old the sibling is. */
  | "always";

function modeDirective(name: string, ending: string): Directive<StaticMode> {
  return oneOfDirective<StaticMode>({
    name,
    contexts: ["http", "server", "location"],
    values: ["off", "on", "always"],
    default: "off",
    summary: `Whether a file "name${ending}" is sent for "name".`,
    differs: 'With "on", one older than its original is not sent.',
  });
}

/** The directive of each coding. */
const STATIC_DIRECTIVES: Readonly<Record<Coding, Directive<StaticMode>>> = {
  br: modeDirective("brotli_static", SUFFIXES.br),
  zstd: modeDirective("zstd_static", SUFFIXES.zstd),
  gzip: modeDirective("gzip_static", SUFFIXES.gzip),
};

const staleVariants = onOffDirective({
  name: "stale_variants",
  contexts: ["http", "server", "location"],
  default: false,
  summary: "Whether a compressed file older than its original is sent.",
  differs: "nginx has no such directive.",
});

/** What is sent for a file that has siblings. */
export interface Selection {
  /** The sibling, or the original. */
  readonly entry: FileEntry;
  /** The coding of the sibling; `undefined` for the original. */
  readonly coding: Coding | undefined;
  /** Whether another client would have been sent something else. */
  readonly varies: boolean;
}

/** A sibling that could be sent. */
interface Sibling {
  readonly coding: Coding;
  readonly mode: StaticMode;
  readonly entry: FileEntry;
}

/** Finds siblings in one location. */
export class StaticVariants {
  readonly #files: FileLocation;
  readonly #modes: readonly (readonly [Coding, StaticMode])[];
  readonly #stale: boolean;
  readonly #vary: boolean;
  readonly #terms: Terms;
  readonly #chooser = new CodingChooser();

  readonly #placeOf: (coding: Coding) => SourcePlace | undefined;

  private constructor(
    scope: Scope,
    files: FileLocation,
    modes: readonly (readonly [Coding, StaticMode])[],
  ) {
    this.#files = files;
    this.#modes = modes;
    this.#stale = scope.get(staleVariants);
    this.#vary = saysVary(scope);
    this.#terms = compressionTerms(scope);
    this.#placeOf = (coding) => scope.placeOf(STATIC_DIRECTIVES[coding]);
  }

  /** The siblings of `scope`; `undefined` when none are looked for. */
  static of(scope: Scope, files: FileLocation): StaticVariants | undefined {
    const modes = CODINGS
      .map((coding) => [coding, scope.get(STATIC_DIRECTIVES[coding])] as const)
      .filter(([, mode]) => mode !== "off");
    return modes.length === 0
      ? undefined
      : new StaticVariants(scope, files, modes);
  }

  /**
   * What to send for `original`, a file or nothing; `undefined` if it has no
   * sibling that counts, `unacceptable` if it is nothing and this client
   * accepts none of its siblings.
   */
  select(
    exchange: Exchange,
    original: FileEntry,
  ): Selection | "unacceptable" | undefined {
    const siblings = this.#siblings(exchange, original);
    if (siblings.length === 0) return undefined;
    const varies = this.#vary && siblings.some(({ mode }) => mode === "on");
    const sibling = this.#accepted(exchange, siblings) ??
      siblings.find(({ mode }) => mode === "always");
    trace.steps?.push({
      kind: "variant",
      text: sibling === undefined
        ? "the file as it is: the client accepts no compressed sibling"
        : `the "${sibling.coding}" sibling, which ${
          sibling.mode === "always" ? "is for everybody" : "the client accepts"
        }`,
      file: (sibling?.entry ?? original).path,
      place: this.#placeOf((sibling ?? siblings[0]!).coding),
    });
    if (sibling !== undefined) {
      return { entry: sibling.entry, coding: sibling.coding, varies };
    }
    return original.kind === "file"
      ? { entry: original, coding: undefined, varies }
      : "unacceptable";
  }

  #siblings(exchange: Exchange, original: FileEntry): Sibling[] {
    const found: Sibling[] = [];
    for (const [coding, mode] of this.#modes) {
      const entry = this.#files.sibling(exchange, original, SUFFIXES[coding]);
      if (entry.kind !== "file") continue;
      if (mode === "on" && !this.#stale && isOlder(entry, original)) continue;
      found.push({ coding, mode, entry });
    }
    return found;
  }

  /** The best sibling that the client accepts. */
  #accepted(
    exchange: Exchange,
    siblings: readonly Sibling[],
  ): Sibling | undefined {
    if (!exchange.request.has(Field.AcceptEncoding)) return undefined;
    if (!this.#terms.allow(exchange)) return undefined;
    const coding = this.#chooser.choose(
      exchange,
      siblings.map((sibling) => sibling.coding),
    );
    return siblings.find((sibling) => sibling.coding === coding);
  }
}

/** How long it may take until all files of a version have come, in ms. */
const DEPLOY_MS = 5 * 60 * 1000;

/**
 * Whether a sibling is from before its original. Where a build gives one date
 * to all files, it is the sibling that was not put there with the original.
 */
export function isOlder(sibling: FileEntry, original: FileEntry): boolean {
  const [ours, theirs] = [sibling, original]
    .map(({ mtimeMs }) => Math.floor(mtimeMs / 1000));
  if (ours !== theirs || isOfClock(original.identity)) return ours! < theirs!;
  return sibling.identity.ctimeMs + DEPLOY_MS < original.identity.ctimeMs;
}

const directives: readonly AnyDirective[] = [
  ...Object.values(STATIC_DIRECTIVES),
  staleVariants,
];

/** Compressed siblings; `static` asks for them. */
export const staticVariantsModule: Module = {
  name: "static_variants",
  directives,
};
