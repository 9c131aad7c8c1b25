/**
 * A fast wrong answer is worth nothing: before and after every measurement
 * the server is asked the same as wrk asks it, and status, length and every
 * byte of the body are compared with the file.
 */

import { Client, type RawAnswer } from "./client.ts";
import { Http2Client } from "./http2_client.ts";
import type { LoadResult } from "./load.ts";
import { requestText, targetsOf } from "./requests.ts";
import type { Site } from "./server_spec.ts";
import type { ExpectedAnswer, Workload } from "./workloads.ts";

/** A server that does not answer as it should; the message says how. */
export class WrongAnswer extends Error {
  /** The name under which the error is printed. */
  override readonly name = "WrongAnswer";
}

/** The files of the tree, read once. */
const contents = new Map<string, Uint8Array>();

async function contentOf(path: string): Promise<Uint8Array> {
  let content = contents.get(path);
  if (content === undefined) {
    content = await Deno.readFile(path);
    contents.set(path, content);
  }
  return content;
}

/** The bytes the body must have, or `undefined` if they are the server's. */
async function expectedBody(
  { file, range }: ExpectedAnswer,
  root: string,
): Promise<Uint8Array | undefined> {
  if (file === undefined) return undefined;
  const content = await contentOf(`${root}/${file}`);
  return range === undefined ? content : content.subarray(...range);
}

/** The first offset at which the two differ, or -1. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return a.length === b.length ? -1 : length;
}

/**
 * Compares an answer with what it must be.
 *
 * @throws {WrongAnswer} when it is something else
 */
export function checkAnswer(
  answer: RawAnswer,
  expected: ExpectedAnswer,
  body: Uint8Array | undefined,
): void {
  if (answer.status !== expected.status) {
    throw new WrongAnswer(`status ${answer.status}, not ${expected.status}`);
  }
  for (const [name, value] of Object.entries(expected.fields ?? {})) {
    const given = answer.fields.get(name);
    if (given !== value) {
      throw new WrongAnswer(`${name} is "${given}", not "${value}"`);
    }
  }
  if (body === undefined) return;
  if (answer.body.length !== body.length) {
    throw new WrongAnswer(
      `a body of ${answer.body.length} bytes, not ${body.length}`,
    );
  }
  const at = firstDifference(answer.body, body);
  if (at >= 0) throw new WrongAnswer(`another body from byte ${at} on`);
}

/** The field lines with which a browser asks whether its copy is fresh. */
function conditionsOf({ fields }: RawAnswer): string[] {
  const modified = fields.get("last-modified");
  const tag = fields.get("etag");
  return [
    ...(modified === undefined ? [] : [`If-Modified-Since: ${modified}`]),
    ...(tag === undefined ? [] : [`If-None-Match: ${tag}`]),
  ];
}

/**
 * The requests of `workload` for the server of `site`, one per target. Asks
 * it for its validators if they belong into the request.
 *
 * @throws {WrongAnswer} when it gives none
 */
export async function buildRequests(
  workload: Workload,
  site: Site,
): Promise<string[]> {
  const { port } = site;
  let conditions: string[] = [];
  if (workload.conditional) {
    using client = await Client.connect(site);
    const [target = "/"] = targetsOf(workload);
    await client.send(requestText(workload, target, port));
    conditions = conditionsOf(await client.answer());
    if (conditions.length === 0) throw new WrongAnswer("no validators");
  }
  return targetsOf(workload).map((target) =>
    requestText(workload, target, port, conditions)
  );
}

/** What the answer to a GET of `target` must be. */
function expectedAnswer(
  { target: any, answer }: Workload,
  target: string,
): ExpectedAnswer {
  return typeof any === "string"
    ? answer
    : { ...answer, file: target.slice(1) };
}

/**
 * Asks for every target over HTTP/2, as many at once as h2load does on a
 * connection, and checks the answers.
 *
 * @returns the length of the longest body, in bytes
 * @throws {WrongAnswer} when one is not what `workload` expects
 */
export async function verifyHttp2(
  workload: Workload,
  site: Site,
): Promise<number> {
  let longest = 0;
  using client = await Http2Client.of(site);
  for (const target of targetsOf(workload)) {
    const expected = expectedAnswer(workload, target);
    const body = await expectedBody(expected, site.root);
    const answers = await Promise.all(
      Array.from(
        { length: workload.streams ?? 1 },
        () => client.get(target),
      ),
    );
    for (const answer of answers) {
      checkAnswer(answer, expected, body);
      longest = Math.max(longest, answer.body.length);
    }
  }
  return longest;
}

/**
 * Sends every request as wrk does and checks the answers.
 *
 * @returns the length of the longest body, in bytes
 * @throws {WrongAnswer} when one is not what `workload` expects
 */
export async function verify(
  workload: Workload,
  requests: readonly string[],
  site: Site,
): Promise<number> {
  const pipeline = workload.pipeline ?? 1;
  const targets = targetsOf(workload);
  let longest = 0;
  using client = await Client.connect(site);
  for (const [i, request] of requests.entries()) {
    const expected = expectedAnswer(workload, targets[i]!);
    const body = await expectedBody(expected, site.root);
    await client.send(request.repeat(pipeline));
    for (let n = 0; n < pipeline; n++) {
      const given = await client.answer();
      checkAnswer(given, expected, body);
      longest = Math.max(longest, given.body.length);
    }
    if (client.hasMore) throw new WrongAnswer("more bytes than were asked for");
  }
  return longest;
}

/**
 * Checks what the load generator has counted: every answer of the right class, and as many
 * bytes as the answers must have had.
 *
 * @throws {WrongAnswer} when they cannot all have been right
 */
export function checkLoad(
  workload: Workload,
  load: LoadResult,
  bodyBytes: number,
): void {
  const { errors } = load;
  if (load.requests === 0 && load.bytes === 0) {
    throw new WrongAnswer("no answer at all");
  }
  // Statuses from 400 are counted as errors.
  const failing = workload.answer.status >= 400 ? load.requests : 0;
  if (errors.status !== failing) {
    throw new WrongAnswer(
      `${errors.status} answers of ${load.requests} with a status from 400`,
    );
  }
  const broken = errors.connect + errors.read + errors.write + errors.timeout;
  if (broken > 0) {
    throw new WrongAnswer(
      `under load: ${errors.connect} connects, ${errors.read} reads, ` +
        `${errors.write} writes failed, ${errors.timeout} timeouts`,
    );
  }
  if (
    typeof workload.target === "string" &&
    load.bytes < load.requests * bodyBytes
  ) {
    throw new WrongAnswer(
      `${load.requests} answers in ${load.bytes} bytes are too short`,
    );
  }
}
