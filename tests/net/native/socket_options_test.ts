/** What the system says of sockets that were told what `listen` can say. */

import { assertEquals } from "@std/assert";
import { CLibrary, loadLibrary } from "../../../src/net/native/c_library.ts";
import { EventLoop } from "../../../src/net/native/event_loop.ts";
import { decodeAddress } from "../../../src/net/native/socket_address.ts";
import {
  type NativeAddress,
  NativeListener,
  type SocketOptions,
} from "../../../src/net/native/native_listener.ts";

const SKIPPED = Deno.build.os !== "linux" ||
  Deno.permissions.querySync({ name: "ffi" }).state !== "granted";

/** Options that are numbers, as socket(7), tcp(7) and ipv6(7) have them. */
const OPTIONS = {
  sendBuffer: [1, 7],
  receiveBuffer: [1, 8],
  keepAlive: [1, 9],
  reusePort: [1, 15],
  listening: [1, 30],
  noDelay: [6, 1],
  keepIdle: [6, 4],
  keepInterval: [6, 5],
  keepCount: [6, 6],
  deferSeconds: [6, 9],
  fastOpen: [6, 23],
  ipv6Only: [41, 26],
} as const satisfies Record<string, readonly [number, number]>;

type Options = {
  readonly [K in keyof typeof OPTIONS | "backlog"]?: number | undefined;
};

/** `TCP_INFO`, of which a listening socket has its backlog here. */
const TCP_INFO = [6, 11] as const;
const BACKLOG_AT = 28;

/** Up to which descriptor sockets are looked for. */
const MOST_DESCRIPTORS = 1024;

const GETTERS = {
  getsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
} as const;

/** The sockets of this process at `port`: what listens, and what it accepted. */
function socketsAt(port: number): { listening: Options; accepted: Options[] } {
  const { symbols } = loadLibrary(GETTERS);
  const bytesOf = (size: number) =>
    new Uint8Array(new Uint32Array([size]).buffer);
  const optionOf = (fd: number, option: readonly [number, number], at = 0) => {
    const value = new Uint8Array(256);
    const failed = symbols.getsockopt(fd, ...option, value, bytesOf(256));
    return failed === 0
      ? new DataView(value.buffer).getInt32(at, true)
      : undefined;
  };
  const found: Options[] = [];
  for (let fd = 3; fd < MOST_DESCRIPTORS; fd++) {
    const address = new Uint8Array(128);
    if (symbols.getsockname(fd, address, bytesOf(128)) !== 0) continue;
    const local = decodeAddress(address);
    if (!("port" in local) || local.port !== port) continue;
    found.push({
      ...Object.fromEntries(
        Object.entries(OPTIONS).map(([name, option]) =>
          [name, optionOf(fd, option)] as const
        ).filter(([, value]) => value !== undefined),
      ),
      backlog: optionOf(fd, TCP_INFO, BACKLOG_AT),
    });
  }
  const [listening, ...more] = found.filter((each) => each.listening === 1);
  if (listening === undefined) throw new Error("nobody listens");
  assertEquals(more, []);
  return {
    listening,
    accepted: found.filter((each) => each.listening === 0),
  };
}

/** `names` of `options`. */
function some(options: Options, names: readonly string[]): Options {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => names.includes(name)),
  );
}

interface Row {
  readonly address: Partial<NativeAddress>;
  /** What the listening socket has. */
  readonly listening: Options;
  /** What those have that it accepts, if that can be seen. */
  readonly accepted?: Options;
  /** What it is told later, and what it has then. */
  readonly then?: readonly [backlog: number, SocketOptions, Options];
}

const SIZE = 64 * 1024;
const PROBES = { keepIdle: 33, keepInterval: 7, keepCount: 4 };

const ROWS: readonly Row[] = [
  {
    address: { backlog: 77 },
    listening: {
      backlog: 77,
      keepAlive: 0,
      reusePort: 0,
      deferSeconds: 0,
      fastOpen: 0,
    },
    accepted: { keepAlive: 0 },
    then: [9, { keepAlive: true, ...PROBES, fastOpen: 5 }, {
      backlog: 9,
      keepAlive: 1,
      ...PROBES,
      fastOpen: 5,
    }],
  },
  // Linux says twice what it was told of buffers.
  {
    address: { receiveBuffer: SIZE, sendBuffer: SIZE / 2, reusePort: true },
    listening: { receiveBuffer: 2 * SIZE, sendBuffer: SIZE, reusePort: 1 },
    accepted: { receiveBuffer: 2 * SIZE, sendBuffer: SIZE },
    then: [64, { sendBuffer: SIZE }, { sendBuffer: 2 * SIZE, keepAlive: 0 }],
  },
  {
    address: { keepAlive: true, ...PROBES },
    listening: { keepAlive: 1, ...PROBES },
    accepted: { keepAlive: 1, ...PROBES },
    then: [64, {}, { keepAlive: 0 }],
  },
  { address: { fastOpen: 16 }, listening: { fastOpen: 16 } },
  {
    address: { hostname: "::1", ipv6Only: true },
    listening: { ipv6Only: 1 },
    accepted: { ipv6Only: 1 },
  },
  { address: { hostname: "::", ipv6Only: false }, listening: { ipv6Only: 0 } },
  // It counts in answers that are sent again, after 1, 3, 7, 15… seconds.
  {
    address: { deferSeconds: 7 },
    listening: { deferSeconds: 7 },
    then: [64, {}, { deferSeconds: 0 }],
  },
];

Deno.test({
  name: "a socket has what it is told, and gives it to those it accepts",
  ignore: SKIPPED,
  async fn() {
    const loop = new EventLoop(new CLibrary());
    for (const { address, listening, accepted, then } of ROWS) {
      const listener = new NativeListener(loop, {
        hostname: "127.0.0.1",
        port: 0,
        backlog: 64,
        ...address,
      });
      const { port } = listener.addr as Deno.NetAddr;
      const told = JSON.stringify(address);
      const has = socketsAt(port).listening;
      assertEquals(some(has, Object.keys(listening)), listening, told);
      if (accepted !== undefined) {
        const { hostname = "127.0.0.1" } = address;
        const client = await Deno.connect({ hostname, port });
        const server = await listener.accept();
        server.setNoDelay(true);
        const wanted: Options = { ...accepted, noDelay: 1 };
        assertEquals(
          socketsAt(port).accepted.map((each) =>
            some(each, Object.keys(wanted))
          ),
          [wanted],
          told,
        );
        server.close();
        client.close();
      }
      if (then !== undefined) {
        const [backlog, options, wanted] = then;
        listener.adapt(backlog, options);
        const now = socketsAt(port).listening;
        assertEquals(some(now, Object.keys(wanted)), wanted, `${told}, later`);
      }
      listener.close();
    }
    await loop.ended;
  },
});
