/** `webserv explain URL`: what would become of a request, and why. */

import { explain, type Explanation } from "../explain/explain.ts";
import { describeError } from "./report.ts";
import { textOf } from "../http/byte_string.ts";
import { isToken } from "../http/field_syntax.ts";
import type { NamedValue } from "../http/request_head.ts";
import { parseAddress } from "../http/addresses/network_range.ts";
import { reasonPhrase } from "../http/semantics/status.ts";
import { escapeControls } from "../logging/diagnostic_line.ts";
import { IPV6_STRANGER, STRANGER } from "../server/dry_run.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../server/setup/configuration.ts";
import { NO_SINK } from "../server/setup/preflight.ts";
import { parseArguments } from "./arguments.ts";
import { locateConfiguration } from "./locate.ts";
import { EXPLAIN, FROM } from "./options/commands.ts";
import type { Given } from "./options/read.ts";
import { requestField } from "./options/request_field.ts";
import { readCommand } from "./options/usage.ts";
import { report, reportFaults } from "./report.ts";
import { UsageError } from "./usage_error.ts";

/** What is asked, as the command line says it. */
interface ExplainArguments {
  readonly url: URL;
  /** The path with query, as it was written. */
  readonly target: string;
  readonly method: string;
  readonly host: string;
  readonly fields: readonly NamedValue[];
  readonly from: string;
  readonly json: boolean;
  /** The words that say where the configuration is. */
  readonly rest: readonly string[];
}

/** @throws {UsageError} when it cannot be understood */
function parseExplain(given: Given): ExplainArguments {
  const { text: textOfOption } = given;
  const [written, ...others] = given.operands;
  if (written === undefined || others.length > 0) {
    throw new UsageError("explain: expected one URL");
  }
  const text = /^[a-z]+:\/\//i.test(written) ? written : `http://${written}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `explain: "${written}" is no URL: expected http:// or https://`,
    );
  }
  const method = textOfOption("X") ?? "GET";
  if (!isToken(method)) {
    throw new UsageError(`explain: "${method}" is no method`);
  }
  const from = textOfOption(FROM) ??
    (url.hostname.startsWith("[") ? IPV6_STRANGER : STRANGER);
  if (from !== "unix:" && parseAddress(from) === undefined) {
    throw new UsageError(
      `explain: "${from}" is no address: expected one such as 192.0.2.1`,
    );
  }
  const fields = given.all("H").map((field) => requestField("explain", field));
  const own = fields.find(({ name }) => name === "host")?.value;
  const rest = (["c", "p", "g"] as const).flatMap((key) => {
    const value = textOfOption(key);
    return value === undefined ? [] : [`-${key}`, value];
  });
  return {
    url,
    target: targetOf(text),
    method,
    host: own ?? url.host,
    fields: fields.filter(({ name }) => name !== "host"),
    from,
    json: given.has("json"),
    rest,
  };
}

/**
 * The path with query of a URL as a client may send it: unlike in a `URL` its
 * `..` and `%2e` stay.
 */
function targetOf(url: string): string {
  const [, written = ""] = /^[a-z]+:\/\/[^/?#]*([^#]*)/i.exec(url) ?? [];
  const target = written.startsWith("/") ? written : `/${written}`;
  return target.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
}

/**
 * Prints what would become of a request.
 *
 * @throws {UsageError} when the command line cannot be understood
 */
export async function explainRequest(
  words: readonly string[],
): Promise<number> {
  const given = readCommand(EXPLAIN, words);
  if (given === undefined) return 0;
  const asked = parseExplain(given);
  const source = locateConfiguration(parseArguments(asked.rest));
  try {
    const configuration = readConfiguration(source, () => {});
    const generation = prepareGeneration(configuration, () => {}, {
      openLog: () => NO_SINK,
    });
    const { url: { protocol, port } } = asked;
    const secure = protocol === "https:";
    const explanation = await explain(configuration, generation, {
      ...asked,
      secure,
      port: Number(port || (secure ? 443 : 80)),
    });
    console.log(
      asked.json
        ? JSON.stringify(forPrograms(asked, explanation), undefined, 2)
        : forPeople(asked, explanation),
    );
    return 0;
  } catch (error) {
    if (error instanceof RangeError) {
      report("error", `explain: ${describeError(error)}`);
    } else {
      reportFaults("emerg", error);
    }
    return 1;
  }
}

function requestOf({ url, target, method, host, from }: ExplainArguments) {
  return { method, url: url.origin + target, host, from };
}

function forPrograms(asked: ExplainArguments, explanation: Explanation) {
  return {
    request: requestOf(asked),
    ...explanation,
    fields: explanation.fields.map((field) => ({
      ...field,
      value: textOf(field.value),
    })),
  };
}

/** How wide the column of kinds is. */
const KIND_WIDTH = 14;

/** For a terminal: dim places, bold kinds. */
function style(text: string, code: number): string {
  const isColoured = Deno.stdout.isTerminal() && !Deno.noColor;
  return isColoured ? `\x1b[${code}m${text}\x1b[0m` : text;
}

const BOLD = 1;
const DIM = 2;

function line(kind: string, text: string, place: string | null): string {
  const where = place === null ? "" : style(`  in ${place}`, DIM);
  return style(kind.padEnd(KIND_WIDTH), BOLD) + escapeControls(text) + where;
}

function forPeople(
  asked: ExplainArguments,
  { steps, status, fields, file }: Explanation,
): string {
  const { method, url, from } = requestOf(asked);
  const answer = status === 444
    ? "the connection is closed without an answer"
    : `${status} ${reasonPhrase(status)}`;
  return [
    line("request", `${method} ${url} from ${from}`, null),
    ...steps.map(({ kind, text, place }) =>
      line(kind === "near" ? "" : kind, text, place)
    ),
    line("answer", answer, null),
    ...fields.map(({ name, value, place }) =>
      line("", `${name}: ${textOf(value)}`, place)
    ),
    ...(file === null ? [] : [line("body", file, null)]),
  ].join("\n");
}
