/** The commands that end by themselves. */

import { failureReason } from "../os_error.ts";
import {
  type Configuration,
  type ConfigurationSource,
  readConfiguration,
} from "../server/setup/configuration.ts";
import { pidFileOf, toldOf } from "../server/setup/process_settings.ts";
import { SERVER_TOKEN } from "../version.ts";
import type { Arguments } from "./arguments.ts";
import { checkConfiguration, type CheckResult } from "./check.ts";
import { withPassingCertificate } from "./folder/certificate.ts";
import { locateConfiguration } from "./locate.ts";
import { type SignalName, signalOf } from "./options/signals.ts";
import { readPid } from "./pid_file.ts";
import { report, reportFaults } from "./report.ts";
import { shellWord } from "./folder/shell_word.ts";
import { statementsText } from "./folder/statements.ts";
import { UsageError } from "./usage_error.ts";

const UTF8 = new TextEncoder();

/** Prints to standard output as it is. */
function print(text: string): void {
  const bytes = UTF8.encode(text);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

/** `-t` and `-T`: whether the configuration could be served. */
export async function testConfiguration(args: Arguments): Promise<number> {
  const source = locateConfiguration(args);
  const lint = await lintOf(args);
  let result: CheckResult;
  try {
    result = await withPassingCertificate(args, (checked) =>
      checkConfiguration(
        locateConfiguration(checked),
        args.errorLog,
        (message) => report("warn", message),
      ));
    result.faults.throwIfFound();
  } catch (error) {
    reportFaults("emerg", error);
    console.error(`webserv: configuration file ${source.file} test failed`);
    return 1;
  }
  await lint(result.configuration, (message) => report("warn", message));
  if (!args.quiet) {
    console.error(
      `webserv: the configuration file ${source.file} syntax is ok`,
    );
    for (const line of toldOf(result.configuration)) {
      console.error(`webserv: ${line}`);
    }
    console.error(
      `webserv: configuration file ${source.file} test is successful`,
    );
  }
  if (args.command === "dump") {
    for (const { path, text } of result.configuration.files) {
      print(`# configuration file ${path}:\n${text}\n`);
    }
    if (source.statements !== undefined) print(folderText(source));
  }
  return 0;
}

/** The configuration that serves a folder, as a file for `-c`. */
function folderText(
  { prefix, statements = [] }: ConfigurationSource,
): string {
  const lines = statementsText(statements, "    ");
  return "# With this in FILE, an absolute path, the same folder is served by\n" +
    // Nothing is put into the folder that is served.
    `#   webserv -p ${shellWord(prefix)} -c FILE -g 'pid FILE.pid;'\n` +
    `http {\n${lines}}\n`;
}

/**
 * What warns of what is valid but rarely meant. It is loaded here, because
 * nothing else needs it: no start waits for it.
 *
 * @throws {UsageError} when `--lint` names a rule that there is not
 */
async function lintOf(
  { lint: text = "on", quiet, folder }: Arguments,
): Promise<
  (configuration: Configuration, warn: (message: string) => void) =>
    | Promise<void>
    | void
> {
  // The program knows how to serve a folder.
  if (quiet || text === "off" || folder !== undefined) return () => {};
  const { lint, RULE_NAMES } = await import("../lint/lint.ts");
  const { parseSelection } = await import("../lint/selection.ts");
  try {
    const selection = parseSelection(text, RULE_NAMES);
    return (configuration, warn) => lint(configuration, selection, warn);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`invalid option: "--lint=${text}" (${error.message})`);
  }
}

/** `-s`: tells the running server something. */
export function sendSignal(args: Arguments, name: SignalName): number {
  try {
    const source = locateConfiguration(args);
    const configuration = readConfiguration(source, () => {});
    const pid = readPid(pidFileOf(configuration).path);
    const signal = signalOf(name);
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) {
        report("alert", "signals need the permission --allow-run");
        return 1;
      }
      const reason = failureReason(error);
      report("alert", `kill(${pid}, ${signal}) failed (${reason})`);
      return 1;
    }
    return 0;
  } catch (error) {
    reportFaults("error", error);
    return 1;
  }
}

/** `-v`, as nginx: on standard error. */
export function showVersion(): number {
  console.error(`webserv version: ${SERVER_TOKEN}`);
  return 0;
}

/** `-V`: the version and what it runs on. */
export function showConfiguration(): number {
  showVersion();
  const { deno, v8, typescript } = Deno.version;
  console.error(`deno ${deno}\nv8 ${v8}\ntypescript ${typescript}`);
  console.error(`target ${Deno.build.target}`);
  return 0;
}
