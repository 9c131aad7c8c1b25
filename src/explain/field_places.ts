/** Where it is said that the fields of an answer are sent. */

import type { SourcePlace } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";
import { onOneLine } from "../core/added_fields.ts";
import { textOf } from "../http/byte_string.ts";
import type { NamedValue } from "../http/request_head.ts";
import { essenceOf } from "../http/semantics/media_type.ts";
import { inForce, type Subject } from "../lint/subject.ts";
import { type ExplainedStep, placeText } from "./step.ts";

/** Directives that set a field of a fixed name. */
const SOURCES: Readonly<Record<string, string>> = {
  "accept-ranges": "max_ranges",
  "cache-control": "expires",
  "etag": "etag",
  "expires": "expires",
  "server": "server_tokens",
  "vary": "gzip_vary",
  "www-authenticate": "auth_basic",
};

/** Steps that decide nothing of where a request goes. */
const ASIDE: ReadonlySet<ExplainedStep["kind"]> = new Set([
  ...["map", "geo", "split_clients", "variant", "near", "rule"] as const,
]);

/** Steps that say where a client is sent. */
const SENDING: ReadonlySet<ExplainedStep["kind"]> = new Set([
  ...["return", "rewrite", "error_page"] as const,
]);

/** Whether a value, which may have variables, can have become `text`. */
export function mayBe(value: string, text: string): boolean {
  const constant = value.split(/\$(?:\w+|\{\w+\})/);
  return new RegExp(
    `^${constant.map((part) => RegExp.escape(part)).join(".*")}$`,
  )
    .test(text);
}

/** What the fields of one answer are looked up by. */
interface FieldPlacesOptions {
  readonly subject: Subject;
  /** The block that answered. */
  readonly scope: Scope;
  /** What was told before. */
  readonly steps: readonly ExplainedStep[];
  /** Whether the content of a file is sent. */
  readonly hasFile: boolean;
}

/** Finds the lines of the fields of one answer. */
export class FieldPlaces {
  readonly #options: FieldPlacesOptions;

  /** Of an answer. */
  constructor(options: FieldPlacesOptions) {
    this.#options = options;
  }

  /** The line of a field, as `FILE:LINE`; `null` if no line says it. */
  of(field: NamedValue): string | null {
    const added = this.#added(field);
    if (added !== undefined) return placeText(added);
    const key = field.name.toLowerCase();
    const { steps } = this.#options;
    switch (key) {
      case "location": {
        const last = steps.findLast(({ kind }) => !ASIDE.has(kind));
        return last !== undefined && SENDING.has(last.kind) ? last.place : null;
      }
      case "content-encoding":
      case "vary":
        return steps.findLast(({ kind }) => kind === "variant")?.place ??
          this.#said(key);
      case "content-type":
        return placeText(this.#type(field.value));
      default:
        return this.#said(key);
    }
  }

  /** The line of what sets a field in all answers of the block. */
  #said(key: string): string | null {
    const { subject, scope } = this.#options;
    const name = SOURCES[key];
    return name === undefined
      ? null
      : placeText(inForce(subject, scope, name).at(-1)?.place);
  }

  /** Of several fields of a name each has its own line. */
  #added({ name, value }: NamedValue): SourcePlace | undefined {
    const { subject, scope } = this.#options;
    const key = name.toLowerCase();
    const isIt = (said: string) => mayBe(onOneLine(said), textOf(value));
    return ["more_set_headers", "add_header"]
      .flatMap((directive) => inForce(subject, scope, directive))
      .find(({ args }) =>
        args.some((arg, i) =>
          arg.toLowerCase() === key
            ? isIt(args[i + 1] ?? "")
            : arg.toLowerCase().startsWith(`${key}:`) &&
              isIt(arg.slice(key.length + 1).trim())
        )
      )?.place;
  }

  /** A file's type is that of its name, all others are the usual one. */
  #type(value: string): SourcePlace | undefined {
    const { subject, scope, hasFile, steps } = this.#options;
    const type = essenceOf(value);
    const isIt = (text: string | undefined) => text?.toLowerCase() === type;
    const line = !hasFile ? undefined : inForce(subject, scope, "types")
      .flatMap(({ block = [] }) => block)
      .find(({ name }) => isIt(name))?.place;
    if (line !== undefined) return line;
    const last = steps.findLast(({ kind }) => !ASIDE.has(kind));
    if (!hasFile && last?.kind !== "return") return undefined;
    return inForce(subject, scope, "default_type")
      .findLast(({ args: [said] }) => isIt(said))?.place;
  }
}
