/** `webserv probe URL`: whether a server is well, for health checks. */

import { parseTime, timeText } from "../../config/units.ts";
import { reasonPhrase } from "../../http/semantics/status.ts";
import { escapeControls } from "../../logging/diagnostic_line.ts";
import { failureReason } from "../../os_error.ts";
import { PROBE } from "../options/commands.ts";
import type { Given } from "../options/read.ts";
import { requestField } from "../options/request_field.ts";
import { readCommand } from "../options/usage.ts";
import { report } from "../report.ts";
import { UsageError } from "../usage_error.ts";
import { ask, LateError, type Question } from "./ask.ts";

/** How long a probe may take, in ms; Docker gives up after 30 s. */
const USUAL_TIMEOUT = 5000;

/** The longest time that a timer can wait, in ms. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/**
 * Asks a server once and says how it went. 200 to 399 is well, as it is to
 * Kubernetes.
 *
 * @throws {UsageError} when the command line cannot be understood
 */
export async function probe(words: readonly string[]): Promise<number> {
  const given = readCommand(PROBE, words);
  if (given === undefined) return 0;
  const [url, ...others] = given.operands;
  if (url === undefined || others.length > 0) {
    throw new UsageError("probe: expected one URL");
  }
  const question = questionOf(url, given);
  const named = escapeControls(url);
  const startedAt = performance.now();
  try {
    const status = await ask(question);
    const answer = `${status} ${reasonPhrase(status)}`.trim();
    if (status < 200 || status >= 400) {
      report("error", `${named} answered ${answer}`);
      return 1;
    }
    if (!given.has("q")) {
      const took = Math.round(performance.now() - startedAt);
      console.log(`${named} answered ${answer} in ${took} ms`);
    }
    return 0;
  } catch (error) {
    report("error", `${named} did not answer: ${reasonOf(error, question)}`);
    return 1;
  }
}

/** @throws {UsageError} for a value that is wrong */
function questionOf(url: string, given: Given): Question {
  const fields = given.all("H").map((field) => requestField("probe", field));
  const asked = addressOf(url);
  return {
    ...asked,
    host: fields.find(({ name }) => name === "host")?.value ?? asked.host,
    fields: fields.filter(({ name }) => name !== "host"),
    insecure: given.has("insecure"),
    ca: certificates(given.text("ca")),
    timeout: timeoutOf(given.text("timeout")),
  };
}

/** @throws {UsageError} when it is no URL */
function addressOf(
  written: string,
): Pick<Question, "secure" | "address" | "host" | "target"> {
  // As in nginx's proxy_pass: a path of the system cannot stand in a host.
  const [unix, scheme, path, target] =
    /^(https?):\/\/unix:([^:]+)(?::(.*))?$/i.exec(written) ?? [];
  const text = unix === undefined
    ? written
    : `${scheme}://localhost${target ?? "/"}`;
  const isUrl = /^https?:\/\/(?!unix:)[^/]/i.test(text) && URL.canParse(text);
  if (!isUrl) {
    throw new UsageError(
      `probe: "${written}" is no URL: expected one such as ` +
        "http://127.0.0.1:8080/health or http://unix:/run/site.sock:/health",
    );
  }
  const { protocol, hostname, port, host, pathname, search } = new URL(text);
  const secure = protocol === "https:";
  return {
    secure,
    address: path === undefined
      ? {
        hostname: hostname.replace(/^\[|\]$/g, ""),
        port: Number(port || (secure ? 443 : 80)),
      }
      : { path },
    host,
    target: pathname + search,
  };
}

/** @throws {UsageError} when the file cannot be read */
function certificates(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new UsageError(
      `probe: the file "${path}" of --ca cannot be read: ` +
        failureReason(error),
    );
  }
}

/** @throws {UsageError} when it is no time */
function timeoutOf(text: string | undefined): number {
  if (text === undefined) return USUAL_TIMEOUT;
  const ms = parseTime(text);
  if (ms !== undefined && ms > 0 && ms <= MAX_TIMEOUT) return ms;
  throw new UsageError(
    `probe: "${text}" is no time to wait: expected one such as 500ms or 5s`,
  );
}

function reasonOf(error: unknown, { timeout }: Question): string {
  if (error instanceof LateError) {
    return `${error.message} in ${timeText(timeout)}`;
  }
  return failureReason(error);
}
