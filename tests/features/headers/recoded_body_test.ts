import { assertEquals } from "@std/assert";
import { charsetMapDirective } from "../../../src/features/headers/charset_map.ts";
import { recodedBody } from "../../../src/features/headers/recoded_body.ts";
import type { BodySource } from "../../../src/http/response.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";
import { read } from "../../support/module_support.ts";

const RECODINGS = read(
  "charset_map a utf-8 { C1 D0B0; } charset_map a b { C1 C2; }",
).scope.get(charsetMapDirective);
const TO_UTF8 = RECODINGS.get("a utf-8")!;
const FROM_UTF8 = RECODINGS.get("utf-8 a")!;
const TO_B = RECODINGS.get("a b")!;

/** A body of some pieces that counts what is done to it. */
class Pieces implements BodySource {
  readonly length = 4;
  readonly limits: (number | undefined)[] = [];
  closed = 0;
  readonly #pieces: string[];

  constructor(...pieces: string[]) {
    this.#pieces = pieces;
  }

  pull(limit?: number): Uint8Array | undefined {
    this.limits.push(limit);
    const piece = this.#pieces.shift();
    return piece === undefined ? undefined : bytesOf(piece);
  }

  close(): void {
    this.closed++;
  }
}

async function textOfSource(source: BodySource): Promise<string[]> {
  const pieces: string[] = [];
  for (let piece; (piece = await source.pull(100)) !== undefined;) {
    pieces.push(textOf(piece));
  }
  return pieces;
}

Deno.test("a small body is recoded at once", () => {
  assertEquals(recodedBody(undefined, TO_UTF8), undefined);
  const body = recodedBody(bytesOf("x\xc1"), TO_UTF8);
  assertEquals(textOf(body as Uint8Array), "x\xd0\xb0");
  const cut = recodedBody(bytesOf("x\xd0"), FROM_UTF8);
  assertEquals(textOf(cut as Uint8Array), "x?");
});

Deno.test("a large body is recoded while it is sent", async () => {
  const large = new Uint8Array(200_000).fill(0xc1);
  const body = recodedBody(large, TO_UTF8) as BodySource;
  assertEquals(body.length, undefined);
  const pieces = await textOfSource(body);
  assertEquals(pieces.join(""), "\xd0\xb0".repeat(200_000));
  body.close();
  const same = recodedBody(large, TO_B) as BodySource;
  assertEquals(same.length, 200_000);
  assertEquals((await textOfSource(same)).join("").length, 200_000);
  same.close();
});

Deno.test("a piece of no whole character is waited past", async () => {
  const pieces = new Pieces("\xd0", "\xb0", "\xd0");
  const body = recodedBody(pieces, FROM_UTF8) as BodySource;
  assertEquals(await textOfSource(body), ["\xc1", "?"]);
  assertEquals(await body.pull(), undefined);
  // Read in large pieces, however little is asked for.
  assertEquals(pieces.limits, [16384, 16384, 16384, 16384]);
  body.close();
  assertEquals(pieces.closed, 1);
});

Deno.test("a body that nobody asks for is closed and not opened", () => {
  const pieces = new Pieces("x");
  (recodedBody(pieces, TO_UTF8) as BodySource).close();
  assertEquals([pieces.limits.length, pieces.closed], [0, 1]);
  let opened = 0;
  const body = {
    length: 1,
    open() {
      opened++;
      return pieces;
    },
  };
  (recodedBody(body, TO_UTF8) as BodySource).close();
  assertEquals(opened, 0);
});
