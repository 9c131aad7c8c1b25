/** A server in the test's process that is asked row by row of a table. */

import { assertEquals } from "@std/assert";
import { Setting } from "../../src/http/http2/frames.ts";
import {
  Http2Client,
  request,
  settings,
  windowUpdate,
} from "./http2_client.ts";
import { InProcessServer } from "./in_process_server.ts";
import { ask, type RawResponse } from "./raw_client.ts";

/** Files by name, as `writeFiles` takes them. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Serves a `server` block's directives, with `www` as root, within `around`. */
export function serve(
  directives: string,
  files: Files,
  around = "",
): InProcessServer {
  return new InProcessServer({
    config: `
      error_log stderr emerg;
      http {
        access_log off; http2 on; ${around}
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

/**
 * The same request over HTTP/2, by prior knowledge: the address must have
 * `http2 on`.
 */
export async function sendHttp2(
  { port }: Pick<InProcessServer, "port">,
  line: string,
): Promise<Answer> {
  const [first = "", ...more] = line.split(" | ");
  const [target = "/", method = "GET"] = first.split(" ").reverse();
  const fields = more.map((field) => {
    const colon = field.indexOf(":");
    return [
      field.slice(0, colon).toLowerCase(),
      field.slice(colon + 1).trim(),
    ] as const;
  });
  const host = fields.find(([name]) => name === "host")?.[1] ?? "a.example";
  using client = await Http2Client.connect(port);
  await client.send(
    windowUpdate(0, ROOM_BYTES),
    settings([Setting.InitialWindowSize, ROOM_BYTES]),
    request(1, [
      [":method", method],
      [":scheme", "http"],
      [":authority", host],
      [":path", target],
      ...fields.filter(([name]) => name !== "host" && name !== "connection"),
    ]),
  );
  const { status, fields: answered, body } = await client.response(1);
  return { status, text: body, field: (name) => answered.get(name) };
}

/** What of an answer is looked at. */
type Answer = Pick<RawResponse, "status" | "text" | "field">;

/** Room for the answer to a request of HTTP/2, in bytes. */
const ROOM_BYTES = 16 * 1024 * 1024;

/** A request, and the status and body, or `field: value`, of its answer. */
export type Row = readonly [line: string, ...expected: readonly string[]];

/**
 * Asks each row, over HTTP/1.1 and over HTTP/2: a module does not know which.
 * The address must have `http2 on`. An expectation is a status (`404`), a field (`vary: x`), the
 * absence of one (`vary: -`), or else the body.
 */
export async function assertAnswers(
  server: Pick<InProcessServer, "port">,
  rows: readonly Row[],
): Promise<void> {
  for (const way of [send, sendHttp2]) {
    const found: Row[] = [];
    for (const [line, ...expected] of rows) {
      const response = await way(server, line);
      found.push([line, ...expected.map((what) => observed(response, what))]);
    }
    assertEquals(found, rows, way.name);
  }
}

function observed(response: Answer, expected: string): string {
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
