/** The same requests over HTTP/2, asked by curl: a client nobody here wrote. */

import { join } from "@std/path";
import { bytesOf, textOf } from "../../support/latin1.ts";
import { type Answer, reduced } from "./compare.ts";
import type { DifferentialRequest } from "./requests.ts";

/**
 * How long curl waits, in seconds. nginx resets a stream whose body it does not
 * want, and curl 7.88 does not notice that it has the whole answer.
 */
const MAX_SECONDS = 5;

/** Options of every request; curl's own fields are left out. */
const OPTIONS = [
  "http2",
  "insecure",
  "globoff",
  "silent",
  `max-time = ${MAX_SECONDS}`,
  'header = "Expect:"',
];

/** Fields that curl sends by itself. */
const OWN_FIELDS = ["Accept", "User-Agent", "Content-Type"];

/** A request of the table that HTTP/2 can say. */
export function isOfHttp2({ version }: DifferentialRequest): boolean {
  return version !== "HTTP/1.0";
}

/** A string of curl's configuration language. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function optionsOf(
  { method, target, fields, body }: DifferentialRequest,
  port: number,
  files: { readonly head: string; readonly body: string },
  contentFile: string,
): string[] {
  const names = new Set(
    fields.map((field) => field.slice(0, field.indexOf(":")).toLowerCase()),
  );
  const own = OWN_FIELDS.filter((name) => !names.has(name.toLowerCase()));
  return [
    ...OPTIONS,
    `url = "https://127.0.0.1:${port}/"`,
    `request-target = ${quoted(target)}`,
    method === "HEAD" ? "head" : `request = ${quoted(method)}`,
    ...fields.map((field) =>
      `header = ${quoted(field.replace(/^([^:]*):\s*$/, "$1;"))}`
    ),
    ...own.map((name) => `header = "${name}:"`),
    ...(body === undefined ? [] : [
      `data-binary = ${quoted(`@${contentFile}`)}`,
      ...(body.chunked ? ['header = "Transfer-Encoding: chunked"'] : []),
    ]),
    ...(body === undefined && (method === "POST" || method === "PUT")
      ? ['data = ""']
      : []),
    `dump-header = ${quoted(files.head)}`,
    `output = ${quoted(files.body)}`,
  ];
}

/** The answers of a server to `requests`, in their order. */
export async function http2Answers(
  port: number,
  requests: readonly DifferentialRequest[],
  folder: string,
): Promise<Answer[]> {
  const own = Deno.makeTempDirSync({ dir: folder });
  const files = requests.map((_, at) => ({
    head: join(own, `${at}.head`),
    body: join(own, `${at}.body`),
  }));
  const contents = new Map<number, string>();
  for (const { body } of requests) {
    if (body === undefined || contents.has(body.bytes)) continue;
    const file = join(own, `${body.bytes}.content`);
    Deno.writeTextFileSync(file, "x".repeat(body.bytes));
    contents.set(body.bytes, file);
  }
  const config = requests.map((request, at) =>
    optionsOf(
      request,
      port,
      files[at]!,
      contents.get(request.body?.bytes ?? -1) ?? "",
    ).join("\n")
  ).join("\nnext\n");
  const path = join(own, "curl.conf");
  Deno.writeFileSync(path, bytesOf(config));
  await new Deno.Command("curl", {
    args: ["--disable", "--config", path],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return requests.map((request, at) => {
    const response = responseIn(
      read(files[at]!.head),
      request.method === "HEAD" ? new Uint8Array(0) : read(files[at]!.body),
    );
    return response === undefined
      ? { status: "none" }
      : reduced(response, request, port);
  });
}

function read(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array(0);
    throw error;
  }
}

/** The last of the heads that curl has written; others are interim. */
function responseIn(heads: Uint8Array, body: Uint8Array<ArrayBuffer>) {
  const head = textOf(heads).split("\r\n\r\n").filter(Boolean).at(-1);
  if (head === undefined) return undefined;
  const [statusLine = "", ...lines] = head.split("\r\n");
  const fields = new Map(lines.map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const;
  }));
  return {
    status: Number(/^HTTP\/2 (\d{3})/.exec(statusLine)?.[1]),
    field: (name: string) => fields.get(name),
    body,
  };
}
