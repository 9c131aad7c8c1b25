import { assert, assertEquals } from "@std/assert";
import jsqr from "jsqr";
import { qrCodeLines } from "../../../src/cli/folder/qr_code.ts";

const { default: jsQR } = jsqr;

/** Pixels of a module of the picture that is read again. */
const SCALE = 4;

/** The text of the code that `lines` show, as letters of `ink` on the other. */
function decoded(lines: readonly string[], isDarkInk: boolean): string {
  const halves = lines.flatMap((line) => [
    Array.from(line, (cell) => "█▀".includes(cell)),
    Array.from(line, (cell) => "█▄".includes(cell)),
  ]);
  const side = halves[0]!.length * SCALE;
  const height = halves.length * SCALE;
  const pixels = new Uint8ClampedArray(side * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < side; x++) {
      const isInk = halves[Math.floor(y / SCALE)]![Math.floor(x / SCALE)]!;
      pixels.fill(isInk === isDarkInk ? 0 : 255, (y * side + x) * 4).fill(
        255,
        (y * side + x) * 4 + 3,
        (y * side + x) * 4 + 4,
      );
    }
  }
  return jsQR(pixels, side, height)?.data ?? "";
}

const URLS = [
  "http://192.0.2.1:8080/",
  "https://[2001:db8:1234:5678:9abc:def0:1234:5678]:65535/",
];

Deno.test("qrCodeLines() shows a URL, in colour and without", async () => {
  for (const url of URLS) {
    const coloured = await qrCodeLines(url, { columns: 80, coloured: true });
    const bare = coloured.map((line) => {
      assert(line.startsWith("\x1b[30;107m") && line.endsWith("\x1b[0m"));
      return line.slice("\x1b[30;107m".length, -"\x1b[0m".length);
    });
    assertEquals(decoded(bare, true), url);
    // Letters are light on a dark screen: also those that have no module.
    const plain = await qrCodeLines(url, { columns: 80, coloured: false });
    assertEquals(decoded(plain, false), url);
    assertEquals(new Set(bare.map((line) => [...line].length)).size, 1);
  }
});

Deno.test("qrCodeLines() shows none where there is no room", async () => {
  const [url = ""] = URLS;
  const options = { columns: 80, coloured: false };
  const width = [...(await qrCodeLines(url, options))[0]!].length;
  for (const columns of [0, 20, width - 1]) {
    assertEquals(await qrCodeLines(url, { ...options, columns }), []);
  }
  const fitting = await qrCodeLines(url, { ...options, columns: width });
  assertEquals(fitting.length, Math.ceil(width / 2));
});
