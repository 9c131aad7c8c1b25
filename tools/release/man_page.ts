/** The page of the manual, in mdoc(7), made of the table of options. */

import { COMMANDS } from "../../src/cli/options/commands.ts";
import {
  type Command,
  namesOf,
  type Option,
} from "../../src/cli/options/option.ts";
import { SECTIONS, SYNOPSIS } from "../../src/cli/options/program.ts";
import { SIGNALS } from "../../src/cli/options/signals.ts";

/** How long a line of the source may be, in characters, says mandoc. */
const WIDTH = 60;

/** Text as roff reads it, in lines: nothing of it is a command or an escape. */
function text(words: string): string {
  const lines: string[] = [""];
  for (const word of words.split(" ")) {
    const last = lines.at(-1)!;
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n").replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replace(/^[.']/gm, "\\&$&");
}

/** Words of a line of a macro, none of which is a macro itself. */
function argument(words: string): string {
  return `"${words.replaceAll("-", "\\-")}"`;
}

/** Sentences, each beginning in a line of its own as mdoc wants it. */
function prose(words: string): string {
  return words.split(/(?<=[.]) (?=[A-Z\d])/).map(text).join("\n");
}

/** A few words as a sentence. */
function sentence(words: string): string {
  return `${words[0]!.toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`;
}

/** What is behind `Fl`: a long option has a dash more. */
function flag(name: string): string {
  return name.length === 1 ? name : `\\-${name.replaceAll("-", "\\-")}`;
}

function optionItem(option: Option): string[] {
  const names = namesOf(option).map((name) => `Fl ${flag(name)}`).join(" , ");
  const value = option.value === undefined
    ? ""
    : ` Ar ${argument(option.value.name)}`;
  const said = option.text + (option.more ?? "");
  return [
    `.It ${names}${value}`,
    prose(sentence(said)),
  ];
}

function optionList(options: readonly Option[]): string[] {
  return [
    ".Bl -tag -width Ds",
    ...options.flatMap(optionItem),
    ".El",
  ];
}

/** The forms of a synopsis, each in a line. */
function forms(lines: readonly string[]): string[] {
  return lines.flatMap((line) => [
    ".Nm",
    text(line),
    ".br",
  ]).slice(0, -1);
}

function commandSection({ name, about, operand, options }: Command): string[] {
  return [
    `.Ss webserv ${name}`,
    ...about.flatMap((paragraph, i) => [
      ...(i === 0 ? [] : [".Pp"]),
      prose(paragraph),
    ]),
    ".Bl -tag -width Ds",
    `.It Ar ${argument(operand.name)}`,
    prose(sentence(operand.text)),
    ...options.flatMap(optionItem),
    ".El",
  ];
}

const FILES = [
  ["/etc/webserv/webserv.conf", "the configuration"],
  ["/var/log/webserv", "the logs of the service"],
  ["/var/lib/webserv", "certificates and keys that were got or made"],
] as const;

/** What the page is made for. */
interface ManPageOptions {
  /** The version of the program. */
  readonly version: string;
  /** The date of the page. */
  readonly at: Date;
}

/** The page, `webserv.8`. */
export function manPage({ version, at }: ManPageOptions): string {
  const date = at.toLocaleDateString("en-US", {
    year: "numeric",
    month: "long",
    day: "numeric",
    timeZone: "UTC",
  });
  return [
    '.\\" Made of the table of options.',
    `.Dd ${date}`,
    ".Dt WEBSERV 8",
    ".Os",
    ".Sh NAME",
    ".Nm webserv",
    ".Nd web server for static sites, configured in the language of nginx",
    ".Sh SYNOPSIS",
    ...forms([...SYNOPSIS, ...COMMANDS.flatMap(({ synopsis }) => synopsis)]),
    ".Sh DESCRIPTION",
    ".Nm",
    "serves what its configuration says, or with",
    ".Ar DIR",
    "a folder without any.",
    "A relative path of the configuration starts at its prefix, one of the",
    "command line at the current folder.",
    ...SECTIONS.flatMap(({ title, options }) => [
      `.Ss ${title}`,
      ...optionList(options),
    ]),
    ...COMMANDS.flatMap(commandSection),
    ".Sh SIGNALS",
    ".Bl -tag -width Ds",
    ...SIGNALS.flatMap(({ signals, text: does }) => [
      `.It Dv ${
        argument(signals.map((signal) => signal.slice("SIG".length)).join(", "))
      }`,
      prose(sentence(does)),
    ]),
    ".El",
    ".Sh FILES",
    ".Bl -tag -width Ds",
    ...FILES.flatMap(([path, what]) => [
      `.It Pa ${path}`,
      sentence(what),
    ]),
    ".El",
    ".Sh EXIT STATUS",
    "0 when it was stopped by a signal, when a test found nothing wrong, or",
    "when a signal was sent.",
    "1 when the configuration or an argument is wrong, when a file or address",
    "cannot be opened, or when a server is not well.",
    ".Sh EXAMPLES",
    "Serve a folder, and look at it in the browser:",
    ".Pp",
    ".Dl webserv public \\-\\-open \\-\\-live",
    ".Pp",
    "Check a configuration, then have it served:",
    ".Pp",
    ".Dl webserv \\-t && webserv \\-s reload",
    ".Sh SEE ALSO",
    "The folder",
    ".Pa /usr/share/doc/webserv",
    `has the documentation of version ${version}.`,
    "",
  ].join("\n");
}
