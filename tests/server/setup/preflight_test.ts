import { assertEquals } from "@std/assert";
import { FaultList } from "../../../src/config/fault_list.ts";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import { readConfiguration } from "../../../src/server/setup/configuration.ts";
import { checkStart } from "../../../src/server/setup/preflight.ts";
import { withoutEpoll } from "../../../src/net/native/event_loop.ts";
import { hasIpv6 } from "../../../src/net/native/native_listener.ts";

/** What a start of `text` would find wrong; `@` is a temporary folder. */
async function faultsOf(text: string, isRunning = false): Promise<string[]> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const faults = new FaultList();
    const at = (text: string) => text.replaceAll("@", folder);
    const configuration = readConfiguration(
      {
        file: "x.conf",
        statements: parseConfig(at(text), "x.conf"),
        prefix: folder,
      },
      () => {},
      { faults },
    );
    await checkStart(
      { ...configuration, source: { file: "x.conf", prefix: folder } },
      {
        faults,
        errorLogs: [{
          path: `${folder}/logs/error.log`,
          place: { file: "x.conf", line: 1 },
        }],
        isRunning,
        warn: () => {},
      },
    );
    assertEquals([...Deno.readDirSync(folder)].length, 1, "nothing is made");
    return faults.inOrder().map(({ message }) =>
      message.replaceAll(folder, "@")
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("checkStart() finds all that a start would", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const inUse = `bind() to 127.0.0.1:${port} failed ` +
    "(98: Address already in use) in x.conf:3";
  const text = `pid @/file/x.pid;
    server {
      listen 127.0.0.1:${port};
      access_log @;
      access_log @/file/a.log;
      location / { error_log @/file/b.log; }
      location /b { rot x; }
      location /c { access_log logs/ok.log; }
    }
    server { listen 127.0.0.1:${port} default_server; listen 127.0.0.1:0 ssl; }
    server { listen 127.0.0.1:${port} default_server; ssl_certificate @/no; }
    server { listen 192.0.2.1:${port}; access_log off; }`;
  const rest = [
    'open() "@/file/x.pid" failed (20: Not a directory) in x.conf:1',
    'open() "@" failed (21: Is a directory) in x.conf:4',
    'open() "@/file/a.log" failed (20: Not a directory) in x.conf:5',
    'open() "@/file/b.log" failed (20: Not a directory) in x.conf:6',
    'unknown directive "rot" in x.conf:7',
    'no "ssl_certificate" is defined for the "listen ... ssl" directive ' +
    "in x.conf:10",
    `no "ssl_certificate_key" is defined for certificate "@/no" in x.conf:11`,
    `a duplicate default server for 127.0.0.1:${port} in x.conf:11`,
    `bind() to 192.0.2.1:${port} failed ` +
    "(99: Cannot assign requested address) in x.conf:12",
  ];
  assertEquals(await faultsOf(text), [rest[0]!, inUse, ...rest.slice(1)]);
  assertEquals(await faultsOf(text, true), rest, "its own server runs");
  taken.close();
});

Deno.test("checkStart() finds nothing where nothing is wrong", async () => {
  assertEquals(
    await faultsOf(`pid run/x.pid; error_log /dev/null;
      server { listen 127.0.0.1:0; access_log logs/a.log; root @; }`),
    [],
  );
});

Deno.test("checkStart() sees through another test at the same moment", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr as Deno.NetAddr;
  setTimeout(() => free.close(), 30);
  const text = `server { listen 127.0.0.1:${port}; access_log off; }`;
  assertEquals(await faultsOf(text), []);
});

Deno.test("a directive that is wrong has no default in its place", async () => {
  assertEquals(
    await faultsOf("server { listen x:y:z; access_log a b c d; }"),
    [
      'host not found in "x:y:z" of the "listen" directive in x.conf:1',
      'unknown log format "b" in x.conf:1',
    ],
  );
});

Deno.test({
  name: "checkStart() asks for IPv4 too where an address of IPv6 has both",
  ignore: withoutEpoll() !== undefined || !hasIpv6(),
  async fn() {
    const taken = Deno.listen({ hostname: "0.0.0.0", port: 0 });
    const { port } = taken.addr as Deno.NetAddr;
    for (
      const [both, addresses] of [["ipv6only=off", ["[::]"]], ["", []]] as const
    ) {
      assertEquals(
        await faultsOf(
          `events { use epoll; } access_log off; error_log stderr;
           server { listen [::]:${port} ${both}; }`,
        ),
        addresses.map((address) =>
          `bind() to ${address}:${port} failed (98: Address already in use) ` +
          "in x.conf:2"
        ),
      );
    }
    taken.close();
  },
});
