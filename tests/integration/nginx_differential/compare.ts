/** What of an answer counts, and where two answers differ. */

import { gunzipSync } from "node:zlib";
import { textOf } from "../../support/latin1.ts";
import { RawClient, type RawResponse } from "../../support/raw_client.ts";
import type { DifferentialRequest } from "./requests.ts";

/** Fields that must be the same, in lower case. */
const FIELDS = [
  "accept-ranges",
  "allow",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "link",
  "location",
  "vary",
  "www-authenticate",
  "x-if",
  "x-location",
] as const;

/** An answer as far as it counts, as lines of text. */
export type Answer = Readonly<Record<string, string>>;

/** Asks the server on `port` and reduces its answer. */
export async function answerOf(
  port: number,
  request: DifferentialRequest,
): Promise<Answer> {
  using client = await RawClient.connect(port);
  const { method, target, version, fields } = request;
  const [framing, body] = bodyOf(request);
  const lines = [`${method} ${target} ${version}`, ...fields, ...framing];
  await client.send(
    `${lines.join("\r\n")}\r\nConnection: close\r\n\r\n${body}`,
  );
  const response = await client.response({ head: method === "HEAD" });
  if (response === undefined) return { status: "none" };
  return reduced(response, request, port);
}

/** The fields that announce the body, and the body as it is sent. */
function bodyOf(
  { method, body }: DifferentialRequest,
): [fields: string[], raw: string] {
  if (body === undefined) {
    const isEmpty = method === "POST" || method === "PUT";
    return [isEmpty ? ["Content-Length: 0"] : [], ""];
  }
  const content = "x".repeat(body.bytes);
  return body.chunked
    ? [
      ["Transfer-Encoding: chunked"],
      `${body.bytes.toString(16)}\r\n${content}\r\n0\r\n\r\n`,
    ]
    : [[`Content-Length: ${body.bytes}`], content];
}

/** An answer, by either protocol, without what does not count. */
export function reduced(
  response: Pick<RawResponse, "status" | "field" | "body">,
  { method }: DifferentialRequest,
  port: number,
): Answer {
  const { status } = response;
  const answer: Record<string, string> = { status: String(status) };
  for (const name of FIELDS) {
    const value = response.field(name);
    if (value !== undefined) {
      answer[name] = value.replace(`:${port}/`, ":PORT/");
    }
  }
  const encoding = response.field("content-encoding");
  const body = status === 206
    ? response.body
    : decoded(response.body, encoding);
  // The servers' own pages look different, and so does what describes them.
  if (
    /<center>nginx|<!doctype html/i.test(textOf(body)) ||
    (method === "HEAD" && status >= 300)
  ) {
    delete answer["content-length"];
    delete answer["content-type"];
    answer.body = "(a page of the server)";
    return answer;
  }
  const etag = response.field("etag");
  if (encoding !== undefined && (etag === undefined || etag.startsWith("W/"))) {
    // What is compressed on the way may be framed either way, and compressors
    // differ in their choices.
    delete answer["content-length"];
  }
  if (method !== "HEAD") answer.body = digest(body);
  return withoutBoundary(answer);
}

function decoded(body: Uint8Array, encoding: string | undefined): Uint8Array {
  if (body.length === 0) return body;
  return encoding === "gzip" ? gunzipSync(body) : body;
}

/** Short texts as they are, long ones by length and a checksum. */
function digest(body: Uint8Array): string {
  if (body.length <= 600) return textOf(body);
  let sum = 0;
  for (const byte of body) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return `${body.length} bytes, checksum ${sum.toString(16)}`;
}

/** Multipart boundaries are random, and need not be of one length. */
function withoutBoundary(answer: Record<string, string>): Answer {
  const boundary = /boundary=(\S+)/.exec(answer["content-type"] ?? "")?.[1];
  if (boundary === undefined) return answer;
  delete answer["content-length"];
  for (const [name, value] of Object.entries(answer)) {
    answer[name] = value.replaceAll(boundary, "BOUNDARY");
  }
  return answer;
}

/** Where two answers differ: `field: nginx's → webserv's`, a line each. */
export function differences(nginx: Answer, webserv: Answer): string[] {
  const names = new Set([...Object.keys(nginx), ...Object.keys(webserv)]);
  return [...names]
    .filter((name) => nginx[name] !== webserv[name])
    .map((name) => `${name}: ${nginx[name] ?? "-"} → ${webserv[name] ?? "-"}`);
}
