/** The reference page of all directives, made of their declarations. */

import type { AnyDirective } from "../../src/config/directive.ts";
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

How the language as a whole works stands in [configuration.md](configuration.md),
what is different from nginx in [differences.md](differences.md), and what becomes of nginx's other directives in
[configuration.md](configuration.md#what-is-not-supported).
`;

/** The page, in Markdown; modules without a directive are left out. */
export function referencePage(modules: readonly Module[]): string {
  const own = modules.filter(({ directives }) => directives.length > 0);
  const names = own.flatMap(({ directives }) => directives)
    .map(({ name }) => name).sort();
  const index = names.map((name) => `[${name}](#${name})`).join(",\n");
  return [HEAD, index, ...own.map(moduleSection)].join("\n") + "\n";
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
