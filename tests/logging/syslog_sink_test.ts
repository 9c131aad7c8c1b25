import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { syslogName } from "../../src/logging/syslog.ts";
import { checkSyslog, openSyslogSink } from "../../src/logging/syslog_sink.ts";

const encoder = new TextEncoder();

function nameOf(server: string): string {
  return syslogName(`syslog:server=${server}`, {
    hostname: undefined,
    isErrorLog: false,
  });
}

async function nextLine(socket: Deno.DatagramConn): Promise<string> {
  const [bytes] = await socket.receive();
  return new TextDecoder().decode(bytes).replace(/^.*nginx: /, "");
}

Deno.test("each line is a datagram, by IPv4, IPv6 and a Unix socket", async () => {
  const folder = Deno.makeTempDirSync();
  const udp = (hostname: string) =>
    Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  const four = udp("127.0.0.1");
  const six = udp("::1");
  const path = `${folder}/log`;
  const unix = Deno.listenDatagram({ transport: "unixpacket", path });
  const port = (socket: Deno.DatagramConn) =>
    (socket.addr as Deno.NetAddr).port;
  const rows: [socket: Deno.DatagramConn, server: string][] = [
    [four, `127.0.0.1:${port(four)}`],
    [six, `[::1]:${port(six)}`],
    [unix, `unix:${path}`],
  ];
  for (const [socket, server] of rows) {
    const sink = openSyslogSink(nameOf(server));
    const bytes = encoder.encode("one\n\nthree\n");
    assertEquals(await sink.write(bytes), bytes.length);
    for (const line of ["one", "", "three"]) {
      assertEquals(await nextLine(socket), line, server);
    }
    assertEquals(sink.writeSync(encoder.encode("last\n")), 5);
    assertEquals(await nextLine(socket), "last", server);
    sink.close();
    socket.close();
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a line that no datagram holds is cut", async () => {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const { port } = socket.addr as Deno.NetAddr;
  const sink = openSyslogSink(nameOf(`127.0.0.1:${port}`));
  const bytes = encoder.encode(`${"x".repeat(100_000)}\n`);
  assertEquals(await sink.write(bytes), bytes.length);
  assertEquals((await nextLine(socket)).length, 65_000);
  sink.close();
  socket.close();
});

Deno.test("a Unix socket that is not there keeps its lines", async () => {
  const folder = Deno.makeTempDirSync();
  const name = nameOf(`unix:${folder}/none`);
  checkSyslog(name);
  const sink = openSyslogSink(name);
  await assertRejects(() => sink.write(encoder.encode("x\n")));
  sink.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a Unix socket that Deno guards is told of before", () => {
  for (const path of ["/dev/other", "/proc/self/fd/9", "/sys/log"]) {
    const name = nameOf(`unix:${path}`);
    assertThrows(() => checkSyslog(name), Error, "Deno guards /dev");
    assertThrows(() => openSyslogSink(name), Error, "Deno guards /dev");
  }
});
