/** `server_name`: what a server is called. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { hostname } from "../../config/hostname.ts";
import { compileRegex } from "../../config/regex.ts";
import type { AnyVariables } from "../../config/configured_variables.ts";
import { parseHost } from "../../http/host.ts";
import type { Pattern } from "../../regex/pattern.ts";
import type { HostPattern } from "../../routing/host_table.ts";
import type { Module } from "../module.ts";

/** The names of a server. */
export const serverNameDirective: Directive<readonly ServerName[]> =
  defineDirective<readonly ServerName[]>({
    name: "server_name",
    contexts: ["server"],
    args: [1, Infinity],
    repeatable: true,
    inherit: false,
    default: [],
    summary: "The hosts a server is for: names, wildcards, ~regex, $hostname.",
    syntax: "name ...",
    defaultText: '""',
    parse: ({ args, place }, previous = [], { variables, warn }) =>
      appended(
        previous,
        args.map((text) => {
          if (text.includes("/")) {
            warn(`server name "${text}" has suspicious symbols`);
          }
          return parseServerName(text, place, variables);
        }),
      ),
  });

/** One name of a server as it was written, and what it matches. */
interface ServerName {
  /** As written, in lower case; for `$hostname` the name of the machine. */
  readonly text: string;
  /** What it matches. */
  readonly pattern: HostPattern;
}

/** What a server without `server_name` is called. */
export const NO_NAME: ServerName = {
  text: "",
  pattern: { kind: "exact", name: "" },
};

/**
 * What a `server_name` stands for. The empty name is for requests without
 * `Host`. Named groups of an expression become `variables`.
 *
 * @throws {ConfigError} when it is no name, in the words of nginx
 */
export function parseServerName(
  written: string,
  place: SourcePlace,
  variables?: AnyVariables,
): ServerName {
  if (written.startsWith("~")) {
    return {
      text: written,
      pattern: { kind: "regex", regex: nameRegex(written, place, variables) },
    };
  }
  if (/^(?:\*(?!\..)|\.$)/.test(written)) {
    throw new ConfigError(
      `server name "${written}" is invalid`,
      place,
      'expected "*.example.org" or "_"; "listen ... default_server" is for ' +
        "all hosts",
    );
  }
  const text = nameOf(written, place);
  const name = text.replace(/\.$/, "");
  const isInvalid = text.includes("..") ||
    (text.includes("*", 1) && !/^[^*.][^*]*\.\*$/.test(text));
  if (isInvalid) {
    throw new ConfigError(
      `invalid server name or wildcard "${written}"`,
      place,
      'a "*" may stand for whole labels at the beginning or at the end',
    );
  }
  if (name.startsWith(".")) return { text, pattern: { kind: "domain", name } };
  if (name.startsWith("*")) {
    return { text, pattern: { kind: "leading", name: name.slice(1) } };
  }
  if (name.endsWith("*")) {
    return { text, pattern: { kind: "trailing", name: name.slice(0, -1) } };
  }
  return { text, pattern: { kind: "exact", name } };
}

/** The name in lower case. As in nginx only `$hostname` alone is a variable. */
function nameOf(written: string, place: SourcePlace): string {
  const text = written.toLowerCase();
  if (text !== "$hostname") return text;
  const name = hostname();
  if (name !== undefined) return name;
  throw new ConfigError(
    '"$hostname" is not known without the permission --allow-sys=hostname',
    place,
    "write the name of the machine instead",
  );
}

/** nginx's `$server_name`: the first name, of `.example.org` what follows. */
export function primaryName(names: readonly ServerName[]): string {
  const text = names[0]?.text ?? "";
  return text.startsWith(".") ? text.slice(1) : text;
}

/**
 * The first name that clients can be sent to: no wildcard, no expression, and
 * more than the `_` or the empty name that stand for "any".
 */
export function hostName(names: readonly ServerName[]): string | undefined {
  for (const { pattern } of names) {
    if (pattern.kind !== "exact" && pattern.kind !== "domain") continue;
    const name = pattern.name.replace(/^\./, "");
    if (/[a-z0-9]/.test(name) && parseHost(name)?.host === name) return name;
  }
  return undefined;
}

function nameRegex(
  written: string,
  place: SourcePlace,
  variables: AnyVariables | undefined,
): Pattern {
  const source = written.slice(1);
  if (source === "") {
    throw new ConfigError(`empty regex in server name "${written}"`, place);
  }
  // Hosts are in lower case; nginx looks at the case of the pattern, too.
  return compileRegex(source, {
    ignoreCase: /[A-Z]/.test(source),
    place,
    variables,
  });
}

/** What servers are called. */
export const serverNameModule: Module = {
  name: "server_name",
  directives: [serverNameDirective],
};
