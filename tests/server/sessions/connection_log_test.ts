import { assertEquals, assertMatch } from "@std/assert";
import {
  configureDiagnostics,
  disposeDiagnostics,
} from "../../../src/logging/diagnostics.ts";
import type { Level } from "../../../src/logging/level.ts";
import {
  type ConnectionEnd,
  logAccepted,
  logEnded,
  type LoggedConnection,
  logSweep,
} from "../../../src/server/sessions/connection_log.ts";
import type { EndReason } from "../../../src/net/connection_state.ts";
import { ProxyHeaderError } from "../../../src/net/proxied_transport.ts";
import { systemError } from "../../../src/os_error.ts";
import { TlsRefusal } from "../../../src/net/tls/tls_refusal.ts";

const CONNECTION: LoggedConnection = {
  serial: 12,
  remoteAddress: "192.0.2.7",
  remotePort: 5555,
  localAddress: "2001:db8::1",
  localPort: 443,
  connectedAt: Date.now() - 1500,
  secure: false,
  tls: undefined,
  awaitsProxy: false,
  bytesIn: 40,
  bytesOut: 0,
  endedIn: "connect",
};

/** What was agreed on in a handshake that is over. */
const TERMS = {
  protocol: "TLSv1.3",
  cipher: "TLS_AES_128_GCM_SHA256",
  application: "",
  reused: false,
  serverName: "",
} as const;

type Parts = Partial<
  LoggedConnection & Pick<ConnectionEnd, "requests" | "headProgress">
>;

const NO_REQUEST = ", client: 192.0.2.7, server: [2001:db8::1]:443";

/** What is written at `level` while `act` runs, without time and process. */
async function linesAt(level: Level, act: () => void): Promise<string[]> {
  const path = await Deno.makeTempFile();
  configureDiagnostics({ targets: [{ path, level }] });
  act();
  await disposeDiagnostics();
  const text = await Deno.readTextFile(path);
  await Deno.remove(path);
  return text.split("\n").slice(0, -1)
    .map((line) => line.slice(20).replace(/ \d+#\d+:/, ""));
}

/** How a connection ends, and the line for it at `info`; none if empty. */
const ENDS: readonly (readonly [
  reason: EndReason,
  parts: Parts,
  line: string,
  error?: unknown,
])[] = [
  ["done", { endedIn: "none" }, ""],
  ["evicted", { endedIn: "idle" }, ""],
  [
    "eof",
    {},
    `[info] *12 client closed connection while waiting for request${NO_REQUEST}`,
  ],
  [
    "eof",
    { requests: 3, endedIn: "idle" },
    "[info] *12 client 192.0.2.7 closed keepalive connection",
  ],
  [
    "premature_eof",
    { headProgress: "line" },
    "[info] *12 client prematurely closed connection while reading client " +
    `request line${NO_REQUEST}`,
  ],
  [
    "premature_eof",
    { endedIn: "head", headProgress: "fields" },
    "[info] *12 client prematurely closed connection while reading client " +
    `request headers${NO_REQUEST}`,
  ],
  [
    "premature_eof",
    { endedIn: "body" },
    "[info] *12 client prematurely closed connection while reading client " +
    `request body${NO_REQUEST}`,
  ],
  [
    "premature_eof",
    { endedIn: "none" },
    `[info] *12 client prematurely closed connection${NO_REQUEST}`,
  ],
  [
    "reset",
    { endedIn: "none" },
    "[info] *12 client prematurely closed connection (104: Connection reset " +
    `by peer)${NO_REQUEST}`,
  ],
  [
    "premature_eof",
    { secure: true, bytesIn: 0 },
    "[info] *12 peer closed connection in SSL handshake while SSL " +
    `handshaking${NO_REQUEST}`,
  ],
  [
    "eof",
    { secure: true, bytesIn: 0, tls: TERMS },
    `[info] *12 client closed connection while waiting for request${NO_REQUEST}`,
  ],
  [
    "reset",
    { endedIn: "idle" },
    "[info] *12 recv() failed (104: Connection reset by peer) while " +
    `keepalive${NO_REQUEST}`,
  ],
  [
    "reset",
    { endedIn: "send" },
    "[info] *12 send() failed (104: Connection reset by peer) while sending " +
    `response to client${NO_REQUEST}`,
  ],
  [
    "broken_pipe",
    { endedIn: "send" },
    "[info] *12 send() failed (32: Broken pipe) while sending response to " +
    `client${NO_REQUEST}`,
  ],
  [
    "unreachable",
    { endedIn: "idle" },
    "[info] *12 recv() failed (110: Connection timed out) while " +
    `keepalive${NO_REQUEST}`,
    systemError(110),
  ],
  [
    "unreachable",
    { endedIn: "send" },
    "[info] *12 send() failed (113: No route to host) while sending response " +
    `to client${NO_REQUEST}`,
    systemError(113),
  ],
  ["timeout", { endedIn: "idle" }, ""],
  [
    "timeout",
    { endedIn: "send" },
    "[info] *12 client timed out (110: Connection timed out) while sending " +
    `response to client${NO_REQUEST}`,
  ],
  [
    "tls_failure",
    { secure: true, bytesIn: 0 },
    `[info] *12 handshake rejected while SSL handshaking${NO_REQUEST}`,
    new TlsRefusal("handshake rejected", undefined),
  ],
  [
    "tls_failure",
    { secure: true, bytesIn: 0 },
    "[info] *12 client sent plain HTTP request to HTTPS port while reading " +
    `client request headers${NO_REQUEST}`,
    new TlsRefusal("client sent plain HTTP request to HTTPS port", undefined),
  ],
  [
    "eof",
    { awaitsProxy: true, secure: true, bytesIn: 0 },
    "[info] *12 client closed connection while reading PROXY protocol" +
    NO_REQUEST,
  ],
  [
    "timeout",
    { awaitsProxy: true },
    "[info] *12 client timed out (110: Connection timed out) while reading " +
    `PROXY protocol${NO_REQUEST}`,
  ],
  [
    "error",
    { awaitsProxy: true },
    '[error] *12 broken header: "GET / HTTP/1.1" while reading PROXY ' +
    `protocol${NO_REQUEST}`,
    new ProxyHeaderError('broken header: "GET / HTTP/1.1"'),
  ],
  ["error", { endedIn: "none" }, ""],
  [
    "error",
    { endedIn: "none" },
    "[error] *12 connection failed while sending response to client " +
    `(5: Input/output error)${NO_REQUEST}`,
    new Error("Input/output error (os error 5)"),
  ],
];

Deno.test("logEnded() says in nginx's words what a client did wrong", async () => {
  for (const [reason, parts, line, error] of ENDS) {
    const lines = await linesAt(
      "info",
      () =>
        logEnded({ ...CONNECTION, ...parts }, {
          reason,
          error,
          open: 4,
          requests: 0,
          headProgress: "none",
          ...parts,
          context: () => ({ connection: 12, client: "192.0.2.7" }),
        }),
    );
    assertEquals(lines, line === "" ? [] : [line], reason);
  }
});

Deno.test("at debug there is a line at both ends of a connection", async () => {
  const lines = await linesAt("debug", () => {
    logAccepted(CONNECTION, 5, undefined);
    const context = () => ({ connection: 12, client: "192.0.2.7" });
    const served = { ...CONNECTION, bytesOut: 7000 };
    const more = { requests: 2, headProgress: "none" as const, context };
    logEnded({ ...served, endedIn: "idle" }, {
      reason: "timeout",
      open: 4,
      ...more,
    });
    logEnded({ ...served, endedIn: "none" }, {
      reason: "done",
      open: 3,
      ...more,
    });
    logSweep(2, 9);
  });
  assertEquals(
    lines[0],
    "[debug] connection accepted: *12 from 192.0.2.7:5555 at " +
      "[2001:db8::1]:443, 5 open",
  );
  assertMatch(
    lines[1]!,
    /^\[debug\] connection ended: \*12 timeout \(keepalive_timeout\) after 1\.\d{3} s, 2 requests, 40 bytes in, 7000 bytes out, 4 open, client: 192\.0\.2\.7$/,
  );
  assertMatch(
    lines[2]!,
    /^\[debug\] connection ended: \*12 done after 1\.\d{3} s, 2 requests, /,
  );
  assertEquals(
    lines[3],
    "[debug] deadline sweep closed 2 of 9 connections that were late",
  );
});

Deno.test("nothing is made of what nobody reads", async () => {
  let asked = 0;
  const lines = await linesAt("notice", () => {
    logAccepted(CONNECTION, 5, undefined);
    logEnded(CONNECTION, {
      reason: "eof",
      open: 4,
      requests: 0,
      headProgress: "none",
      context: () => {
        asked++;
        return {};
      },
    });
    logSweep(1, 1);
  });
  assertEquals([lines, asked], [[], 0]);
});
