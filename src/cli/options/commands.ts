/** The words that do something else than to serve, and their options. */

import { IPV6_STRANGER, STRANGER } from "../../server/dry_run.ts";
import type { Command, Option, OptionValue } from "./option.ts";
import { CONFIGURATION } from "./program.ts";

/** The name of the option that says whose request is explained. */
export const FROM = `from`;

const HELP: Option = { name: "h", alias: "help", text: "this help" };

const FIELD: Option = {
  name: "H",
  value: { name: "field", needed: '"Name: value"', kind: "free" },
  isRepeatable: true,
  text: "a field of the request",
  more: "; Host takes the place of that of the URL",
};

const URL_OPERAND: OptionValue = {
  name: "URL",
  needed: "a URL",
  kind: "free",
};

/** `webserv explain`. */
export const EXPLAIN: Command = {
  name: "explain",
  text: "say what would become of a request, and why",
  synopsis: [
    "explain URL [-X method] [-H 'Name: value'] ... [--from address] " +
    "[--json] [-c filename] [-p prefix] [-g directives]",
  ],
  about: [
    "Says what would become of a request, and why, without starting a " +
    "server: which server and location it comes to, what they do with it, " +
    "and the answer, each with the line of the configuration. Nothing is " +
    "sent, and nothing is logged.",
  ],
  operand: {
    ...URL_OPERAND,
    text: "such as http://example.org/a/b?c; its port is that of the server, " +
      "80 or 443 if there is none",
  },
  options: [
    {
      name: "X",
      value: {
        name: "method",
        needed: "a method",
        kind: "words",
        words: ["GET", "HEAD", "POST", "OPTIONS"],
      },
      text: "the method",
      more: " (default: GET)",
    },
    FIELD,
    {
      name: FROM,
      value: { name: "address", needed: "an address", kind: "free" },
      text: "the address of the client",
      more:
        ` (default: ${STRANGER}, or ${IPV6_STRANGER} where the URL has an ` +
        "IPv6 address)",
    },
    { name: "json", text: "for programs, as one object" },
    ...CONFIGURATION,
    HELP,
  ],
};

/** `webserv probe`. */
export const PROBE: Command = {
  name: "probe",
  text: "ask a server whether it is well",
  synopsis: [
    "probe URL [--timeout time] [--insecure] [--ca filename] " +
    "[-H 'Name: value'] ... [-q]",
  ],
  about: [
    "Asks for a URL, once, and says in a line what was answered. The exit " +
    "status is 0 for an answer of 200 to 399 that came whole, and 1 for " +
    "anything else: another status, no answer, one that is late, a " +
    "certificate that is not trusted. Redirects are not followed.",
    "It is for the health checks of containers, which may have neither curl " +
    "nor a shell.",
  ],
  operand: {
    ...URL_OPERAND,
    text: "such as http://127.0.0.1:8080/health, or " +
      "http://unix:/run/webserv/site.sock:/health for a Unix socket",
  },
  options: [
    {
      name: "timeout",
      value: { name: "time", needed: "a time such as 5s", kind: "free" },
      text: "how long it may take in all",
      more: " (default: 5s)",
    },
    {
      name: "insecure",
      text: "take every certificate",
    },
    {
      name: "ca",
      value: { name: "filename", needed: "a PEM file", kind: "file" },
      text: "the PEM file by which the server is trusted",
    },
    FIELD,
    { name: "q", text: "say nothing unless something is wrong" },
    HELP,
  ],
};

/** `webserv completions`. */
export const COMPLETIONS: Command = {
  name: "completions",
  text: "print what completes the command line in a shell",
  synopsis: ["completions bash|zsh|fish"],
  about: [
    "Prints a script that completes options, files and folders of webserv in " +
    "a shell. Packages bring it along; otherwise put it into " +
    "~/.local/share/bash-completion/completions/webserv for bash, into a " +
    "file _webserv in a folder of $fpath for zsh, and into " +
    "~/.config/fish/completions/webserv.fish for fish.",
  ],
  operand: {
    name: "shell",
    needed: "one of bash, zsh, fish",
    kind: "words",
    words: ["bash", "zsh", "fish"],
    text: "which shell",
  },
  options: [HELP],
};

/** All of them. A folder of such a name is served by `webserv ./explain`. */
export const COMMANDS: readonly Command[] = [EXPLAIN, PROBE, COMPLETIONS];
