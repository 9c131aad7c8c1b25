import { assert, assertEquals } from "@std/assert";
import {
  ErrorCode,
  Flag,
  FrameType,
  PREFACE,
  Setting,
} from "../../../../src/http/http2/frames.ts";
import { INPUT_MEMORY } from "../../../../src/bytes/byte_buffer.ts";
import { nextTask, pauseBy } from "../../../../src/scheduling/pause.ts";
import { BODY_BUDGET } from "../../../../src/server/sessions/body_sender.ts";
import { UNREAD_MEMORY } from "../../../../src/server/sessions/http2/body.ts";
import { HEAD_MEMORY } from "../../../../src/server/sessions/http2/head_memory.ts";
import { concat as join } from "../../../support/latin1.ts";
import {
  block,
  type Fields,
  frame,
  get,
  Http2Client,
  number32,
  request,
  reset,
  settings,
  windowUpdate,
} from "../../../support/http2_client.ts";
import { usesEpoll } from "../../../support/event_method.ts";
import { InProcessServer } from "../../../support/in_process_server.ts";
import { type Files, send, serve } from "../../../support/serving.ts";

const FILES: Files = {
  "www/a.txt": "a file",
  "www/large": "x".repeat(300_000),
};

function concat(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return join(pieces);
}

function start(directives = "", around = ""): InProcessServer {
  return serve(`http2 on; ${directives}`, FILES, around);
}

const BEGIN = Flag.EndHeaders;
const WHOLE = Flag.EndHeaders | Flag.EndStream;

function data(id: number, text: string, flags: number = Flag.None) {
  return frame(FrameType.Data, flags, id, text);
}

function post(path: string, ...more: Fields): Fields {
  return [[":method", "POST"], ...get(path).slice(1), ...more];
}

Deno.test("HTTP/2 and HTTP/1.1 are spoken at one address", async () => {
  await using server = start(
    'location /i { return 200 "$http2 $server_protocol $request"; }',
  );
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/i?x")), request(3, get("/a.txt")));
  assertEquals(
    (await client.response(1)).body,
    "h2c HTTP/2.0 GET /i?x HTTP/2.0",
  );
  const { status, body, fields } = await client.response(3);
  assertEquals([status, body, fields.get("content-length")], [
    200,
    "a file",
    "6",
  ]);
  assertEquals((await send(server, "/i")).text, " HTTP/1.1 GET /i HTTP/1.1");
});

Deno.test("without http2 on, the preface is a request of a strange version", async () => {
  await using server = serve("http2 off;", FILES);
  const socket = await Deno.connect({ port: server.port });
  await socket.write(PREFACE);
  const buffer = new Uint8Array(100);
  const count = await socket.read(buffer) ?? 0;
  socket.close();
  assertEquals(
    new TextDecoder().decode(buffer.subarray(0, count)).slice(0, 12),
    "HTTP/1.1 505",
  );
});

Deno.test("a preface that comes byte by byte is one", async () => {
  await using server = start();
  const socket = await Deno.connect({ port: server.port });
  socket.setNoDelay(true);
  for (const byte of PREFACE) await socket.write(Uint8Array.of(byte));
  using client = new Http2Client(socket);
  await client.send(settings(), request(1, get("/a.txt")));
  assertEquals((await client.response(1)).body, "a file");
});

Deno.test("the server says what it allows", async () => {
  await using server = start(
    "http2_max_concurrent_streams 7; http2_body_preread_size 1000;",
  );
  using client = await Http2Client.connect(server.port);
  await client.until(FrameType.Settings);
  assertEquals([...client.settings], [
    [Setting.MaxConcurrentStreams, 7],
    [Setting.InitialWindowSize, 1000],
    [Setting.MaxHeaderListSize, 32768],
    [Setting.NoRfc7540Priorities, 1],
  ]);
});

/** A request, the status, and other things that are true of the answer. */
const ANSWERS: readonly {
  readonly fields: Fields;
  readonly status: number;
  readonly body?: string;
  readonly has?: Readonly<Record<string, string>>;
}[] = [
  { fields: get("/a.txt"), status: 200, body: "a file" },
  {
    fields: [[":method", "HEAD"], ...get("/a.txt").slice(1)],
    status: 200,
    body: "",
    has: { "content-length": "6" },
  },
  {
    fields: get("/a.txt", ["range", "bytes=2-3"]),
    status: 206,
    body: "fi",
    has: { "content-range": "bytes 2-3/6" },
  },
  { fields: get("/a.txt", ["range", "bytes=9-"]), status: 416 },
  { fields: get("/a.txt", ["if-none-match", "*"]), status: 304, body: "" },
  { fields: get("/missing"), status: 404 },
  { fields: post("/a.txt"), status: 405 },
  {
    fields: get("/long", ["accept-encoding", "gzip"]),
    status: 200,
    has: { "content-encoding": "gzip" },
  },
  {
    fields: [[":method", "OPTIONS"], [":scheme", "http"], [":authority", "a"], [
      ":path",
      "*",
    ]],
    status: 204,
  },
  {
    fields: [[":method", "CONNECT"], [":authority", "a.example:443"]],
    status: 405,
  },
  { fields: get("/a.txt", ["host", "A.example"]), status: 200 },
  {
    fields: [[":method", "GET"], [":scheme", "http"], [":path", "/a.txt"], [
      "host",
      "a",
    ]],
    status: 200,
  },
  {
    fields: [[":method", "GET"], [":scheme", "http"], [":path", "/a.txt"]],
    status: 400,
  },
  {
    fields: [[":method", "GET"], [":scheme", "http"], [":authority", "a b"], [
      ":path",
      "/",
    ]],
    status: 400,
  },
  { fields: get("/a.txt", ["te", "trailers"]), status: 200 },
  {
    fields: get("/c", ["cookie", "a=1"], ["cookie", "b=2"]),
    status: 200,
    body: "a=1; b=2",
  },
  { fields: get("/" + "x".repeat(9000)), status: 414 },
  { fields: get("/", ["x", "y".repeat(9000)]), status: 431 },
  {
    fields: get(
      "/",
      ...Array.from({ length: 5 }, () => ["x", "a".repeat(8000)] as const),
    ),
    status: 431,
  },
];

Deno.test("requests are answered as over HTTP/1.1", async () => {
  await using server = serve(
    `http2 on; gzip on; gzip_types text/plain;
     location /c { return 200 $http_cookie; }
     location /long { return 200 "${"many words ".repeat(100)}"; }`,
    FILES,
  );
  using client = await Http2Client.connect(server.port);
  let id = 1;
  for (const { fields, status, body, has = {} } of ANSWERS) {
    const name = JSON.stringify(fields).slice(0, 200);
    const whole = block(fields);
    const first = whole.subarray(0, 16_384);
    const rest = whole.subarray(16_384);
    await client.send(
      frame(
        FrameType.Headers,
        rest.length > 0 ? Flag.EndStream : WHOLE,
        id,
        first,
      ),
      ...(rest.length > 0
        ? [frame(FrameType.Continuation, Flag.EndHeaders, id, rest)]
        : []),
    );
    const response = await client.response(id);
    assertEquals(response.status, status, name);
    if (body !== undefined) assertEquals(response.body, body, name);
    for (const [field, value] of Object.entries(has)) {
      assertEquals(response.fields.get(field), value, name);
    }
    id += 2;
  }
  assertEquals(client.goAways, []);
});

/** Requests that are none (RFC 9113 §8.1.1). */
const MALFORMED: readonly (readonly [why: string, fields: Fields])[] = [
  ["upper case", get("/", ["Accept", "x"])],
  ["an empty name", get("/", ["", "x"])],
  ["a name with a space", get("/", ["a b", "x"])],
  ["a name with a colon", get("/", ["a:b", "x"])],
  ["a value with a line break", get("/", ["a", "x\r\nb: y"])],
  ["a value with NUL", get("/", ["a", "x\0"])],
  ["a value with a space in front", get("/", ["a", " x"])],
  ["a value with a tab behind", get("/", ["a", "x\t"])],
  ["connection", get("/", ["connection", "close"])],
  ["keep-alive", get("/", ["keep-alive", "1"])],
  ["proxy-connection", get("/", ["proxy-connection", "close"])],
  ["transfer-encoding", get("/", ["transfer-encoding", "chunked"])],
  ["upgrade", get("/", ["upgrade", "h2c"])],
  ["te that is no trailers", get("/", ["te", "gzip"])],
  ["a pseudo-field behind a field", [...get("/", ["a", "b"]), [":path", "/"]]],
  ["a pseudo-field twice", [...get("/"), [":path", "/"]]],
  ["an unknown pseudo-field", [...get("/"), [":protocol", "x"]]],
  ["a pseudo-field of responses", [...get("/"), [":status", "200"]]],
  ["no method", get("/").slice(1)],
  ["no scheme", get("/").filter(([name]) => name !== ":scheme")],
  ["no path", get("/").slice(0, 3)],
  ["an empty path", get("")],
  ["a path that is no path", get("x")],
  ["a path with a space", get("/ HTTP/1.1")],
  ["a path with a line break", get("/\r\nx: y")],
  ["a whole URL", get("http://a.example/")],
  ["an asterisk that is not for OPTIONS", get("*")],
  ["a method with a space", [[":method", "GET /"], ...get("/").slice(1)]],
  ["CONNECT with a path", [[":method", "CONNECT"], ...get("/").slice(1)]],
  ["an authority and another host", get("/", ["host", "b.example"])],
  ["two hosts", get("/", ["host", "a.example"], ["host", "a.example"])],
  ["two lengths", get("/", ["content-length", "0"], ["content-length", "0"])],
  ["a length that is none", get("/", ["content-length", "+0"])],
  ["a body that is not there", get("/", ["content-length", "1"])],
];

Deno.test("hostile: what is malformed is reset, and the connection goes on", async () => {
  await using server = start();
  using client = await Http2Client.connect(server.port);
  let id = 1;
  for (const [why, fields] of MALFORMED) {
    await client.send(request(id, fields));
    const { reset, status } = await client.response(id);
    assertEquals([reset, status], [ErrorCode.ProtocolError, 0], why);
    id += 2;
  }
  await client.send(request(id, get("/a.txt")));
  assertEquals((await client.response(id)).status, 200);
});

/** Bytes after which a connection ends, and how; `P` is the payload of `GET /a.txt`. */
const P = block(get("/a.txt"));
const FAULTS:
  readonly (readonly [why: string, code: ErrorCode, ...Uint8Array[]])[] = [
    [
      "a frame that is too large",
      ErrorCode.FrameSizeError,
      frame(FrameType.Data, 0, 1, new Uint8Array(16_385)),
    ],
    ["DATA without a stream", ErrorCode.ProtocolError, data(0, "x")],
    ["DATA on an idle stream", ErrorCode.ProtocolError, data(1, "x")],
    ["DATA on a stream of the server", ErrorCode.ProtocolError, data(2, "x")],
    ["HEADERS without a stream", ErrorCode.ProtocolError, request(0)],
    ["a stream of even number", ErrorCode.ProtocolError, request(2)],
    [
      "a stream number that goes down",
      ErrorCode.ProtocolError,
      request(5, get("/a.txt")),
      request(3),
    ],
    [
      "DATA on a stream that was left out",
      ErrorCode.ProtocolError,
      request(5, get("/a.txt")),
      data(3, "x"),
    ],
    [
      "a stream number that is used again",
      ErrorCode.StreamClosed,
      request(1, get("/silent")),
      request(3, get("/empty")),
      request(3),
    ],
    [
      "more padding than frame",
      ErrorCode.ProtocolError,
      frame(
        FrameType.Headers,
        WHOLE | Flag.Padded,
        1,
        concat(Uint8Array.of(200), P),
      ),
    ],
    [
      "padding without a length",
      ErrorCode.FrameSizeError,
      frame(FrameType.Headers, WHOLE | Flag.Padded, 1),
    ],
    [
      "a priority that is cut",
      ErrorCode.FrameSizeError,
      frame(FrameType.Headers, WHOLE | Flag.Priority, 1, "abc"),
    ],
    [
      "CONTINUATION alone",
      ErrorCode.ProtocolError,
      frame(FrameType.Continuation, BEGIN, 1, P),
    ],
    [
      "another frame within a block",
      ErrorCode.ProtocolError,
      frame(FrameType.Headers, 0, 1, P),
      frame(FrameType.Ping, 0, 0, "12345678"),
    ],
    [
      "CONTINUATION of another stream",
      ErrorCode.ProtocolError,
      frame(FrameType.Headers, 0, 1, P),
      frame(FrameType.Continuation, BEGIN, 3, P),
    ],
    ["RST_STREAM of an idle stream", ErrorCode.ProtocolError, reset(1, 8)],
    ["RST_STREAM without a stream", ErrorCode.ProtocolError, reset(0, 8)],
    [
      "RST_STREAM that is cut",
      ErrorCode.FrameSizeError,
      request(1),
      frame(FrameType.RstStream, 0, 1, "abc"),
    ],
    [
      "SETTINGS on a stream",
      ErrorCode.ProtocolError,
      frame(FrameType.Settings, 0, 1),
    ],
    [
      "SETTINGS that are cut",
      ErrorCode.FrameSizeError,
      frame(FrameType.Settings, 0, 0, "12345"),
    ],
    [
      "SETTINGS ack that says something",
      ErrorCode.FrameSizeError,
      frame(FrameType.Settings, Flag.Ack, 0, "123456"),
    ],
    [
      "push that is neither on nor off",
      ErrorCode.ProtocolError,
      settings([Setting.EnablePush, 2]),
    ],
    [
      "a window beyond all",
      ErrorCode.FlowControlError,
      settings([Setting.InitialWindowSize, 2 ** 31]),
    ],
    [
      "frames that are too small",
      ErrorCode.ProtocolError,
      settings([Setting.MaxFrameSize, 16_383]),
    ],
    [
      "frames that are too large",
      ErrorCode.ProtocolError,
      settings([Setting.MaxFrameSize, 2 ** 24]),
    ],
    [
      "PUSH_PROMISE",
      ErrorCode.ProtocolError,
      frame(FrameType.PushPromise, BEGIN, 1, P),
    ],
    [
      "PING on a stream",
      ErrorCode.ProtocolError,
      frame(FrameType.Ping, 0, 1, "12345678"),
    ],
    [
      "PING that is cut",
      ErrorCode.FrameSizeError,
      frame(FrameType.Ping, 0, 0, "1234567"),
    ],
    [
      "GOAWAY on a stream",
      ErrorCode.ProtocolError,
      frame(FrameType.GoAway, 0, 1, "12345678"),
    ],
    [
      "GOAWAY that is cut",
      ErrorCode.FrameSizeError,
      frame(FrameType.GoAway, 0, 0, "1234567"),
    ],
    ["WINDOW_UPDATE of nothing", ErrorCode.ProtocolError, windowUpdate(0, 0)],
    [
      "WINDOW_UPDATE of an idle stream",
      ErrorCode.ProtocolError,
      windowUpdate(1, 1),
    ],
    [
      "WINDOW_UPDATE that is cut",
      ErrorCode.FrameSizeError,
      frame(FrameType.WindowUpdate, 0, 0, "abc"),
    ],
    [
      "a window that overflows",
      ErrorCode.FlowControlError,
      windowUpdate(0, 2 ** 31 - 1),
    ],
    [
      "PRIORITY without a stream",
      ErrorCode.ProtocolError,
      frame(FrameType.Priority, 0, 0, "12345"),
    ],
    [
      "PRIORITY_UPDATE on a stream",
      ErrorCode.ProtocolError,
      frame(FrameType.PriorityUpdate, 0, 1, "1234u=1"),
    ],
    [
      "PRIORITY_UPDATE of no stream",
      ErrorCode.ProtocolError,
      frame(FrameType.PriorityUpdate, 0, 0, number32(0)),
    ],
    [
      "PRIORITY_UPDATE that is cut",
      ErrorCode.FrameSizeError,
      frame(FrameType.PriorityUpdate, 0, 0, "abc"),
    ],
    [
      "a field block that is none",
      ErrorCode.CompressionError,
      frame(
        FrameType.Headers,
        WHOLE,
        1,
        Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      ),
    ],
  ];

Deno.test("hostile: what breaks the connection ends it, and says why", async () => {
  await using server = start("location /empty { return 204; }");
  for (const [why, code, ...frames] of FAULTS) {
    using client = await Http2Client.connect(server.port);
    await client.send(...frames);
    assertEquals(await client.end(), code, why);
  }
});

Deno.test("hostile: what is no preface, and no SETTINGS first", async () => {
  await using server = start();
  for (const first of [request(1), frame(FrameType.Ping, 0, 0, "12345678")]) {
    using client = await Http2Client.connect(server.port, first);
    assertEquals(await client.end(), ErrorCode.ProtocolError);
  }
});

/** Faults of one stream: its frames, and the code of its reset. */
const STREAM_FAULTS:
  readonly (readonly [why: string, code: ErrorCode, ...Uint8Array[]])[] = [
    [
      "a body longer than its length",
      ErrorCode.ProtocolError,
      request(1, get("/a.txt", ["content-length", "2"]), BEGIN),
      data(1, "abc"),
    ],
    [
      "a body shorter than its length",
      ErrorCode.ProtocolError,
      request(1, get("/a.txt", ["content-length", "2"]), BEGIN),
      data(1, "a", Flag.EndStream),
    ],
    [
      "a body of nothing but trailers",
      ErrorCode.ProtocolError,
      request(1, get("/a.txt", ["content-length", "2"]), BEGIN),
      request(1, [["x", "y"]]),
    ],
    [
      "trailers that do not end it",
      ErrorCode.ProtocolError,
      request(1, get("/a.txt"), BEGIN),
      request(1, [["x", "y"]], BEGIN),
    ],
    [
      "trailers with a pseudo-field",
      ErrorCode.ProtocolError,
      request(1, get("/a.txt"), BEGIN),
      request(1, [[":path", "/"]]),
    ],
    [
      "a window that overflows",
      ErrorCode.FlowControlError,
      request(1, get("/large")),
      windowUpdate(1, 2 ** 31 - 1),
    ],
    [
      "a window of nothing",
      ErrorCode.ProtocolError,
      request(1, get("/large")),
      windowUpdate(1, 0),
    ],
    [
      "DATA after the end",
      ErrorCode.StreamClosed,
      request(1, get("/large")),
      data(1, "x"),
    ],
    [
      "HEADERS after the end",
      ErrorCode.StreamClosed,
      request(1, get("/large")),
      request(1, [["x", "y"]]),
    ],
    [
      "DATA after its own reset",
      ErrorCode.StreamClosed,
      request(1, get("/large"), BEGIN),
      reset(1, ErrorCode.Cancel),
      data(1, "x"),
    ],
    [
      "trailers after its own reset",
      ErrorCode.StreamClosed,
      request(1, get("/large"), BEGIN),
      reset(1, ErrorCode.Cancel),
      request(1, [["x", "y"]]),
    ],
    [
      "trailers in two frames after its own reset",
      ErrorCode.StreamClosed,
      request(1, get("/large"), BEGIN),
      reset(1, ErrorCode.Cancel),
      frame(FrameType.Headers, Flag.EndStream, 1),
      frame(FrameType.Continuation, Flag.EndHeaders, 1, block([["x", "y"]])),
    ],
    [
      "a priority that is cut",
      ErrorCode.FrameSizeError,
      request(1, get("/large")),
      frame(FrameType.Priority, 0, 1, "abc"),
    ],
    [
      "more than its window",
      ErrorCode.FlowControlError,
      request(1, get("/a.txt"), BEGIN),
      data(1, "x".repeat(2000)),
    ],
  ];

Deno.test("hostile: what breaks a stream resets it, and leaves the others", async () => {
  await using server = start(
    "http2_body_preread_size 1000; location /a.txt { expires 1d; }",
  );
  for (const [why, code, ...frames] of STREAM_FAULTS) {
    using client = await Http2Client.connect(server.port);
    await client.send(...frames);
    assertEquals((await client.response(1)).reset, code, why);
    await client.send(request(3, get("/a.txt")));
    assertEquals((await client.response(3)).status, 200, why);
  }
});

Deno.test("hostile: who goes on after its own reset hears so once, and loses no sibling", async () => {
  await using server = start("http2_body_preread_size 1m;");
  using client = await Http2Client.connect(server.port);
  // A sibling that lives meanwhile: its window has to be opened.
  await client.send(request(1, get("/large")));
  await client.send(
    request(3, post("/a.txt"), BEGIN),
    reset(3, ErrorCode.Cancel),
  );
  const pieces = 100;
  const piece = data(3, "x".repeat(16_000));
  for (let sent = 0; sent < pieces; sent++) await client.send(piece);
  await client.send(frame(FrameType.Ping, 0, 0, "all come"));
  let resets = 0;
  while (client.pongs.length === 0) {
    const came = await client.next();
    if (came === undefined) break;
    if (came.type === FrameType.RstStream) resets++;
  }
  assertEquals(client.goAways, []);
  assertEquals([resets, client.seen(3).reset], [1, ErrorCode.StreamClosed]);
  // What was dropped is given back to the window of the connection.
  const said = client.windows.get(0)!;
  assert(said > pieces * 16_000, `${said}`);
  await client.send(windowUpdate(0, 2 ** 20), windowUpdate(1, 2 ** 20));
  assertEquals((await client.response(1)).body.length, 300_000);
  assertEquals(client.goAways, []);
});

Deno.test("hostile: DATA on a stream that has had its answer is told of once", async () => {
  await using server = start();
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/a.txt")));
  assertEquals((await client.response(1)).status, 200);
  await client.send(data(1, "x"), data(1, "x"), request(3, get("/a.txt")));
  assertEquals((await client.response(3)).status, 200);
  assertEquals(client.seen(1).reset, ErrorCode.StreamClosed);
  assertEquals(client.goAways, []);
});

/** Floods: what is sent over and over, for each number of a stream. */
const FLOODS: readonly (readonly [
  why: string,
  each: (id: number) => Uint8Array,
  setUp?: Uint8Array,
])[] = [
  [
    "rapid reset (CVE-2023-44487)",
    (id) => concat(request(id, get("/large")), reset(id, ErrorCode.Cancel)),
  ],
  [
    "made-you-reset (CVE-2025-8671)",
    (id) => concat(request(id, get("/large")), windowUpdate(id, 0)),
  ],
  ["requests that are not answered", (id) => request(id, get("/silent"))],
  [
    "made-you-reset by malformed requests",
    (id) => request(id, get("/", ["A", "b"])),
  ],
  ["PING", () => frame(FrameType.Ping, 0, 0, "12345678")],
  [
    "PING that was never asked for",
    () => frame(FrameType.Ping, Flag.Ack, 0, "12345678"),
  ],
  ["SETTINGS", () => settings()],
  [
    "SETTINGS of many values",
    () =>
      settings(
        ...Array.from({ length: 200 }, (_, n) =>
          [Setting.InitialWindowSize, n] as const),
      ),
  ],
  [
    "PRIORITY",
    (id) => frame(FrameType.Priority, 0, id, number32(0).toHex().slice(0, 5)),
  ],
  [
    "PRIORITY_UPDATE",
    (id) =>
      frame(
        FrameType.PriorityUpdate,
        0,
        0,
        concat(number32(id), Uint8Array.of(0x75)),
      ),
  ],
  ["WINDOW_UPDATE", () => windowUpdate(0, 1)],
  ["empty DATA", () => data(1, ""), request(1, post("/a.txt"), BEGIN)],
  ["tiny DATA", () => data(1, "x"), request(1, post("/a.txt"), BEGIN)],
  [
    "padding",
    () => frame(FrameType.Data, Flag.Padded, 1, "\0"),
    request(1, post("/a.txt"), BEGIN),
  ],
  [
    "DATA after its own reset",
    () => data(1, "x".repeat(100)),
    concat(request(1, post("/large"), BEGIN), reset(1, ErrorCode.Cancel)),
  ],
  [
    "trailers after its own reset",
    () => request(1, [["x", "y"]]),
    concat(request(1, post("/large"), BEGIN), reset(1, ErrorCode.Cancel)),
  ],
  [
    "DATA on streams that have had their answers",
    (id) =>
      concat(
        request(id, get("/no")),
        data(id, "x"),
        data(id, "x"),
        ...Array(8).fill(data(id, "x")),
      ),
  ],
  ["frames of unknown types", () => frame(0x77, 0, 0, "x")],
  ["GOAWAY", () => frame(FrameType.GoAway, 0, 0, "12345678")],
  [
    "streams beyond what is allowed",
    (id) => request(id, post("/a.txt"), BEGIN),
  ],
  [
    "CONTINUATION of nothing (CVE-2024-27316)",
    () => frame(FrameType.Continuation, 0, 1),
    frame(FrameType.Headers, 0, 1, P),
  ],
];

Deno.test("hostile: floods end with ENHANCE_YOUR_CALM", async (t) => {
  await using server = start("location /silent { return 444; }");
  for (const [why, each, setUp = new Uint8Array(0)] of FLOODS) {
    await t.step(why, async () => {
      using client = await Http2Client.connect(server.port);
      await client.send(setUp);
      const end = client.end();
      // More than anybody may, and a bound for what it costs.
      for (let sent = 0, id = 3; sent < 30; sent++) {
        const frames: Uint8Array[] = [];
        for (let count = 0; count < 100; count++, id += 2) {
          frames.push(each(id));
        }
        await client.send(...frames);
      }
      assertEquals(await end, ErrorCode.EnhanceYourCalm);
    });
  }
});

Deno.test("hostile: a field block without an end is not kept", async () => {
  await using server = start();
  using client = await Http2Client.connect(server.port);
  await client.send(frame(FrameType.Headers, 0, 1, P));
  const end = client.end();
  for (let count = 0; count < 10; count++) {
    await client.send(
      frame(FrameType.Continuation, 0, 1, new Uint8Array(16_000)),
    );
  }
  assertEquals(await end, ErrorCode.EnhanceYourCalm);
});

Deno.test("hostile: an HPACK bomb is 431, and costs no memory", async () => {
  await using server = start();
  using client = await Http2Client.connect(server.port);
  const large = concat(
    P,
    Uint8Array.of(0x40, 0x01, 0x78, 0x7f, 0xa1, 0x1e),
    new Uint8Array(4000).fill(0x79),
  );
  await client.send(frame(FrameType.Headers, WHOLE, 1, large));
  assertEquals((await client.response(1)).status, 200);
  await client.send(windowUpdate(0, 1_000_000));
  const heap = Deno.memoryUsage().heapUsed;
  // Each byte says 4,000 bytes.
  const bomb = concat(P, new Uint8Array(16_000).fill(0xbe));
  for (let id = 3; id < 203; id += 2) {
    await client.send(frame(FrameType.Headers, WHOLE, id, bomb));
    assertEquals((await client.response(id)).status, 431);
  }
  assert(Deno.memoryUsage().heapUsed - heap < 64 * 1024 * 1024);
});

Deno.test("hostile: an HPACK bomb on streams that stay has a budget, and siblings theirs", async () => {
  await using server = start();
  const room = 1024 * 1024;
  const rest = HEAD_MEMORY.budget - HEAD_MEMORY.bytes - room;
  assert(HEAD_MEMORY.take(rest));
  try {
    const begin = HEAD_MEMORY.bytes;
    using client = await Http2Client.connect(
      server.port,
      settings([Setting.InitialWindowSize, 0]),
    );
    const large = block(get("/large"));
    const first = concat(
      large,
      Uint8Array.of(0x40, 0x01, 0x78, 0x7f, 0xa1, 0x1e),
      new Uint8Array(4000).fill(0x79),
    );
    // Seven bytes say 28,000.
    const bomb = concat(large, new Uint8Array(7).fill(0xbe));
    await client.send(frame(FrameType.Headers, WHOLE, 1, first));
    const ids = Array.from({ length: 100 }, (_, n) => 3 + 2 * n);
    await client.send(
      ...ids.map((id) => frame(FrameType.Headers, WHOLE, id, bomb)),
      frame(FrameType.Ping, 0, 0, "all come"),
    );
    await client.until(FrameType.Ping);
    const held = HEAD_MEMORY.bytes - begin;
    assert(held > 28_000 && held <= room / 4, `${held} bytes`);
    const codes = new Set(ids.map((id) => client.seen(id).reset));
    assertEquals([...codes], [undefined, ErrorCode.RefusedStream]);
    // The same connection, and another one.
    await client.send(request(301, get("/missing"), WHOLE));
    await client.until(FrameType.Headers);
    assertEquals(client.seen(301).status, 404);
    using other = await Http2Client.connect(server.port);
    const cookie = ["cookie", "x".repeat(6000)] as const;
    await other.send(request(1, get("/a.txt", cookie)));
    assertEquals((await other.response(1)).status, 200);
    assertEquals(HEAD_MEMORY.bytes - begin, held);
    await client.send(...ids.slice(0, 4).map((id) => reset(id, 8)));
    await client.send(frame(FrameType.Ping, 0, 0, "and now?"));
    await client.until(FrameType.Ping);
    assert(HEAD_MEMORY.bytes - begin < held - 3 * 26_000);
    await client.closeWrite();
    while (HEAD_MEMORY.bytes > begin) await client.next();
    assertEquals(HEAD_MEMORY.bytes, begin);
  } finally {
    HEAD_MEMORY.give(rest);
  }
});

Deno.test("hostile: too many streams are refused, and may be asked again", async () => {
  await using server = start("http2_max_concurrent_streams 3;");
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 0]),
  );
  await client.send(...[1, 3, 5, 7].map((id) => request(id, get("/large"))));
  assertEquals((await client.response(7)).reset, ErrorCode.RefusedStream);
  await client.send(reset(1, ErrorCode.Cancel), request(9, get("/a.txt")));
  await client.send(windowUpdate(9, 100));
  assertEquals((await client.response(9)).body, "a file");
});

Deno.test("hostile: a window of nothing holds a stream, not its siblings", async () => {
  await using server = start("send_timeout 1s;");
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 0]),
  );
  await client.send(request(1, get("/large")), request(3, get("/a.txt")));
  await client.send(windowUpdate(3, 100));
  assertEquals((await client.response(3)).body, "a file");
  const { reset, body } = await client.response(1);
  assertEquals([reset, body], [ErrorCode.Cancel, ""]);
  await client.send(request(5, get("/missing")), windowUpdate(5, 1000));
  assertEquals((await client.response(5)).status, 404);
});

Deno.test("hostile: a window that is dribbled is a flood", async () => {
  await using server = start();
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 0]),
  );
  await client.send(request(1, get("/large")));
  const end = client.end();
  for (let count = 0; count < 3000; count++) {
    await client.send(windowUpdate(1, 1));
  }
  assertEquals(await end, ErrorCode.EnhanceYourCalm);
});

Deno.test("windows are kept to, of the stream and of the connection", async () => {
  await using server = start();
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 100_000]),
  );
  await client.send(
    request(1, get("/large")),
    frame(FrameType.Ping, 0, 0, "1 round."),
  );
  while (client.seen(1).body.length < 65_535) await client.next();
  assertEquals(client.seen(1).body.length, 65_535);
  await client.send(windowUpdate(0, 1_000_000));
  while (client.seen(1).body.length < 100_000) await client.next();
  // A stream's window may become less than nothing (RFC 9113 §6.9.2).
  await client.send(
    settings([Setting.InitialWindowSize, 50_000]),
    windowUpdate(1, 50_001),
  );
  while (client.seen(1).body.length < 100_001) await client.next();
  await client.send(windowUpdate(1, 1_000_000));
  assertEquals((await client.response(1)).body.length, 300_000);
});

Deno.test("that a body is over is said where no window is left", async () => {
  const sums = 'add_trailer X-Sum "$body_bytes_sent";';
  await using server = start(
    `ssi on; ssi_types text/plain; location /t/ { alias www/; ${sums} }`,
  );
  const rows: [path: string, body: string][] = [
    ["/a.txt", "a file"],
    ["/t/a.txt", "a file"],
  ];
  for (const [path, expected] of rows) {
    using client = await Http2Client.connect(
      server.port,
      settings([Setting.InitialWindowSize, expected.length]),
    );
    await client.send(request(1, get(path, ["te", "trailers"])));
    const { body, reset } = await client.response(1);
    assertEquals([body, reset], [expected, undefined], path);
  }
  // And not of the whole connection.
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/large")));
  while (client.seen(1).body.length < 65_535) await client.next();
  await client.send(request(3, get("/a.txt")), request(5, get("/missing")));
  await client.send(windowUpdate(0, 10), windowUpdate(1, 300_000));
  await client.send(windowUpdate(0, 1_000_000));
  for (const [id, length] of [[1, 300_000], [3, 6]] as const) {
    assertEquals((await client.response(id)).body.length, length);
  }
  assertEquals((await client.response(5)).status, 404);
});

Deno.test("request bodies come within windows, which are opened as they are read", async () => {
  await using server = start(
    "client_max_body_size 1m; http2_body_preread_size 10000;",
  );
  using client = await Http2Client.connect(server.port);
  await client.send(
    request(1, post("/a.txt", ["content-length", "200000"]), BEGIN),
  );
  let window = 10_000;
  for (let left = 200_000; left > 0;) {
    while (window === 0) {
      const update = await client.until(FrameType.WindowUpdate);
      if (update === undefined) throw new Error("the connection has ended");
      if (update.id === 1) {
        window += new DataView(update.payload.buffer).getUint32(0);
      }
    }
    const count = Math.min(left, window, 10_000);
    left -= count;
    window -= count;
    await client.send(
      data(1, "x".repeat(count), left === 0 ? Flag.EndStream : 0),
    );
  }
  assertEquals((await client.response(1)).status, 405);
});

Deno.test("a body that may not come unasked is asked for when it is read", async () => {
  await using server = start("http2_body_preread_size 0;");
  using client = await Http2Client.connect(server.port);
  await client.send(
    request(1, post("/a.txt", ["content-length", "3"]), BEGIN),
  );
  for (let frame; (frame = await client.next()) !== undefined;) {
    if (frame.type === FrameType.WindowUpdate && frame.id === 1) break;
  }
  await client.send(data(1, "abc", Flag.EndStream));
  assertEquals((await client.response(1)).status, 405);
});

Deno.test("hostile: bodies nobody reads are as many as the connection's window", async () => {
  await using server = start(
    `location /later { limit_req zone=later burst=1000; }`,
    "limit_req_zone $server_port zone=later:1m rate=1r/m;",
  );
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/later/first")));
  await client.response(1);
  const frames: Uint8Array[] = [];
  const bytes = 16 * 1024;
  for (let id = 3, sent = 0; sent < 1024 * 1024; id += 2) {
    frames.push(request(id, post("/later"), BEGIN));
    for (let piece = 0; piece < 4; piece++, sent += bytes) {
      frames.push(data(id, "x".repeat(bytes)));
    }
  }
  await client.send(...frames, frame(FrameType.Ping, 0, 0, "is there"));
  await client.until(FrameType.Ping);
  assertEquals(client.pongs, ["is there"]);
  assertEquals(client.windows.get(0), 1024 * 1024 - 65_535);
  assertEquals(UNREAD_MEMORY.bytes, 1024 * 1024);
  // What nobody will read is not in the way of others.
  await client.send(reset(3, ErrorCode.Cancel), reset(5, ErrorCode.Cancel));
  await client.send(
    ...Array.from({ length: 6 }, (_, n) => reset(7 + 2 * n, ErrorCode.Cancel)),
  );
  await client.until(FrameType.WindowUpdate);
  assertEquals(client.windows.get(0), 1024 * 1024 * 1.5 - 65_535);
  await client.send(request(101, post("/later"), BEGIN), data(101, "x"));
  await client.send(frame(FrameType.Ping, 0, 0, "and now?"));
  await client.until(FrameType.Ping);
  assertEquals(UNREAD_MEMORY.bytes, 512 * 1024 + 1);
  // One more than may come.
  for (let id = 103; id < 120; id += 2) {
    await client.send(
      request(id, post("/later"), BEGIN),
      ...Array.from({ length: 4 }, () => data(id, "x".repeat(bytes))),
    );
  }
  assertEquals(await client.end(), ErrorCode.FlowControlError);
  assertEquals(UNREAD_MEMORY.bytes, 0);
});

Deno.test("hostile: more bodies than memory are dropped, and nobody misses them", async () => {
  await using server = start(
    `location /later { limit_req zone=later burst=1000; }`,
    "limit_req_zone $server_port zone=later:1m rate=60r/s;",
  );
  using client = await Http2Client.connect(server.port);
  const rest = UNREAD_MEMORY.budget - UNREAD_MEMORY.bytes - 10;
  assert(UNREAD_MEMORY.take(rest));
  try {
    const both = [1, 3].flatMap((id) => [
      request(id, post("/later/a"), BEGIN),
      data(id, "x".repeat(20), Flag.EndStream),
    ]);
    await client.send(...both, request(5, get("/a.txt")));
    assertEquals((await client.response(5)).status, 200);
    assertEquals((await client.response(3)).status, 404);
  } finally {
    UNREAD_MEMORY.give(rest);
  }
  assertEquals(UNREAD_MEMORY.bytes, 0);
});

Deno.test("who opens both windows for each small piece the server makes is no flood", async () => {
  await using server = start("http2_chunk_size 200;");
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/large")));
  while (client.seen(1).body.length < 300_000) {
    const came = await client.until(FrameType.Data);
    if (came === undefined) break;
    const { length } = came.payload;
    await client.send(windowUpdate(1, length), windowUpdate(0, length));
  }
  assertEquals(client.goAways, []);
});

Deno.test("who does so when both windows are used up is no flood either", async () => {
  await using server = start("http2_chunk_size 200;");
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/large")));
  const came: number[] = [];
  const next = async () => {
    const frame = await client.until(FrameType.Data);
    if (frame !== undefined) came.push(frame.payload.length);
    return frame !== undefined;
  };
  while (client.seen(1).body.length < 65_535 && await next());
  // What is let through is what came, piece by piece.
  while (client.seen(1).body.length < 300_000) {
    const length = came.shift()!;
    await client.send(windowUpdate(1, length), windowUpdate(0, length));
    if (!await next()) break;
  }
  assertEquals(client.goAways, []);
  assert(client.seen(1).body.length >= 300_000);
});

Deno.test("hostile: windows that are dribbled to the connection are a flood", async () => {
  await using server = start();
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 2 ** 31 - 1]),
  );
  await client.send(request(1, get("/large")));
  const end = client.end();
  for (let count = 0; count < 3000; count++) {
    await client.send(windowUpdate(0, 1));
  }
  assertEquals(await end, ErrorCode.EnhanceYourCalm);
});

Deno.test("hostile: 16 MB of fields that wait for their end", async () => {
  await using server = start();
  const clients: Http2Client[] = [];
  const heap = INPUT_MEMORY.bytes;
  for (let count = 0; count < 20; count++) {
    const client = await Http2Client.connect(server.port);
    clients.push(client);
    // Three frames of 16 KiB are a block that may go on; of the fourth there
    // is all but one byte.
    const part = new Uint8Array(16_384);
    await client.send(
      frame(FrameType.Headers, 0, 1, part.subarray(0, 16_000)),
      frame(FrameType.Continuation, 0, 1, part),
      frame(FrameType.Continuation, 0, 1, part).subarray(0, -1),
    );
  }
  assertEquals((await send(server, "/a.txt")).status, 200);
  assert(INPUT_MEMORY.bytes - heap < 20 * 33 * 1024);
  for (const client of clients) {
    await client.send(new Uint8Array(1));
    await client.send(frame(FrameType.Continuation, 0, 1, new Uint8Array(900)));
    assertEquals(await client.end(), ErrorCode.EnhanceYourCalm);
    client[Symbol.dispose]();
  }
});

Deno.test("http2_chunk_size is that of the location", async () => {
  await using server = start(
    "http2_chunk_size 16k; location /large { http2_chunk_size 1k; }",
  );
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 2 ** 31 - 1]),
  );
  await client.send(windowUpdate(0, 1_000_000), request(1, get("/large")));
  const { body, pieces } = await client.response(1);
  assertEquals([body.length, pieces >= 293], [300_000, true]);
});

Deno.test("add_header Priority says how urgent a response is", async () => {
  await using server = start(
    'location /late/ { alias www/; add_header Priority "u=7"; }',
  );
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 2 ** 31 - 1]),
  );
  await client.send(
    request(1, get("/late/large")),
    request(3, get("/large")),
  );
  while (client.seen(1).body.length + client.seen(3).body.length < 65_535) {
    await client.next();
  }
  await client.send(windowUpdate(0, 1_000_000));
  const second = await client.response(3);
  assertEquals(second.body.length, 300_000);
  assert(client.seen(1).body.length < 150_000);
  const first = await client.response(1);
  assertEquals([first.body.length, first.fields.get("priority")], [
    300_000,
    "u=7",
  ]);
});

Deno.test("a stream that nobody pushes has no priority", async () => {
  await using server = start();
  using client = await Http2Client.connect(server.port);
  const update = concat(number32(2), new TextEncoder().encode("u=1"));
  await client.send(frame(FrameType.PriorityUpdate, 0, 0, update));
  assertEquals(await client.end(), ErrorCode.ProtocolError);
});

Deno.test("a body that is too large is 413, then the stream is reset", async () => {
  await using server = start("client_max_body_size 1k;");
  using client = await Http2Client.connect(server.port);
  await client.send(
    request(1, post("/a.txt", ["content-length", "2000"]), BEGIN),
  );
  await client.send(
    request(3, post("/a.txt"), BEGIN),
    data(3, "x".repeat(2000)),
  );
  assertEquals((await client.response(1)).status, 413);
  // Nobody has read what was not announced.
  assertEquals((await client.response(3)).status, 405);
  const frame = await client.until(FrameType.RstStream);
  assertEquals(frame?.payload, number32(ErrorCode.NoError));
});

Deno.test("a client that expects it is told to go on", async () => {
  await using server = start(
    "location /up { return 200 up; } client_max_body_size 100;",
  );
  using client = await Http2Client.connect(server.port);
  await client.send(
    request(1, post("/a.txt", ["expect", "100-continue"]), BEGIN),
  );
  // Nobody wants the body, so it is not asked for.
  assertEquals((await client.response(1)).interim, []);
  assertEquals(client.seen(1).status, 405);
  await client.send(request(3, post("/a.txt", ["expect", "x"]), BEGIN));
  assertEquals((await client.response(3)).status, 417);
});

/** Requests whose bodies nobody wants: their handler, and the status. */
const UNWANTED_BODIES: readonly (readonly [fields: Fields, status: number])[] =
  [
    [get("/a.txt"), 200],
    [post("/a.txt"), 405],
    [get("/missing"), 404],
    [post("/deny"), 403],
    [post("/moved"), 301],
    [post("/text"), 200],
    [[[":method", "HEAD"], ...get("/a.txt").slice(1)], 200],
    [post("/empty"), 204],
  ];

Deno.test("a request whose body nobody wants is answered at once, and goes on", async () => {
  await using server = start(`
    http2_body_preread_size 1000;
    location /deny { deny all; }
    location /moved { return 301 /x; }
    location /text { return 200 text; }
    location /empty { return 204; }`);
  using client = await Http2Client.connect(server.port);
  for (const [n, [fields, status]] of UNWANTED_BODIES.entries()) {
    const id = 2 * n + 1;
    const why = `${fields[0]![1]} ${fields[3]![1]}`;
    await client.send(request(id, fields, BEGIN));
    while (client.seen(id).status === 0) await client.next();
    assertEquals(client.seen(id).status, status, why);
    let sent = 0;
    for (; sent < 4000; sent += 500) {
      await client.send(data(id, "x".repeat(500)));
    }
    await client.send(data(id, "", Flag.EndStream));
    const { reset } = await client.response(id);
    assertEquals(reset, undefined, why);
    await client.send(frame(FrameType.Ping, 0, 0, `ping${1000 + n}`));
    while (client.pongs.length <= n) await client.next();
    // As over HTTP/1.1 more was allowed than may come unasked.
    assert((client.windows.get(id) ?? 0) >= 3000, why);
  }
});

Deno.test("a client may end a body that it sees to be of no use", async () => {
  await using server = start();
  using client = await Http2Client.connect(server.port);
  await client.send(
    request(1, post("/a.txt", ["content-length", "2000"]), BEGIN),
  );
  assertEquals((await client.response(1)).status, 405);
  await client.send(data(1, "x", Flag.EndStream), request(3, get("/a.txt")));
  const { status } = await client.response(3);
  assertEquals([status, client.seen(1).reset], [200, undefined]);
});

Deno.test("a body that nobody wants is not waited for", async () => {
  await using server = start("lingering_timeout 1s;");
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, post("/a.txt"), BEGIN), data(1, "half of "));
  await client.send(request(3, get("/a.txt")));
  assertEquals((await client.response(3)).status, 200);
  assertEquals((await client.response(1)).status, 405);
  const frame = await client.until(FrameType.RstStream);
  assertEquals(frame?.payload, number32(ErrorCode.NoError));
});

Deno.test("trailers of a request are read and dropped, of a response sent", async () => {
  await using server = start(
    "location /t { add_trailer X-Sum $uri; alias www/a.txt; }",
  );
  using client = await Http2Client.connect(server.port);
  await client.send(
    request(1, get("/t"), BEGIN),
    data(1, "body"),
    request(1, [["x", "y"]]),
  );
  const { status, trailers } = await client.response(1);
  assertEquals([status, [...trailers ?? []]], [200, [["x-sum", "/t"]]]);
});

Deno.test("more urgent responses come first, and nobody waits for ever", async () => {
  await using server = start();
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 1_000_000]),
  );
  const ask = (id: number, priority: string) =>
    request(id, get("/large", ["priority", priority]));
  await client.send(
    frame(
      FrameType.PriorityUpdate,
      0,
      0,
      concat(number32(5), new TextEncoder().encode("u=0")),
    ),
    ask(1, "u=7"),
    ask(3, "u=5, i"),
    ask(5, "u=6"),
    windowUpdate(0, 2_000_000),
  );
  await client.response(5);
  const [last, middle] = [
    client.seen(1).body.length,
    client.seen(3).body.length,
  ];
  assert(last < 150_000 && middle < 150_000, `${last} and ${middle}`);
  assert(last > 0, "even the least urgent one has come on");
  await client.response(3);
  assert(client.seen(1).body.length < 300_000);
  assertEquals((await client.response(1)).body.length, 300_000);
});

Deno.test("return 444 resets the stream and says nothing", async () => {
  await using server = start("location /no { return 444; }");
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/no")), request(3, get("/a.txt")));
  const { status, reset } = await client.response(1);
  assertEquals([status, reset], [0, ErrorCode.InternalError]);
  assertEquals((await client.response(3)).status, 200);
});

Deno.test("limit_rate paces a stream, and not its siblings", async () => {
  await using server = start(
    "location /slow { limit_rate 200k; alias www/large; }",
  );
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 1_000_000]),
  );
  const begun = performance.now();
  await client.send(
    windowUpdate(0, 1_000_000),
    request(1, get("/slow")),
    request(3, get("/large")),
  );
  await client.response(3);
  assert(client.seen(1).body.length < 300_000);
  await client.response(1);
  assert(performance.now() - begun > 400);
});

Deno.test("logs tell how long a request took, however idle the connection", async () => {
  await using server = new InProcessServer({
    config: `http {
      log_format times "$uri $request_time";
      access_log times.log times;
      http2 on; limit_req_zone $uri zone=z:1m rate=2r/s;
      server {
        listen 127.0.0.1:0; root www;
        location /late { limit_req zone=z burst=1; alias www/a.txt; }
      }
    }`,
    files: FILES,
  });
  using client = await Http2Client.connect(server.port);
  await client.send(
    request(1, get("/late")),
    request(3, get("/late")),
    request(5, get("/a.txt")),
  );
  for (const id of [1, 3, 5]) await client.response(id);
  await server.server.reopenLogs();
  const lines = Deno.readTextFileSync(`${server.folder}/times.log`)
    .trim().split("\n").map((line) => Number(line.split(" ")[1]));
  assertEquals(lines.map((time) => Math.sign(Math.round(time * 4))), [0, 0, 1]);
  assert(lines.every((time) => time >= 0), lines.join());
});

Deno.test("keepalive_requests: two farewells, and nothing is lost", async () => {
  await using server = start("keepalive_requests 2;");
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/a.txt")), request(3, get("/a.txt")));
  await client.until(FrameType.GoAway);
  // What was on its way is answered.
  await client.send(request(5, get("/a.txt")));
  assertEquals((await client.response(5)).body, "a file");
  assertEquals(await client.end(), ErrorCode.NoError);
  assertEquals(client.goAways, [[0, 2 ** 31 - 1], [0, 5]]);
});

Deno.test("no farewell names a stream that came after the one before", async () => {
  await using server = start("keepalive_requests 1;");
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 0]),
  );
  await client.send(request(1, get("/a.txt")));
  await client.until(FrameType.GoAway);
  await client.send(frame(FrameType.Ping, Flag.Ack, 0, "\0".repeat(8)));
  await client.until(FrameType.GoAway);
  await client.send(request(3, get("/a.txt")), windowUpdate(0, 0));
  assertEquals(await client.end(), ErrorCode.ProtocolError);
  assertEquals(client.goAways, [[0, 2 ** 31 - 1], [0, 1], [
    ErrorCode.ProtocolError,
    1,
  ]]);
});

Deno.test("an idle connection ends with a farewell, whatever it pings", async () => {
  await using server = start("keepalive_timeout 1s;");
  using client = await Http2Client.connect(server.port);
  await client.send(request(1, get("/a.txt")));
  await client.response(1);
  const begun = performance.now();
  const timer = setInterval(
    () => client.send(frame(FrameType.Ping, 0, 0, "12345678")),
    100,
  );
  assertEquals(await client.end(), ErrorCode.NoError);
  clearInterval(timer);
  assert(performance.now() - begun < 3000);
  assert(client.pongs.length > 2);
});

Deno.test("an idle connection whose place is needed ends with a farewell", async () => {
  await using server = new InProcessServer({
    config: `error_log stderr emerg; events { worker_connections 1; }
      http { access_log off; http2 on;
        server { listen 127.0.0.1:0; root www; } }`,
    files: FILES,
  });
  using idle = await Http2Client.connect(server.port);
  await idle.send(request(1, get("/a.txt")));
  assertEquals((await idle.response(1)).status, 200);
  using next = await Http2Client.connect(server.port);
  await next.send(request(1, get("/a.txt")));
  assertEquals((await next.response(1)).status, 200);
  assertEquals(await idle.end(), ErrorCode.NoError);
  assertEquals(idle.goAways, [[0, 1]]);
  assertEquals(server.server.statistics.evicted, 1);
});

Deno.test("a head that does not end is waited for as long as any", async () => {
  await using server = start("client_header_timeout 1s;");
  using client = await Http2Client.connect(server.port);
  await client.send(frame(FrameType.Headers, 0, 1, P));
  assertEquals(await client.end(), ErrorCode.NoError);
});

Deno.test("a client that says nothing is not waited for, where none is kept", async () => {
  await using server = start("keepalive_timeout 0; client_header_timeout 1s;");
  using client = await Http2Client.connect(server.port);
  assertEquals(await client.end(), ErrorCode.NoError);
  using asking = await Http2Client.connect(server.port);
  await asking.send(request(1, get("/a.txt")));
  assertEquals((await asking.response(1)).status, 200);
  assertEquals(await asking.end(), ErrorCode.NoError);
});

Deno.test("a reload is for the next request, and busy connections say farewell", async () => {
  await using server = start("location /v { return 200 old; }");
  using idle = await Http2Client.connect(server.port);
  await idle.send(request(1, get("/v")));
  assertEquals((await idle.response(1)).body, "old");
  using busy = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 0]),
  );
  await busy.send(request(1, get("/a.txt")));
  await busy.until(FrameType.Headers);
  server.serve(`http { access_log off; http2 on; server {
    listen 127.0.0.1:0; root www; location /v { return 200 new; } } }`);
  await idle.send(request(3, get("/v")));
  assertEquals((await idle.response(3)).body, "new");
  await busy.until(FrameType.GoAway);
  await busy.send(windowUpdate(1, 100));
  assertEquals((await busy.response(1)).body, "a file");
  assertEquals(await busy.end(), ErrorCode.NoError);
});

Deno.test("a drain answers what has come, and ends", async () => {
  const server = start();
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 0]),
  );
  await client.send(request(1, get("/a.txt")));
  await client.until(FrameType.Headers);
  const drained = server.server.drain();
  await client.until(FrameType.GoAway);
  await client.send(windowUpdate(1, 100));
  assertEquals((await client.response(1)).body, "a file");
  assertEquals(await client.end(), ErrorCode.NoError);
  client[Symbol.dispose]();
  await drained;
  Deno.removeSync(server.folder, { recursive: true });
});

/** What has a connection end before it has said what it speaks. */
const EARLY_ENDS: Readonly<
  Record<string, (server: InProcessServer) => void | Promise<void>>
> = {
  "a drain": ({ server }) => void server.drain(),
  "others go on": ({ server }) => {
    server.drain({ othersGoOn: true });
    return server.unbound;
  },
  "a reload without HTTP/2": (server) =>
    server.serve(
      `http { access_log off; server { listen 127.0.0.1:0; root www; } }`,
    ),
};

for (const [what, begin] of Object.entries(EARLY_ENDS)) {
  Deno.test(`a connection that has said nothing yet has a farewell, too: ${what}`, async () => {
    await using server = start();
    using socket = await Deno.connect({ port: server.port });
    while (server.server.connections === 0) await nextTask();
    await begin(server);
    using client = new Http2Client(socket);
    await client.send(PREFACE, settings(), request(1, get("/a.txt")));
    assertEquals((await client.response(1)).body, "a file");
    assertEquals(await client.end(), ErrorCode.NoError);
    assertEquals(client.goAways, [[0, 2 ** 31 - 1], [0, 1]]);
  });
}

Deno.test("what happens is counted", async () => {
  await using server = start();
  {
    using client = await Http2Client.connect(server.port);
    await client.send(
      request(1, get("/a.txt")),
      request(3, get("/large")),
      reset(3, ErrorCode.Cancel),
      request(5, get("/", ["A", "b"])),
    );
    await client.response(5);
    await client.send(frame(FrameType.Ping, 0, 0, "cut"));
    await client.end();
  }
  await send(server, "/a.txt");
  const { requests, http2 } = server.server.statistics.snapshot();
  assertEquals(requests, 4);
  assertEquals(http2, { connections: 1, requests: 3, abandoned: 2, faults: 1 });
});

Deno.test("a client that leaves takes its requests with it", async () => {
  await using server = start();
  {
    using client = await Http2Client.connect(server.port);
    await client.send(request(1, get("/large")));
    await client.until(FrameType.Headers);
  }
  {
    using client = await Http2Client.connect(server.port);
    await client.send(request(1, get("/large")));
    await client.until(FrameType.Headers);
    await client.closeWrite();
    while (await client.next() !== undefined);
  }
  using next = await Http2Client.connect(server.port);
  await next.send(request(1, get("/a.txt")));
  assertEquals((await next.response(1)).status, 200);
});

Deno.test("one connection does not starve another", async () => {
  await using server = start("keepalive_requests 1000000;");
  using greedy = await Http2Client.connect(server.port);
  const frames: Uint8Array[] = [];
  for (let id = 1; id < 20_000; id += 2) {
    frames.push(request(id, get("/missing")));
  }
  const sent = greedy.send(...frames, frame(FrameType.Ping, 0, 0, "the end."));
  const read = (async () => {
    while (greedy.pongs.length === 0 && await greedy.next() !== undefined);
  })();
  const begun = performance.now();
  assertEquals((await send(server, "/a.txt")).status, 200);
  assert(performance.now() - begun < 1000);
  await Promise.all([sent, read]);
});

Deno.test("a small answer does not stand in the line of large bodies", async () => {
  // All who pause wait until the test lets them go on.
  const paused: (() => void)[] = [];
  const unwatch = pauseBy({
    afterLook: (action) => paused.push(action) > 0,
  });
  await using server = start();
  using client = await Http2Client.connect(
    server.port,
    settings([Setting.InitialWindowSize, 2 ** 20]),
  );
  const bodies = 40;
  for (let count = 0; count < bodies; count++) BODY_BUDGET.enter();
  let taken = 0;
  const take = BODY_BUDGET.take.bind(BODY_BUDGET);
  BODY_BUDGET.take = (bytes) => {
    taken += bytes;
    return take(bytes);
  };
  try {
    // The line begins: one spends everything, the next one waits.
    assertEquals(BODY_BUDGET.take(2 ** 30), undefined);
    const line = BODY_BUDGET.take(1);
    assertEquals([line instanceof Promise, paused.length], [true, 1]);
    await client.send(windowUpdate(0, 2 ** 20), request(1, get("/a.txt")));
    assertEquals((await client.response(1)).body, "a file");
    // So does the beginning of a large one, and the rest is in the line.
    await client.send(request(3, get("/large")));
    await client.until(FrameType.Data);
    using other = await Http2Client.connect(server.port);
    await other.send(request(1, get("/a.txt")));
    assertEquals((await other.response(1)).body, "a file");
    assertEquals(paused.length, 1);
    taken = 0;
    unwatch();
    for (const action of paused.splice(0)) action();
    assertEquals((await client.response(3)).body.length, 300_000);
    // But for its first write, or two, all of it took turns; sockets of the
    // system have turns of their own.
    const least = usesEpoll ? 0 : 300_000 - 3 * 48 * 1024;
    assert(taken >= least, `${taken}`);
  } finally {
    BODY_BUDGET.take = take;
    for (let count = 0; count < bodies; count++) BODY_BUDGET.leave();
  }
});
