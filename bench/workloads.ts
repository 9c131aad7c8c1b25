/** What the servers are asked for, as data. */

/** Something a server may not be able to do. */
export type Feature = "gzip_static" | "tls" | "http2" | "workers";

/** The answer that counts as right. */
export interface ExpectedAnswer {
  /** The status code. */
  readonly status: number;
  /** The file whose bytes are the body; without it the body is the server's. */
  readonly file?: string;
  /** The part of the file, in bytes: from, up to. */
  readonly range?: readonly [start: number, end: number];
  /** Fields that must be there, by lower-case name. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** One way of asking, and what it is to reach. */
export interface Workload {
  /** The name on the command line. */
  readonly name: string;
  /** The name in the report. */
  readonly title: string;
  /** The path asked for; `many` stands for the thousand small files. */
  readonly target: string | { readonly many: true };
  /** A request head of about 40 bytes, or a browser's of about 600. */
  readonly head: "short" | "browser";
  /** Further field lines. */
  readonly fields?: readonly string[];
  /** Whether the client sends back the validators it was given. */
  readonly conditional?: boolean;
  /** How many connections ask at the same time. */
  readonly connections: number;
  /** How many requests are sent at once on a connection; default 1. */
  readonly pipeline?: number;
  /**
   * How many requests are under way at once on a connection of HTTP/2, which
   * h2load asks by; without it the workload is one of HTTP/1.1, and of wrk.
   */
  readonly streams?: number;
  /** How many more connections are open and say nothing; default 0. */
  readonly idle?: number;
  /** Seconds to measure, where the command line does not decide. */
  readonly seconds?: number;
  /** Rounds, where the command line does not decide. */
  readonly rounds?: number;
  /** What the answers must be. */
  readonly answer: ExpectedAnswer;
  /** What a server must be able to do to take part. */
  readonly needs?: Feature;
  /** What is counted: answers, or bytes where an answer takes long. */
  readonly unit: "requests" | "bytes";
  /** Whether it is measured with the access log on as well. */
  readonly logged?: boolean;
  /** The least ratio of webserv to nginx to reach, access log off. */
  readonly goal?: number;
  /** The least ratio to reach with the access log on. */
  readonly loggedGoal?: number;
  /** The least ratio to reach with `use epoll`, access log off. */
  readonly epollGoal?: number;
  /** The least ratio to reach with `use epoll` and the access log on. */
  readonly epollLoggedGoal?: number;
  /** The most processor time of nginx's that `use epoll` may take. */
  readonly epollCpuGoal?: number;
  /** Whether the 99th percentile of `use epoll` is to be nginx's at most. */
  readonly epollP99?: boolean;
  /** Whether it has a place in the chart. */
  readonly charted?: boolean;
  /** The name of the case that each server is compared with itself in. */
  readonly beside?: string;
}

const KIB = 1024;
const MIB = 1024 ** 2;

/** What most workloads have in common. */
const KEEP_ALIVE = {
  head: "short",
  connections: 64,
  unit: "requests",
} as const satisfies Partial<Workload>;

/** HTTP/2 over TLS, as h2load asks it. */
const HTTP2 = {
  needs: "http2",
  connections: 16,
  streams: 8,
  goal: 0.9,
} as const satisfies Partial<Workload>;

/** A workload that asks for one file of the tree. */
function fileOf(
  file: string,
  rest: Partial<Workload> & Pick<Workload, "name" | "title">,
): Workload {
  return {
    ...KEEP_ALIVE,
    target: `/${file}`,
    answer: { status: 200, file },
    ...rest,
  };
}

/** Where the range workload begins in the 100 MB file, in bytes. */
const RANGE_START = 50 * MIB;
const RANGE_END = RANGE_START + 64 * KIB;

/** Every workload, in the order of the report. */
export const WORKLOADS: readonly Workload[] = [
  fileOf("1k.html", {
    name: "1k",
    title: "1 KB",
    logged: true,
    goal: 1.2,
    loggedGoal: 1.1,
    epollGoal: 1.2,
    epollLoggedGoal: 1.1,
    epollP99: true,
    charted: true,
  }),
  fileOf("1k.html", {
    name: "1k-browser",
    title: "1 KB, browser head",
    head: "browser",
    logged: true,
    goal: 1.2,
    loggedGoal: 1.1,
    epollGoal: 1.1,
    epollLoggedGoal: 1.1,
    charted: true,
  }),
  fileOf("10k.html", {
    name: "10k",
    title: "10 KB",
    logged: true,
    goal: 1.2,
    loggedGoal: 1.1,
    epollGoal: 1.1,
    epollLoggedGoal: 1.1,
  }),
  fileOf("10k.html", {
    name: "10k-browser",
    title: "10 KB, browser head",
    head: "browser",
    logged: true,
    goal: 1.2,
    loggedGoal: 1.1,
    epollGoal: 1.1,
    epollLoggedGoal: 1.1,
    charted: true,
  }),
  fileOf("100k.html", {
    name: "100k",
    title: "100 KB",
    logged: true,
    goal: 1,
    epollGoal: 1,
    charted: true,
  }),
  fileOf("1m.bin", { name: "1m", title: "1 MB", unit: "bytes" }),
  fileOf("100m.bin", {
    name: "100m",
    title: "100 MB, one stream",
    connections: 1,
    unit: "bytes",
    goal: 1,
    epollGoal: 1,
    epollCpuGoal: 1.2,
    charted: true,
  }),
  fileOf("100m.bin", {
    name: "100m-20",
    title: "100 MB, 20 streams",
    connections: 20,
    unit: "bytes",
    goal: 1,
    epollGoal: 1,
    epollCpuGoal: 1.2,
    charted: true,
  }),
  fileOf("1k.html", {
    name: "304",
    title: "304 Not Modified",
    head: "browser",
    conditional: true,
    answer: { status: 304 },
    logged: true,
    goal: 1,
    epollGoal: 1,
    charted: true,
  }),
  {
    ...KEEP_ALIVE,
    name: "404",
    title: "404 Not Found",
    target: "/missing.html",
    answer: { status: 404 },
    logged: true,
    goal: 1,
    epollGoal: 1,
  },
  {
    ...KEEP_ALIVE,
    name: "many",
    title: "1,000 files of 1–50 KB, zipf",
    target: { many: true },
    answer: { status: 200 },
    logged: true,
    goal: 1,
    epollGoal: 1,
    charted: true,
  },
  fileOf("1k.html", {
    name: "close",
    title: "1 KB, Connection: close",
    fields: ["Connection: close"],
    goal: 0.9,
    epollGoal: 1,
    charted: true,
  }),
  // Not in the chart: with Debian's settings nginx's core is idle here, and
  // its answers wait 40 ms for an acknowledgement. That is a stall, no speed.
  fileOf("1k.html", {
    name: "pipelined",
    title: "1 KB, pipelined by 16",
    pipeline: 16,
    goal: 1,
  }),
  fileOf("100m.bin", {
    name: "range",
    title: "64 KB range of 100 MB",
    fields: [`Range: bytes=${RANGE_START}-${RANGE_END - 1}`],
    answer: {
      status: 206,
      file: "100m.bin",
      range: [RANGE_START, RANGE_END],
      fields: {
        "content-range": `bytes ${RANGE_START}-${RANGE_END - 1}/${100 * MIB}`,
      },
    },
    goal: 1,
    epollGoal: 1,
  }),
  fileOf("style.css", {
    name: "gzip",
    title: "40 KB, precompressed variant",
    head: "browser",
    answer: {
      status: 200,
      file: "style.css.gz",
      fields: { "content-encoding": "gzip" },
    },
    needs: "gzip_static",
  }),
  fileOf("1k.html", {
    name: "c256",
    title: "1 KB, 256 connections",
    connections: 256,
  }),
  fileOf("1k.html", {
    name: "c2000",
    title: "1 KB, 2,000 connections",
    connections: 2000,
    epollP99: true,
  }),
  fileOf("1k.html", {
    name: "idle",
    title: "1 KB beside 10,000 idle connections",
    idle: 10_000,
    charted: true,
  }),
  fileOf("1k.html", {
    name: "minute",
    title: "1 KB for 60 s",
    seconds: 60,
    rounds: 1,
  }),
  fileOf("1k.html", {
    name: "tls",
    title: "1 KB over TLS",
    needs: "tls",
    goal: 0.9,
  }),
  fileOf("100k.html", {
    name: "tls-100k",
    title: "100 KB over TLS",
    needs: "tls",
    goal: 0.9,
  }),
  // wrk never resumes a session: every connection is a full handshake.
  fileOf("1k.html", {
    name: "handshakes",
    title: "1 KB over TLS, a handshake each",
    fields: ["Connection: close"],
    needs: "tls",
    goal: 0.7,
  }),
  fileOf("1k.html", { ...HTTP2, name: "h2", title: "1 KB over HTTP/2" }),
  fileOf("100k.html", {
    ...HTTP2,
    name: "h2-100k",
    title: "100 KB over HTTP/2",
  }),
  // No goal: 1.6 times one worker would need a third core for wrk.
  fileOf("1k.html", {
    name: "workers",
    title: "1 KB, two workers",
    needs: "workers",
    beside: "1k",
  }),
];

/** A workload with or without access logs. */
export interface Case {
  /** The workload's name; `+log` is appended with access logs. */
  readonly name: string;
  /** What is asked. */
  readonly workload: Workload;
  /** Whether every server writes an access log. */
  readonly accessLog: boolean;
}

/**
 * The cases to run: without access logs first. `names` chooses; empty for
 * all.
 *
 * @throws {Error} for a name that no case has
 */
export function selectCases(names: readonly string[]): Case[] {
  const cases = [false, true].flatMap((accessLog) =>
    WORKLOADS
      .filter(({ logged }) => !accessLog || logged)
      .map((workload) => ({
        name: accessLog ? `${workload.name}+log` : workload.name,
        workload,
        accessLog,
      }))
  );
  const unknown = names.filter((name) => !cases.some((c) => c.name === name));
  if (unknown.length > 0) {
    throw new Error(`no such workload: ${unknown.join(", ")}`);
  }
  return names.length === 0
    ? cases
    : cases.filter(({ name }) => names.includes(name));
}
