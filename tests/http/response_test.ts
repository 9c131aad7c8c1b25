import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import {
  type BodySource,
  HeaderList,
  HttpResponse,
} from "../../src/http/response.ts";

Deno.test("HeaderList keeps order and compares names without case", () => {
  const list = new HeaderList([["A", "1"], ["B", "2"]]).append("a", "3");
  assertEquals([...list], [["A", "1"], ["B", "2"], ["a", "3"]]);
  assertEquals(list.get("a"), "1");
  assertEquals(list.get("b"), "2");
  assertEquals(list.get("c"), undefined);
  const joined = ["A", "b", "c"].map((name) => list.joined(name));
  assertEquals(joined, ["1, 3", "2", undefined]);
  assert(list.has("B") && list.has("b") && !list.has("c"));
  assertEquals(list.toLines(), "A: 1\r\nB: 2\r\na: 3\r\n");
  list.set("A", "4");
  assertEquals([...list], [["A", "4"], ["B", "2"]]);
  list.delete("b");
  list.delete("c");
  assertEquals([...list], [["A", "4"]]);
});

Deno.test("HeaderList.clone() is a list of its own", () => {
  const list = new HeaderList([["A", "1"]]);
  const copy = list.clone();
  copy.append("B", "2");
  list.set("A", "3");
  assertEquals([...copy], [["A", "1"], ["B", "2"]]);
});

Deno.test("HeaderList refuses what would split a response", () => {
  const values = ["a\r\nB: c", "a\nB: c", "a\rB", "\n", "\r", "a\0b"];
  for (const value of values) {
    const list = new HeaderList();
    for (
      const act of [
        () => list.append("A", value),
        () => list.set("A", value),
        () => list.append(value, "A"),
        () => new HeaderList([["A", value]]),
      ]
    ) {
      const error = assertThrows(act, HttpError);
      assertEquals(error.status, 500, JSON.stringify(value));
    }
    assertEquals(list.toLines(), "");
  }
});

Deno.test("HeaderList sends a folded value on one line", () => {
  const list = new HeaderList([["A", "x\n\ty"]]);
  list.append("B", "x\r\n y").set("A", "\n z");
  assertEquals(list.toLines(), "A: z\r\nB: x y\r\n");
  assertThrows(() => list.append("C", "x\n y\nSet-Cookie: z"), HttpError);
  assertThrows(() => list.append("a\n b", "x"), HttpError);
});

function source(length: number | undefined) {
  let closed = 0;
  const body: BodySource = {
    length,
    pull: () => undefined,
    close: () => closed++,
  };
  return { body, closed: () => closed };
}

Deno.test("HttpResponse.length is that of the body", () => {
  const rows: [HttpResponse, number | undefined][] = [
    [new HttpResponse(200), 0],
    [new HttpResponse(200, { body: undefined }), 0],
    [new HttpResponse(200, { body: new Uint8Array(7) }), 7],
    [new HttpResponse(200, { body: source(9).body }), 9],
    [new HttpResponse(200, { body: source(undefined).body }), undefined],
  ];
  for (const [response, expected] of rows) {
    assertEquals(response.length, expected);
  }
});

Deno.test("HttpResponse.dispose() closes a source", () => {
  const { body, closed } = source(1);
  new HttpResponse(200, { body }).dispose();
  assertEquals(closed(), 1);
  new HttpResponse(200, { body: new Uint8Array(1) }).dispose();
  new HttpResponse(200).dispose();
});

Deno.test("HttpResponse.with() copies", () => {
  const first = new HttpResponse(200, {
    headers: new HeaderList([["A", "1"]]),
    body: new Uint8Array(2),
    close: true,
  });
  const second = first.with({ status: 404 });
  assertEquals([second.status, second.close], [404, true]);
  assertEquals(second.body, first.body);
  second.headers.set("A", "2");
  assertEquals(first.headers.get("A"), "1");
  assertEquals(first.with({ body: undefined }).body, undefined);
  assertEquals(first.with({ close: false }).close, false);
  const headers = new HeaderList();
  assertEquals(first.with({ headers }).headers, headers);
});

Deno.test("HeaderList.set() keeps the place of the first field", () => {
  const headers = new HeaderList([["A", "1"], ["b", "2"], ["a", "3"]]);
  headers.set("a", "x").set("C", "y");
  assertEquals([...headers], [["a", "x"], ["b", "2"], ["C", "y"]]);
  assertThrows(() => headers.set("b", "\n"), HttpError);
  assertEquals([...headers], [["a", "x"], ["b", "2"], ["C", "y"]]);
});

Deno.test("HttpResponse.with() keeps when it expires", () => {
  const trailer = () => "";
  const response = new HttpResponse(200, {
    body: new Uint8Array(1),
    expiresAfter: 60,
    trailer,
  });
  assertEquals(response.with({}).expiresAfter, 60);
  assertEquals(response.with({}).trailer, trailer);
  assertEquals(
    response.with({ expiresAfter: undefined }).expiresAfter,
    undefined,
  );
});

Deno.test("HttpResponse.with() offers parts of another body only if told so", () => {
  const body = new Uint8Array(3);
  const whole = new HttpResponse(200, { body, ranges: true });
  const rows = [
    [{}, true],
    [{ status: 404 }, true],
    [{ body: new Uint8Array(2) }, false],
    [{ body: new Uint8Array(2), ranges: true }, true],
    [{ ranges: false }, false],
  ] as const;
  for (const [changes, ranges] of rows) {
    assertEquals(whole.with(changes).ranges, ranges, JSON.stringify(changes));
  }
  assertEquals(new HttpResponse(200, { body }).ranges, false);
});
