/**
 * Sends the lines of `syslog:` logs. A server that is not there costs nothing
 * by UDP; while a Unix socket takes nothing the lines wait, as for a full disk.
 */

import type { LogSink } from "./log_sink.ts";
import { syslogFramer, type SyslogServer, syslogServer } from "./syslog.ts";

/**
 * The longest line that is sent, in bytes: with what stands before it, a little
 * less than a datagram may have by UDP (65,507).
 */
const MAX_LINE_BYTES = 65_000;

const LINE_FEED = 0x0a;

/** Folders that Deno keeps programs out of. */
const GUARDED = /^\/(?:dev|proc|sys)\//;

/** The socket of syslog. */
const DEV_LOG = "/dev/log";

/** What systemd's `/dev/log` is a link to. */
const JOURNAL = "/run/systemd/journal/dev-log";

/**
 * Does nothing if datagrams could be sent to the log `name`, as far as that is
 * known before.
 *
 * @throws {Error} for a Unix socket that Deno guards
 */
export function checkSyslog(name: string): void {
  reachable(syslogServer(name));
}

/**
 * Opens a socket for the log `name`.
 *
 * @throws {Error} when there can be no such socket
 */
export function openSyslogSink(name: string): LogSink {
  const server = reachable(syslogServer(name));
  const frame = syslogFramer(name);
  const socket = openSocket(server);
  return {
    async write(bytes) {
      let sent = 0;
      try {
        for (const end of lineEnds(bytes)) {
          await socket.send(
            frame(lineOf(bytes, sent, end), Date.now()),
            server as Deno.Addr,
          );
          sent = end;
        }
      } catch (error) {
        if (sent === 0) throw error;
      }
      return sent;
    },
    writeSync(bytes) {
      // The system takes a datagram when it is asked to, at the very end too.
      let start = 0;
      for (const end of lineEnds(bytes)) {
        socket.send(
          frame(lineOf(bytes, start, end), Date.now()),
          server as Deno.Addr,
        ).catch(() => {});
        start = end;
      }
      return bytes.length;
    },
    close: () => socket.close(),
  };
}

/** Where each line ends, behind its line feed. */
function* lineEnds(bytes: Uint8Array): Generator<number> {
  for (let end = 0; end < bytes.length;) {
    end = bytes.indexOf(LINE_FEED, end) + 1 || bytes.length;
    yield end;
  }
}

/** A line without its line feed, cut where no datagram could hold it. */
function lineOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.subarray(start, Math.min(end - 1, start + MAX_LINE_BYTES));
}

/**
 * The journal's own socket stands in for `/dev/log`: sooner or later the
 * program has given up the permissions by which Deno lets it into `/dev`.
 */
function reachable(server: SyslogServer): SyslogServer {
  if (server.transport === "udp" || !GUARDED.test(server.path)) return server;
  if (server.path === DEV_LOG && isThere(JOURNAL)) {
    return { ...server, path: JOURNAL };
  }
  throw new Error(
    "Deno guards /dev, /proc and /sys; use a socket in another folder, " +
      "or the server's port",
  );
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function openSocket(server: SyslogServer): Deno.DatagramConn {
  if (server.transport === "unixpacket") return openUnixSocket();
  const open = (hostname: string) =>
    Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  if (/^[\d.]+$/.test(server.hostname)) return open("0.0.0.0");
  try {
    // It speaks both: the name may have addresses of either kind.
    return open("::");
  } catch {
    return open("0.0.0.0");
  }
}

/** The sender needs a name only while the socket is made. */
function openUnixSocket(): Deno.DatagramConn {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_syslog_" });
  try {
    return Deno.listenDatagram({
      transport: "unixpacket",
      path: `${folder}/socket`,
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
