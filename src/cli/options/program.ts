/** The options of the program itself: nginx's, and those of a folder. */

import type { Option, OptionValue, Section } from "./option.ts";
import { SIGNAL_NAMES } from "./signals.ts";

/** How the program is called: lines without its name. */
export const SYNOPSIS: readonly string[] = [
  "[-tTqvVh] [-s signal] [-p prefix] [-e filename] [-c filename] " +
  "[-g directives] [--lint rules]",
  "DIR [--port number] [--host address] [--open] [--live] [--spa] [--cors] " +
  "[--no-autoindex]",
  "DIR --tls [-l [address:]port] ...",
  "DIR -d name [-d name ...] [--email address] [--staging] ...",
];

/** Where to listen, for messages and the help. */
const LISTEN: OptionValue = {
  name: "[address:]port",
  needed: "[address:]port",
  kind: "free",
};

const FILE_NAME: OptionValue = {
  name: "filename",
  needed: "a file name",
  kind: "file",
};

const PREFIX: Option = {
  name: "p",
  value: { name: "prefix", needed: "a folder", kind: "folder" },
  text: "set prefix path",
  more: " (default: the folder of the configuration)",
};

/** What says which configuration is meant, and what comes before it. */
const SOURCE: readonly Option[] = [
  {
    name: "c",
    value: FILE_NAME,
    text: "set configuration file",
    more: " (default: webserv.conf, or if there is none " +
      "/etc/webserv/webserv.conf)",
  },
  {
    name: "g",
    value: { name: "directives", needed: "directives", kind: "free" },
    text: "set global directives out of configuration file",
  },
];

/** The options of all that reads a configuration. */
export const CONFIGURATION: readonly Option[] = [...SOURCE, PREFIX];

/** What nginx has too. */
const GENERAL: readonly Option[] = [
  { name: "h", alias: "help", text: "this help" },
  { name: "v", alias: "version", text: "show version and exit" },
  { name: "V", text: "show version and what it runs on, then exit" },
  { name: "t", text: "test configuration and exit" },
  { name: "T", text: "test configuration, dump it and exit" },
  {
    name: "q",
    text: "suppress non-error messages during configuration testing",
  },
  {
    name: "lint",
    value: {
      name: "rules",
      needed: "on, off, or names of rules",
      kind: "rules",
    },
    text: "with -t, which warnings to give of what is valid but rarely meant",
    more: ": off, only these rules (rule,rule), or all but these (-rule,-rule)",
  },
  {
    name: "s",
    value: {
      name: "signal",
      needed: `one of ${SIGNAL_NAMES.join(", ")}`,
      kind: "words",
      words: SIGNAL_NAMES,
    },
    text: "send signal to a running server",
    more: `: ${SIGNAL_NAMES.join(", ")}`,
  },
  PREFIX,
  {
    name: "e",
    value: FILE_NAME,
    text: "set error log file",
    more: " (default: stderr)",
  },
  ...SOURCE,
];

/** What is for whoever has started the program, and not with `-d`. */
const PREVIEW: readonly Option[] = [
  {
    name: "live",
    text: "load pages again in the browser when a file changes",
  },
  { name: "open", text: "open it in the browser" },
];

/** What only means something with a folder. */
const FOLDER: readonly Option[] = [
  {
    name: "port",
    value: { name: "number", needed: "a number", kind: "free" },
    text: "where to listen",
    more: " (default: 8080, or the next one that is free)",
  },
  {
    name: "host",
    value: { name: "address", needed: "an address", kind: "free" },
    text: "listen only there",
    more: " (default: every address of this machine)",
  },
  {
    name: "l",
    value: LISTEN,
    text: "both in one",
    more: " (default with -d: 443)",
  },
  {
    name: "no-autoindex",
    text: "do not list folders that have no index.html",
  },
  { name: "autoindex", text: "list them with -d too" },
  {
    name: "spa",
    text: "answer with index.html where a path is no file and has no extension",
  },
  { name: "cors", text: "let scripts of other origins read the files" },
  ...PREVIEW,
];

/** The option that makes a certificate here. */
const SELF_MADE: readonly Option[] = [
  {
    name: "tls",
    text: "with a certificate that is made here and kept",
    more: " (default port: 8443); browsers ask once whether to trust it",
  },
];

/** The option that asks an authority. */
const DOMAIN: Option = {
  name: "d",
  value: { name: "name", needed: "a name", kind: "free" },
  isRepeatable: true,
  text: "get a certificate for this name, and renew it",
  more: "; one -d for each name. You accept the terms of service of Let's " +
    "Encrypt. Port 443 serves the folder, port 80 redirects to it.",
};

/** What only means something with `-d`. */
const AUTHORITY: readonly Option[] = [
  {
    name: "email",
    value: { name: "address", needed: "an address", kind: "free" },
    text: "where the authority may write to",
  },
  {
    name: "staging",
    text: "try it, with certificates that nobody trusts",
  },
  {
    name: "issuer",
    value: { name: "url", needed: "the URL of a directory", kind: "free" },
    text: "the directory of another authority, whose terms you accept",
  },
  {
    name: "issuer-ca",
    value: { name: "filename", needed: "a PEM file", kind: "file" },
    text: "the PEM file by which that authority's server is trusted",
  },
  {
    name: "http",
    value: LISTEN,
    text: "where to listen for http",
    more: " (default: 80)",
  },
];

/** What goes with both kinds of certificates. */
const STATE: Option = {
  name: "state",
  value: { name: "folder", needed: "a folder", kind: "folder" },
  text: "where certificates and keys are kept",
  more: " (default: ~/.local/share/webserv; /var/lib/webserv for root)",
};

/** All options, as the help has them. */
export const SECTIONS: readonly Section[] = [
  { title: "Options", options: GENERAL },
  { title: "Serving a folder without a configuration", options: FOLDER },
  { title: "Serving it by https on this machine", options: SELF_MADE },
  {
    title: "Serving it by https to everybody",
    options: [DOMAIN, ...AUTHORITY],
  },
  { title: "With --tls or -d", options: [STATE] },
];

/** All options. */
export const OPTIONS: readonly Option[] = SECTIONS
  .flatMap(({ options }) => options);

/** The names of the options that only mean something for a folder. */
export const FOLDER_NAMES: readonly string[] = SECTIONS.slice(1)
  .flatMap(({ options }) => options.map(({ name }) => name));

/** The names of the options that only mean something with `-d`. */
export const AUTHORITY_NAMES: readonly string[] = AUTHORITY
  .map(({ name }) => name);

/** The names of the options of a preview. */
export const PREVIEW_NAMES: readonly string[] = PREVIEW
  .map(({ name }) => name);
