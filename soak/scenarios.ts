/** What good clients ask for, and what they must be told. */

import {
  brotliDecompressSync,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import {
  fileProblem,
  listingProblem,
  mayBeCut,
  mayBeMixed,
  periodOf,
} from "./answer_checks.ts";
import { MAX_UPLOAD_BYTES } from "./configurations.ts";
import { LINE_BYTES } from "./content.ts";
import type { SoakFile, Way } from "./files.ts";
import type { GoodClient, Told } from "./good_client.ts";
import type { Ask, AskOptions } from "./link.ts";
import type { Answer } from "./wire.ts";

/** One thing to do; resolves when it is done or its problem was told. */
export type Scenario = (client: GoodClient) => Promise<void>;

/** The longest that a file may be old in any of the configurations, in ms. */
const LONGEST_VALID_MS = 1000;

const DECODERS: Readonly<Record<string, (body: Uint8Array) => Uint8Array>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** The text of a page of the site, by the root it is under. */
export function pageText(root: string): string {
  return `<h1>${root}</h1>`.repeat(60);
}

const latin1 = new TextDecoder("latin1");

function textOf(answer: Answer): string {
  return latin1.decode(answer.body);
}

/** An answer must have this status and text. */
function plainProblem(
  { answer }: Told,
  status: number,
  text: string,
): string | undefined {
  return answer.status === status && textOf(answer) === text
    ? undefined
    : `${answer.status} "${textOf(answer).slice(0, 60)}", expected ${status} ` +
      `"${text.slice(0, 60)}"`;
}

function pageProblem(told: Told): string | undefined {
  return plainProblem(told, 200, pageText(told.generation.kind.root));
}

function missingProblem({ answer }: Told): string | undefined {
  return answer.status === 404 && textOf(answer).includes("404 Not Found")
    ? undefined
    : `${answer.status}, expected a page for 404`;
}

function decoded(answer: Answer): Answer {
  const coding = answer.field("content-encoding");
  if (coding === undefined || answer.isDecoded === true) return answer;
  const decode = DECODERS[coding];
  if (decode === undefined) throw new Error(`unknown coding "${coding}"`);
  return { ...answer, body: decode(answer.body) };
}

function pickFile(client: GoodClient, ...ways: Way[]): SoakFile {
  const { changes, random } = client.world;
  return random.pick(changes.files.filter(({ way }) => ways.includes(way)));
}

/** Asks for a file under `/files/` and judges the answer. */
async function askFile(
  client: GoodClient,
  what: string,
  file: SoakFile,
  ask: Omit<Ask, "path"> = {},
  options: AskOptions = {},
): Promise<void> {
  const told = await client.ask({ ...ask, path: `/files/${file.name}` }, {
    ...options,
    mayBeCut: ({ from, to }) =>
      mayBeCut(
        file,
        periodOf({ askedAt: from, endedAt: to }, LONGEST_VALID_MS),
      ),
  });
  if (told === undefined) return;
  let problem: string | undefined;
  try {
    const { validMs } = told.generation.kind;
    const answer = decoded(told.answer);
    // Over TLS and HTTP/2 the server reads the file.
    if (
      client.world.use === "epoll" && client.way === "HTTP/1.1" &&
      mayBeMixed(file, answer, periodOf(answer, validMs))
    ) {
      client.world.counts.cuts++;
      return;
    }
    problem = fileProblem(file, answer, validMs);
  } catch (error) {
    problem = String(error);
  }
  client.judge(what, problem);
}

function changing(way: Way): Scenario {
  return (client) => askFile(client, way, pickFile(client, way));
}

const WHOLE: readonly Way[] = ["replaced", "comes_and_goes"];

/** Everything that good clients do, by what it is about. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  async page(client) {
    const told = await client.ask({ path: "/page.html" });
    if (told !== undefined) client.judge("page", pageProblem(told));
  },
  async location(client) {
    const only = client.world.reloads.history.last.kind.only;
    const told = await client.ask({ path: only });
    if (told === undefined) return;
    const isThere = told.generation.kind.only === only;
    client.judge(
      "location",
      isThere ? plainProblem(told, 200, only) : missingProblem(told),
    );
  },
  replaced: changing("replaced"),
  rewritten: changing("rewritten"),
  truncated: changing("truncated"),
  grown: changing("grown"),
  comes_and_goes: changing("comes_and_goes"),
  slow_reader: (client) =>
    askFile(client, "slow_reader", pickFile(client, ...WHOLE), {}, {
      slowMs: 10,
    }),
  range(client) {
    const { random } = client.world;
    const file = pickFile(client, "replaced");
    const start = random.below(100) * LINE_BYTES;
    const length = (1 + random.below(20)) * LINE_BYTES;
    const end = random.pick([`${start + length - 1}`, "", `${2 ** 40}`]);
    const range = random.below(8) === 0 ? "999999999-" : `${start}-${end}`;
    const fields = `Range: bytes=${range}\r\n`;
    return askFile(client, "range", file, { fields });
  },
  if_range(client) {
    const file = pickFile(client, "replaced");
    const tag = file.tags.latest ?? '"none"';
    const fields = `Range: bytes=0-127\r\nIf-Range: ${tag}\r\n`;
    return askFile(client, "if_range", file, { fields });
  },
  conditional(client) {
    const file = pickFile(client, "replaced", "rewritten", "grown");
    const tag = file.tags.latest ?? '"none"';
    const fields = `If-None-Match: ${tag}\r\n`;
    return askFile(client, "conditional", file, { fields });
  },
  async head(client) {
    const file = pickFile(client, "replaced");
    const told = await client.ask({
      method: "HEAD",
      path: `/files/${file.name}`,
    });
    if (told === undefined) return;
    const { answer, generation } = told;
    const possible = file.history
      .during(periodOf(answer, generation.kind.validMs));
    const length = Number(answer.field("content-length"));
    const isRight = answer.status === 200 &&
      possible.some((state) => state?.size === length);
    const problem = `${answer.status} and ${length} bytes of ${file.name}`;
    client.judge("head", isRight ? undefined : problem);
  },
  compressed(client) {
    const coding = client.world.random.pick(Object.keys(DECODERS));
    const file = pickFile(client, "replaced", "rewritten", "comes_and_goes");
    const fields = `Accept-Encoding: ${coding}\r\n`;
    return askFile(client, "compressed", file, { fields });
  },
  async precompressed(client) {
    const fields = "Accept-Encoding: gzip\r\n";
    const told = await client.ask({ path: "/pre/pre.txt", fields });
    if (told === undefined) return;
    const { original, sibling } = client.world.changes.precompressed;
    const isSibling = told.answer.field("content-encoding") === "gzip";
    const problem = fileProblem(
      isSibling ? sibling : original,
      decoded(told.answer),
      told.generation.kind.validMs,
    );
    client.judge("precompressed", problem);
  },
  async listing(client) {
    const told = await client.ask({ path: "/list/" });
    if (told === undefined) return;
    const { listed } = client.world.changes;
    const { answer } = told;
    client.judge("listing", listingProblem(listed, answer, textOf(answer)));
  },
  async missing(client) {
    const n = client.world.random.below(1000);
    const told = await client.ask({ path: `/missing/${n}` });
    if (told !== undefined) client.judge("missing", missingProblem(told));
  },
  async upload(client) {
    const { random } = client.world;
    const body = "u".repeat(1 + random.below(60_000));
    const half = body.length >> 1;
    const isChunked = random.below(2) === 0;
    const told = await client.ask({
      method: "POST",
      path: "/upload",
      fields: isChunked
        ? "Transfer-Encoding: chunked\r\n"
        : `Content-Length: ${body.length}\r\n`,
      body: isChunked && client.way === "HTTP/1.1"
        ? [`${body.length.toString(16)}\r\n${body}`, "\r\n0\r\n", "\r\n"]
        : [body.slice(0, half), body.slice(half)],
    });
    if (told === undefined) return;
    client.judge("upload", plainProblem(told, 200, "taken"));
  },
  async too_large(client) {
    const length = MAX_UPLOAD_BYTES + 1;
    const told = await client.ask({
      method: "POST",
      path: "/upload",
      fields: `Content-Length: ${length}\r\nExpect: 100-continue\r\n`,
    });
    if (told === undefined) return;
    const { status } = told.answer;
    const problem = status === 413 ? undefined : `${status}, expected 413`;
    client.judge("too_large", problem);
  },
  async pipelined(client) {
    const { random, changes } = client.world;
    const whole = changes.files.find(({ way }) => way === "replaced")!;
    const kinds: readonly [string, (told: Told) => string | undefined][] = [
      ["/page.html", pageProblem],
      ["/missing", missingProblem],
      [
        `/files/${whole.name}`,
        ({ answer, generation }) =>
          fileProblem(whole, answer, generation.kind.validMs),
      ],
    ];
    const chosen = Array.from(
      { length: 2 + random.below(7) },
      () => random.pick(kinds),
    );
    const all = await client.askAll(chosen.map(([path]) => ({ path })));
    for (const [i, told] of all.entries()) {
      client.judge("pipelined", chosen[i]![1](told));
    }
  },
  async one_request(client) {
    const fields = "Connection: close\r\n";
    const told = await client.ask({ path: "/page.html", fields });
    if (told !== undefined) client.judge("one_request", pageProblem(told));
  },
  async half_close(client) {
    const told = await client.ask({ path: "/page.html" }, { halfClose: true });
    if (told !== undefined) client.judge("half_close", pageProblem(told));
  },
};
