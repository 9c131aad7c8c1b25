import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  DEFAULT_BACKLOG,
  type ListenOptions,
  NO_OPTIONS,
  parseListenOptions,
} from "../../../src/core/settings/listen_options.ts";

const PLACE = { file: "x.conf", line: 1 };

function parse(text: string, isUnix = false) {
  const warnings: string[] = [];
  const warn = (what: string) => void warnings.push(what);
  const words = text === "" ? [] : text.split(" ");
  const options = parseListenOptions(words, { place: PLACE, isUnix, warn });
  return { options, warnings };
}

/** What parameters without effect are warned of. */
const inert = (names: string, has = "has") =>
  `${names} of "listen" ${has} no effect: the runtime cannot set it on a ` +
  "socket, and the system's default is in force";

Deno.test("parseListenOptions() reads parameters", () => {
  const isSet = true;
  const rows: [text: string, changes: Partial<ListenOptions>][] = [
    ["", {}],
    ["default_server", { isDefault: true }],
    ["default", { isDefault: true }],
    ["ssl proxy_protocol", { ssl: true, proxyProtocol: true }],
    ["bind", { isSet }],
    ["reuseport", { isSet }],
    ["reuseport reuseport", { isSet }],
    ["backlog=7", { backlog: 7, isSet }],
    ["ipv6only=on", { isSet }],
    ["ipv6only=off", { ipv6Only: false, isSet }],
    ["so_keepalive=on", { keepAlive: true, isSet }],
    ["so_keepalive=off", { isSet }],
  ];
  for (const [text, changes] of rows) {
    const { options, warnings } = parse(text);
    assertEquals(options, { ...NO_OPTIONS, ...changes }, text);
    assertEquals(warnings, [], text);
  }
  assertEquals(NO_OPTIONS.backlog, DEFAULT_BACKLOG);
});

Deno.test("parseListenOptions() warns of what has no effect here", () => {
  const times = (value: string) =>
    `so_keepalive=${value}: probes are sent, at the times of the system ` +
    "(net.ipv4.tcp_keepalive_time, _intvl, _probes)";
  const rows: [text: string, ...warnings: string[]][] = [
    ["deferred", inert('"deferred"')],
    ["multipath", inert('"multipath"')],
    ["fastopen=0", inert('"fastopen=0"')],
    [
      "rcvbuf=8k sndbuf=0 fastopen=3",
      inert('"rcvbuf=8k", "sndbuf=0", "fastopen=3"', "have"),
    ],
    ["so_keepalive=30m::10", times("30m::10")],
    ["so_keepalive=1", times("1")],
    ["so_keepalive=:1w", times(":1w")],
    [
      "accept_filter=httpready",
      'accept filters "accept_filter=httpready" are not supported on this ' +
      "platform, ignored",
    ],
    [
      "http2",
      'the "listen ... http2" directive is deprecated, use the "http2" ' +
      "directive instead",
    ],
    ["quic", 'the "quic" parameter of "listen": QUIC is not spoken'],
  ];
  for (const [text, ...told] of rows) {
    const { options, warnings } = parse(text);
    assertEquals([...warnings, ...options.systemOnly], told, text);
  }
});

Deno.test("parseListenOptions() reads what is for sockets of the system", () => {
  const rows: [text: string, changes: Partial<ListenOptions>][] = [
    ["deferred", { deferred: true }],
    ["fastopen=0", { fastOpen: 0 }],
    ["rcvbuf=8k", { receiveBuffer: 8192 }],
    ["sndbuf=1m", { sendBuffer: 1048576 }],
    // The system's own choice.
    ["sndbuf=0", { sendBuffer: undefined }],
    ["so_keepalive=30m::10", { probes: { idle: 1800, count: 10 } }],
    ["so_keepalive=:1w", { probes: { interval: 604800 } }],
    ["so_keepalive=1", { probes: { idle: 1 } }],
    ["so_keepalive=0:2:3", { probes: { interval: 2, count: 3 } }],
    ["so_keepalive=on", { probes: {} }],
  ];
  for (const [text, changes] of rows) {
    const { options } = parse(text);
    const keepAlive = text.startsWith("so_keepalive");
    assertEquals(
      { ...options, systemOnly: [] },
      { ...NO_OPTIONS, ...changes, keepAlive, isSet: true },
      text,
    );
  }
});

Deno.test("parseListenOptions() knows what a Unix socket has not", () => {
  const { backlog, systemOnly } = parse("backlog=7", true).options;
  assertEquals(systemOnly, [inert('"backlog=7"')]);
  assertEquals(backlog, 7);
  const { options, warnings } = parse("so_keepalive=1:2:3 bind", true);
  assertEquals([...warnings, ...options.systemOnly], []);
});

Deno.test("parseListenOptions() refuses other parameters", () => {
  const rows: [text: string, message: string][] = [
    ["nope", 'invalid parameter "nope"'],
    ["ssl=on", 'invalid parameter "ssl=on"'],
    ["bind=x", 'invalid parameter "bind=x"'],
    ["proxy_protocol=on", 'invalid parameter "proxy_protocol=on"'],
    ["constructor", 'invalid parameter "constructor"'],
    ["toString=1", 'invalid parameter "toString=1"'],
    ["=1", 'invalid parameter "=1"'],
    ["spdy", 'invalid parameter "spdy"'],
    // FreeBSD's; nginx on Linux says the same.
    ["setfib=1", 'invalid parameter "setfib=1"'],
    ["ipv6only=maybe", 'invalid parameter "ipv6only=maybe"'],
    ["backlog=x", 'invalid backlog "backlog=x"'],
    ["backlog=0", 'invalid backlog "backlog=0"'],
    ["backlog=-1", 'invalid backlog "backlog=-1"'],
    ["fastopen=x", 'invalid fastopen "fastopen=x"'],
    ["fastopen=-1", 'invalid fastopen "fastopen=-1"'],
    ["rcvbuf=x", 'invalid rcvbuf "rcvbuf=x"'],
    ["sndbuf=", 'invalid sndbuf "sndbuf="'],
    ["so_keepalive=maybe", 'invalid so_keepalive value: "maybe"'],
    ["so_keepalive=", 'invalid so_keepalive value: ""'],
    ["so_keepalive=::", 'invalid so_keepalive value: "::"'],
    ["so_keepalive=0:0:0", 'invalid so_keepalive value: "0:0:0"'],
    ["so_keepalive=1:2:3:4", 'invalid so_keepalive value: "1:2:3:4"'],
    ["so_keepalive=::x", 'invalid so_keepalive value: "::x"'],
    ["so_keepalive=1ms", 'invalid so_keepalive value: "1ms"'],
  ];
  for (const [text, message] of rows) {
    const error = assertThrows(() => parse(text), ConfigError);
    assertEquals(error.message, `${message} in x.conf:1`);
  }
});
