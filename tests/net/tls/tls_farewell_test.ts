/**
 * What clients of TLS 1.3 say without data. The handshake is openssl's; what
 * comes behind it is encrypted here, as no library at hand lets records with
 * any content and any padding be sent.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { makeSelfSigned } from "../../../src/certificates/making.ts";
import { eventLoop } from "../../../src/net/native/event_loop.ts";
import { NativeListener } from "../../../src/net/native/native_listener.ts";
import { RecordProtection } from "../../../src/net/tls/proof_schedule.ts";
import { TlsTransport } from "../../../src/net/tls/tls_transport.ts";
import type { Soon, Transport } from "../../../src/net/transport.ts";
import { isInstalled } from "../../support/programs.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

const IS_MISSING = !isInstalled("openssl", "version");
const HAS_NATIVE = Deno.build.os === "linux" &&
  Deno.permissions.querySync({ name: "ffi" }).state === "granted";

const PAIR = await makeSelfSigned({
  commonName: "a.test",
  names: [{ type: "dns", value: "a.test" }],
  days: 1,
});

/** The content of records: type and padding are behind it (RFC 8446 §5.2). */
const DATA = 23;
const ALERT = 21;
const PADDED = 0;

/** A record of data with so many bytes of padding. */
function data(text: string, padding = 0): [number, Uint8Array] {
  const content = bytesOf(text);
  return padding === 0 ? [DATA, content] : [
    PADDED,
    Uint8Array.of(...content, DATA, ...new Uint8Array(padding - 1)),
  ];
}

const CLOSE_NOTIFY: [number, Uint8Array] = [ALERT, Uint8Array.of(1, 0)];
const USER_CANCELED: [number, Uint8Array] = [ALERT, Uint8Array.of(1, 90)];

/** A listener of either kind of socket. */
interface Accepting extends AsyncDisposable {
  readonly port: number;
  accept(): Soon<Transport>;
}

function listenByRuntime(): Accepting {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return {
    port: listener.addr.port,
    accept: () => listener.accept(),
    [Symbol.asyncDispose]: () => Promise.resolve(listener.close()),
  };
}

function listenByEpoll(): Accepting {
  const address = { hostname: "127.0.0.1", port: 0, backlog: 64 };
  const listener = new NativeListener(eventLoop()!, address);
  return {
    port: (listener.addr as Deno.NetAddr).port,
    accept: () => listener.accept(),
    async [Symbol.asyncDispose]() {
      listener.close();
      await eventLoop()!.ended;
    },
  };
}

/** A client that has shaken hands and sends what it is told to. */
class Client {
  readonly server: TlsTransport;
  readonly #conn: Deno.TcpConn;
  readonly #protection: RecordProtection;
  readonly #answers: Promise<void>;

  private constructor(
    server: TlsTransport,
    conn: Deno.TcpConn,
    protection: RecordProtection,
    answers: Promise<void>,
  ) {
    this.#answers = answers;
    this.server = server;
    this.#conn = conn;
    this.#protection = protection;
  }

  static async connect(listener: Accepting): Promise<Client> {
    using relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const keys = await Deno.makeTempFile();
    const program = new Deno.Command("openssl", {
      args: [
        ...["s_client", "-connect", `127.0.0.1:${relay.addr.port}`, "-tls1_3"],
        ...["-servername", "a.test", "-ciphersuites", "TLS_AES_128_GCM_SHA256"],
        ...["-keylogfile", keys, "-quiet"],
      ],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const writer = program.stdin.getWriter();
    const near = await relay.accept();
    const far = await Deno.connect({
      hostname: "127.0.0.1",
      port: listener.port,
    });
    const server = new TlsTransport(await listener.accept(), {
      choose: () => PAIR,
    });
    const there = pass(near, far);
    const back = pass(far, near);
    await writer.write(bytesOf("?\n"));
    assertEquals(await readText(server), "?\n");
    // Its end is not passed on.
    program.kill("SIGKILL");
    await program.status;
    await writer.close().catch(() => {});
    await there;
    near.close();
    const secret = /^CLIENT_TRAFFIC_SECRET_0 \S+ (\S+)/m
      .exec(await Deno.readTextFile(keys))?.[1];
    if (secret === undefined) throw new Error("openssl told no secret");
    await Deno.remove(keys);
    const protection = new RecordProtection(Uint8Array.fromHex(secret));
    // That was its first record.
    protection.seal(DATA, bytesOf("?\n"));
    return new Client(server, far, protection, back);
  }

  async send(...records: (readonly [number, Uint8Array])[]): Promise<void> {
    const sealed = records.map(([type, content]) =>
      this.#protection.seal(type, content)
    );
    const bytes = Uint8Array.from(sealed.flatMap((each) => [...each]));
    await this.#conn.write(bytes);
  }

  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  async close(): Promise<void> {
    this.server.close();
    this.#conn.close();
    await this.#answers;
  }
}

/** Passes on what comes, as long as both are there. */
async function pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(4096);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) return;
      await to.write(buffer.subarray(0, count));
    }
  } catch {
    // One of them has gone.
  }
}

/** Reads until something or the end comes, without a promise if it can. */
async function readText(server: TlsTransport): Promise<string> {
  const buffer = new Uint8Array(512);
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const soon = server.readNow(buffer, { readable: () => resolve() });
    if (soon === undefined) {
      await promise;
      continue;
    }
    const count = await soon;
    if (count === null) return "(end)";
    if (count > 0) return textOf(buffer.subarray(0, count));
  }
}

type Step = readonly (readonly [number, Uint8Array])[];

/** What is sent in one piece each, and what is read behind each. */
const CASES:
  readonly (readonly [string, readonly (readonly [Step, string])[]])[] = [
    ["two bytes of padding, and data behind it", [
      [[data("", 2), data("yo")], "yo"],
      [[data("", 2), data("more")], "more"],
    ]],
    ["data, two bytes of padding, and data when that was read", [
      [[data("a"), data("", 2)], "a"],
      [[data("b"), data("", 2)], "b"],
      [[data("c")], "c"],
    ]],
    ["two bytes of padding many times", [
      [[...Array(30).fill(0).map(() => data("", 2)), data("on")], "on"],
      [[data("and on")], "and on"],
    ]],
    ...[0, 1, 2, 4, 16, 250].map((padding) =>
      [`nothing but ${padding} bytes more`, [
        [[data("", padding), data("yo")], "yo"],
        [[data("a"), data("", padding)], "a"],
        [[data("b")], "b"],
      ]] as const
    ),
    ["padded data as long as a farewell", [
      [[data("a", 1)], "a"],
      [[data("yo")], "yo"],
      [[data("b")], "b"],
    ]],
    ["its farewell", [[[CLOSE_NOTIFY], "(end)"]]],
    ["its farewell behind data", [
      [[data("last"), CLOSE_NOTIFY], "last"],
      [[], "(end)"],
    ]],
    ["its farewell behind two bytes of padding", [
      [[data("", 2), CLOSE_NOTIFY], "(end)"],
    ]],
    ["why it leaves, and its farewell", [
      [[USER_CANCELED, CLOSE_NOTIFY], "(end)"],
    ]],
    ["its farewell twice", [
      [[CLOSE_NOTIFY, CLOSE_NOTIFY], "(end)"],
      [[], "(end)"],
    ]],
  ];

const LISTENERS = [
  ["sockets of the runtime", listenByRuntime, true],
  ["sockets of the system", listenByEpoll, HAS_NATIVE],
] as const;

for (const [kind, listen, isThere] of LISTENERS) {
  const ignore = IS_MISSING || !isThere;
  for (const [what, steps] of CASES) {
    Deno.test({
      name: `TlsTransport on ${kind} knows of TLS 1.3: ${what}`,
      ignore,
      async fn() {
        await using listener = listen();
        const client = await Client.connect(listener);
        for (const [records, expected] of steps) {
          if (records.length > 0) await client.send(...records);
          assertEquals(await readText(client.server), expected);
        }
        await client.close();
      },
    });
  }

  Deno.test({
    name: `TlsTransport on ${kind} waits for what may come behind two bytes`,
    ignore,
    async fn() {
      await using listener = listen();
      const client = await Client.connect(listener);
      await client.send(data("a"), data("", 2));
      assertEquals(await readText(client.server), "a");
      const next = readText(client.server);
      await client.send(data("b"));
      assertEquals(await next, "b");
      // The end of the socket is one in any case, and at once.
      await client.send(data("c"), CLOSE_NOTIFY);
      await client.closeWrite();
      assertEquals(await readText(client.server), "c");
      assertEquals(await readText(client.server), "(end)");
      await client.close();
    },
  });

  for (const isRead of [true, false]) {
    const when = isRead ? "while" : "before";
    Deno.test({
      name: `TlsTransport on ${kind} takes a farewell for one ${when} its ` +
        "idle reader reads",
      ignore,
      async fn() {
        await using listener = listen();
        const client = await Client.connect(listener);
        const { server } = client;
        const reader = { idle: isRead };
        server.reader = reader;
        if (!isRead) {
          await client.send(data("a"), CLOSE_NOTIFY);
          assertEquals(await readText(server), "a");
          reader.idle = true;
        }
        const next = readText(server);
        if (isRead) await client.send(CLOSE_NOTIFY);
        // Whoever waits has this, and not the end.
        const timer = setTimeout(() => client.send(data("b")), 700);
        const texts = [await next, await readText(server)];
        clearTimeout(timer);
        await client.close();
        assertEquals(texts, ["(end)", "(end)"]);
      },
    });
  }

  Deno.test({
    name: `TlsTransport on ${kind} is closed while it waits for a farewell`,
    ignore,
    async fn() {
      await using listener = listen();
      const client = await Client.connect(listener);
      await client.send(data("a"), data("", 2));
      assertEquals(await readText(client.server), "a");
      const next = assertRejects(() => readText(client.server));
      await client.close();
      await next;
    },
  });
}
