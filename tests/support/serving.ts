/** A server in the test's process that is asked row by row of a table. */

import { assertEquals } from "@std/assert";
import { InProcessServer } from "./in_process_server.ts";
import { ask, type RawResponse } from "./raw_client.ts";

/** Files by name, as `writeFiles` takes them. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Serves a `server` block's directives, with `www` as root. */
export function serve(directives: string, files: Files): InProcessServer {
  return new InProcessServer({
    config: `
      error_log stderr emerg;
      http {
        access_log off;
        server { listen 127.0.0.1:0; root www; ${directives} }
      }`,
    files,
  });
}

/** `[METHOD] target [| field]...`, as one request on a connection. */
export function send(
  { port }: Pick<InProcessServer, "port">,
  line: string,
): Promise<RawResponse> {
  const [first = "", ...fields] = line.split(" | ");
  const [target = "/", method = "GET"] = first.split(" ").reverse();
  const host = fields.some((field) => field.startsWith("Host:"))
    ? []
    : ["Host: a.example"];
  const request = [
    `${method} ${target} HTTP/1.1`,
    ...host,
    ...fields,
    "Connection: close",
    "",
    "",
  ].join("\r\n");
  return ask(port, request, { head: method === "HEAD" });
}

/** A request, and the status and body, or `field: value`, of its answer. */
export type Row = readonly [line: string, ...expected: readonly string[]];

/**
 * Asks each row. An expectation is a status (`404`), a field (`vary: x`), the
 * absence of one (`vary: -`), or else the body.
 */
export async function assertAnswers(
  server: Pick<InProcessServer, "port">,
  rows: readonly Row[],
): Promise<void> {
  const found: Row[] = [];
  for (const [line, ...expected] of rows) {
    const response = await send(server, line);
    found.push([line, ...expected.map((what) => observed(response, what))]);
  }
  assertEquals(found, rows);
}

function observed(response: RawResponse, expected: string): string {
  if (/^\d{3}$/.test(expected)) return String(response.status);
  const [, name] = /^([a-z-]+): /.exec(expected) ?? [];
  if (name === undefined) return response.text;
  const value = response.field(name)?.replace(/:\d+\//, ":PORT/") ?? "-";
  return `${name}: ${value}`;
}

/** The second in which the files of tests were written, since the epoch. */
export const TIME = 1_700_000_000;

/** What clocks add to a second, in seconds: whole times are not believed. */
const FRACTION = 0.125;

/** Gives files under a server's folder times that a clock could have given. */
export function setTimes(
  { folder }: Pick<InProcessServer, "folder">,
  times: Readonly<Record<string, number>>,
): void {
  for (const [name, seconds] of Object.entries(times)) {
    const time = seconds + FRACTION;
    Deno.utimeSync(`${folder}/${name}`, time, time);
  }
}
