/** What a site answers, reduced to what counts. */

import { gunzipSync } from "node:zlib";
import { RawClient, type RawResponse } from "../../support/raw_client.ts";
import { textOf } from "../../support/latin1.ts";
import type { Ports } from "./relocate.ts";

/** One request of a site's table. */
export interface SiteRequest {
  /** The line of the table. */
  readonly line: string;
  readonly method: string;
  readonly secure: boolean;
  readonly host: string;
  readonly port: string;
  readonly target: string;
  readonly fields: readonly string[];
}

/** The requests of a table. */
export function readRequests(table: string): SiteRequest[] {
  return table.trim().split("\n").map((text) => {
    const line = text.trim();
    const [first = "", ...fields] = line.split(" | ");
    const [, method = "GET", scheme, host = "", port, target = ""] =
      /^(?:([A-Z]+) )?(https:\/\/)?([^/:]+)(?::(\d+))?(\/.*)$/.exec(first) ??
        [];
    const secure = scheme !== undefined;
    return {
      line,
      method,
      secure,
      host,
      port: port ?? (secure ? "443" : "80"),
      target,
      fields,
    };
  });
}

/** Fields that the two servers write in other ways or at other times. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "allow",
  "connection",
  "date",
  "keep-alive",
  "server",
  "transfer-encoding",
]);

/** The answer to a request, as lines. */
export async function answerLines(
  request: SiteRequest,
  ports: Ports,
  authority: string,
): Promise<string[]> {
  const { host, method, target, fields } = request;
  const port = ports.get(request.port)!;
  using client = request.secure
    ? new RawClient(await connectTls(host, port, authority))
    : await RawClient.connect(port);
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...fields];
  if (method === "POST" || method === "DELETE") lines.push("Content-Length: 0");
  await client.send(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
  const response = await client.response({ head: method === "HEAD" });
  return response === undefined
    ? ["nothing"]
    : reduced(response, method, String(port));
}

async function connectTls(
  hostname: string,
  port: number,
  authority: string,
): Promise<Deno.TcpConn> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const secure = await Deno.startTls(socket, {
    hostname,
    caCerts: [authority],
  });
  // It reads, writes and closes as a socket does.
  return secure as unknown as Deno.TcpConn;
}

function reduced(
  response: RawResponse,
  method: string,
  port: string,
): string[] {
  const { status } = response;
  const isCoded = response.field("content-encoding") === "gzip";
  const body = decoded(response.body, isCoded);
  const isPage = /<center>nginx|<!doctype html/i.test(textOf(body)) ||
    (method === "HEAD" && status >= 300);
  const lines = response.fields
    .filter(([name]) => !LEFT_OUT.has(name))
    .filter(([name]) => !(isPage && /^content-(?:type|length)$/.test(name)))
    // What is coded on the way may be framed either way.
    .filter(([name]) => !(name === "content-length" && isCoded))
    .map(([name, value]) =>
      `${name}: ${fieldText(response, name, value, port)}`
    );
  const text = isPage ? "(a page of the server)" : textOf(body);
  return [
    `status: ${status}`,
    ...lines.sort(),
    `body: ${text.length > 300 ? `${text.length} ${text.slice(-20)}` : text}`,
  ];
}

/** A value without what differs from run to run. */
function fieldText(
  { field }: RawResponse,
  name: string,
  value: string,
  port: string,
): string {
  if (name === "content-type") {
    return value.replace(/boundary=\S+/, "boundary=…");
  }
  const date = field("date");
  // nginx sends the line breaks of a value that is quoted over several lines.
  if (value.includes("\n")) return value.trim().replace(/\s*\n\s*/g, " ");
  if (name !== "expires" || date === undefined) {
    return value.replace(`:${port}/`, "/");
  }
  const seconds = (Date.parse(value) - Date.parse(date)) / 1000;
  // From the time of a file, years ago, it is the same at any moment.
  const isFromNow = seconds > -1e7 && seconds < 1e8;
  return isFromNow ? `date + ${seconds}` : value;
}

function decoded(body: Uint8Array, isCoded: boolean): Uint8Array {
  if (!isCoded || body.length === 0) return body;
  try {
    return gunzipSync(body);
  } catch {
    // It only says so.
    return body;
  }
}

/**
 * Where webserv goes its own way everywhere: the one line of `theirs` or `ours`
 * that makes no difference.
 */
function isOwnWay(
  line: string,
  theirs: readonly string[],
  ours: readonly string[],
): boolean {
  // What is short is made at once, and its length is known.
  if (line.startsWith("content-length: ")) return theirs.every(hasNoLength);
  // `gzip_vary` is on.
  if (line === "vary: Accept-Encoding") return !theirs.includes(line);
  // An error has no validator of the file that tells of it.
  const isError = /^status: (?:[45]|30[1278])/.test(ours[0]!) &&
    ours[0] === theirs[0];
  return isError && line.startsWith("etag: ");
}

function hasNoLength(line: string): boolean {
  return !line.startsWith("content-length: ");
}

/** Where two answers differ: `- nginx's` and `+ webserv's` lines. */
export function differences(
  theirs: readonly string[],
  ours: readonly string[],
): string[] {
  const own = ours.map((line) => {
    // Texts are said to be in UTF-8.
    const bare = line.replace(/^(content-type: \S+); charset=utf-8$/, "$1");
    return theirs.includes(bare) ? bare : line;
  });
  return [
    ...theirs.filter((line) => !own.includes(line)).map((line) => `- ${line}`),
    ...own.filter((line) => !theirs.includes(line)).map((line) => `+ ${line}`),
  ].filter((line) => !isOwnWay(line.slice(2), theirs, own));
}
