import { assertEquals, assertThrows } from "@std/assert";
import {
  syslogFramer,
  syslogName,
  syslogServer,
} from "../../src/logging/syslog.ts";

const HOST = { hostname: "box", isErrorLog: false };

Deno.test("syslogName() refuses what nginx refuses, in its words", () => {
  const rows: [text: string, message: string][] = [
    ["", 'unknown syslog parameter ""'],
    ["server=127.0.0.1,", 'unknown syslog parameter ""'],
    ["server=127.0.0.1,foo", 'unknown syslog parameter "foo"'],
    ["server=127.0.0.1,foo=debug", 'unknown syslog parameter "foo=debug"'],
    ["server=127.0.0.1,hostname=x", 'unknown syslog parameter "hostname=x"'],
    ["server=h,server=h", 'duplicate syslog "server"'],
    ["server=h,tag=a,tag=b", 'duplicate syslog "tag"'],
    ["server=h,facility=x", 'unknown syslog facility "x"'],
    ["server=h,severity=warning", 'unknown syslog severity "warning"'],
    ["server=h,severity=$level", 'unknown syslog severity "$level"'],
    [`server=h,tag=${"a".repeat(33)}`, "syslog tag length exceeds 32"],
    [
      "server=h,tag=a-b",
      'syslog "tag" only allows alphanumeric characters and underscore',
    ],
    ["facility=user", "no syslog server specified"],
    ["server=", 'no host in syslog server ""'],
    ["server=:514", 'no host in syslog server ":514"'],
    ["server=h:0", 'invalid port in syslog server "h:0"'],
    ["server=h:", 'invalid port in syslog server "h:"'],
    ["server=h:65536", 'invalid port in syslog server "h:65536"'],
    ["server=[::1]:x", 'invalid port in syslog server "[::1]:x"'],
    ["server=[x]", 'invalid IPv6 address in syslog server "[x]"'],
    ["server=::1", 'invalid port in syslog server "::1"'],
    ["server=[::1", 'invalid host in syslog server "[::1"'],
    ["server=[::1]x", 'invalid host in syslog server "[::1]x"'],
    ["server=h/x", 'invalid host in syslog server "h/x"'],
    [
      "server=unix:",
      'no path in the unix domain socket in syslog server "unix:"',
    ],
  ];
  for (const [text, message] of rows) {
    assertThrows(
      () => syslogName(`syslog:${text}`, HOST),
      Error,
      message,
      text,
    );
  }
});

Deno.test("syslogServer() knows ports, IPv6 and Unix sockets", () => {
  const udp = (hostname: string, port = 514) => ({
    transport: "udp" as const,
    hostname,
    port,
  });
  const rows: [text: string, server: ReturnType<typeof syslogServer>][] = [
    ["127.0.0.1", udp("127.0.0.1")],
    ["log.example:1514", udp("log.example", 1514)],
    ["[::1]", udp("::1")],
    ["[::1]:12345", udp("::1", 12345)],
    ["unix:/dev/log", { transport: "unixpacket", path: "/dev/log" }],
    ["unix:/a:b", { transport: "unixpacket", path: "/a:b" }],
  ];
  for (const [text, server] of rows) {
    assertEquals(
      syslogServer(syslogName(`syslog:server=${text}`, HOST)),
      server,
    );
  }
});

Deno.test("a line is framed as nginx frames it", () => {
  const time = new Date(2026, 10, 7, 9, 5, 3).getTime();
  const error = (level: string) => `2026/11/07 09:05:03 [${level}] 1#0: x`;
  const rows: [
    text: string,
    isErrorLog: boolean,
    line: string,
    head: string,
  ][] = [
    ["server=h", false, "x", "<190>Nov  7 09:05:03 box nginx: "],
    ["server=h,nohostname", false, "x", "<190>Nov  7 09:05:03 nginx: "],
    [
      "server=h,facility=user,severity=crit,tag=web",
      false,
      "x",
      "<10>Nov  7 09:05:03 box web: ",
    ],
    [
      "server=h,facility=kern,severity=emerg,tag=",
      false,
      "x",
      "<0>Nov  7 09:05:03 box : ",
    ],
    // What a client sent first is no level.
    ["server=h", false, error("crit"), "<190>Nov  7 09:05:03 box nginx: "],
    ["server=h", true, error("emerg"), "<184>Nov  7 09:05:03 box nginx: "],
    ["server=h", true, error("error"), "<187>Nov  7 09:05:03 box nginx: "],
    ["server=h", true, error("debug"), "<191>Nov  7 09:05:03 box nginx: "],
    [
      "server=h,severity=debug",
      true,
      error("warn"),
      "<188>Nov  7 09:05:03 box nginx: ",
    ],
  ];
  const encoder = new TextEncoder();
  for (const [text, isErrorLog, line, head] of rows) {
    const name = syslogName(`syslog:${text}`, { hostname: "box", isErrorLog });
    const datagram = syslogFramer(name)(encoder.encode(line), time);
    assertEquals(new TextDecoder().decode(datagram), head + line, text);
  }
  const nameless = syslogName("syslog:server=h", {
    hostname: undefined,
    isErrorLog: false,
  });
  assertEquals(
    new TextDecoder().decode(syslogFramer(nameless)(new Uint8Array(), time)),
    "<190>Nov  7 09:05:03 nginx: ",
  );
});
