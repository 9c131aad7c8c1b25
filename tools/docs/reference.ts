/** The reference page of all directives, made of their declarations. */

import type { AnyDirective } from "../../src/config/directive.ts";
import { foreignDirective } from "../../src/config/unsupported/foreign.ts";
import { WARNED } from "../../src/config/unsupported/foreign_table.ts";
import type { Module } from "../../src/core/module.ts";

/** What makes the page anew. */
export const COMMAND = "deno task docs:directives";

const HEAD = `<!-- Made by "${COMMAND}": change the declarations instead. -->

# Directives

Every directive there is, by the module it belongs to. Where nothing is said of
it, a block without the directive has the value of the block around it, and the
directive may stand once in a block.

A size is in bytes, or a number with \`k\` or \`m\` (\`g\` for the size of a file).
A time is in seconds, or numbers with units: \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`, \`w\`, as
in \`1h30m\`. A pattern is a regular expression of PCRE.

How the language as a whole works stands in [configuration.md](configuration.md).
Who comes from nginx finds [those that are not there](#of-nginx-and-not-here) at
the end, and the rest in [coming_from_nginx.md](coming_from_nginx.md).
`;

/**
 * The page, in Markdown; modules without a directive are left out. `foreign`
 * are directives of nginx: what becomes of those that no module has.
 */
export function referencePage(
  modules: readonly Module[],
  foreign: readonly string[],
): string {
  const own = modules.filter(({ directives }) => directives.length > 0);
  const names = own.flatMap(({ directives }) => directives)
    .map(({ name }) => name).sort();
  const index = names.map((name) => `[${name}](#${name})`).join(",\n");
  const missing = foreign.filter((name) => !names.includes(name));
  return [HEAD, index, ...own.map(moduleSection), foreignSection(missing)]
    .join("\n") + "\n";
}

/** What becomes of directives that no module has. */
function foreignSection(names: readonly string[]): string {
  const silent: string[] = [];
  const [warned, inert, refused] = [1, 2, 3].map(() =>
    new Map<string, string[]>()
  ) as [Notes, Notes, Notes];
  for (const name of names) {
    const warning = WARNED.get(name)?.why;
    const directive = foreignDirective(name);
    if (warning !== undefined) note(warned, warning, name);
    else if (directive?.kind === "silent") silent.push(name);
    else if (directive?.kind === "tuning") {
      const { without } = directive.family;
      note(inert, `without \`${without}\``, familyName(name, without));
    } else if (directive?.kind === "refused") {
      note(refused, directive.hint ?? "", name);
    } else if (directive?.kind === "definer") {
      note(refused, "if its variables are used", name);
    } else if (directive === undefined) note(refused, "nobody knows it", name);
  }
  return `
## Of nginx, and not here

Accepted, because nobody could tell from outside: ${words(silent)}.

Accepted, with one warning for each that says how it is here:

${items(warned)}

Accepted, with one warning for all of them, because they have no effect, here
as in nginx:

${items(inert)}

An error, because something else would be served or protected:

${items(refused)}

\`load_module\` is accepted, with a warning that says what is built in and what is
missing.
`;
}

/** Names of directives by what is said of them. */
type Notes = Map<string, string[]>;

function note(notes: Notes, text: string, name: string): void {
  const names = notes.get(text) ?? [];
  if (!names.includes(name)) names.push(name);
  notes.set(text, names);
}

/** One name for the many that pass requests on: `proxy_…`. */
function familyName(name: string, without: string): string {
  const prefix = without.replace(/pass$/, "");
  return prefix !== without && name.startsWith(prefix) ? `${prefix}…` : name;
}

function words(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function items(notes: Notes): string {
  return [...notes].map(([text, names]) =>
    text === "" ? `- ${words(names)}` : `- ${words(names)}: ${text}`
  ).join("\n");
}

function moduleSection({ name, directives }: Module): string {
  return [`\n## Module ${name}\n`, ...directives.map(entry)].join("\n");
}

/** What the page says of one directive. */
function entry(directive: AnyDirective): string {
  const { name, contexts, defaultText, unit, summary, differs } = directive;
  const facts = [
    `- Syntax: \`${syntaxOf(directive)}\``,
    defaultText && `- Default: \`${defaultText}\``,
    unit && `- Unit: ${unit}`,
    `- Contexts: ${contexts.join(", ")}`,
    directive.repeatable && "- May stand several times in a block.",
    !directive.inherit && directive.body !== "scope" &&
    "- Blocks inside do not inherit it.",
  ].filter((line) => line !== false && line !== "");
  const text = [summary, differs && `Differs from nginx: ${differs}`]
    .filter((line) => line !== "");
  return `### ${name}\n\n${facts.join("\n")}\n\n${text.join("\n\n")}\n`;
}

function syntaxOf({ name, syntax, body }: AnyDirective): string {
  const ends = { none: ";", scope: " { ... }", entries: "" }[body];
  return `${name}${syntax === "" ? "" : ` ${syntax}`}${ends}`;
}
