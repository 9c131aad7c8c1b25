/** A URL as a picture, which a phone reads from the screen. */

/** Light around the code, in modules; readers do with half of the standard's 4. */
const BORDER = 2;

/** Black on white, whatever the colours of the terminal are, and theirs again. */
const COLOURS = ["\x1b[30;107m", "\x1b[0m"] as const;

/** How a module and the one below it are drawn: `true` has the letter's colour. */
function cell(upper: boolean, lower: boolean): string {
  if (upper === lower) return upper ? "\u2588" : " ";
  return upper ? "\u2580" : "\u2584";
}

/** Where the picture is shown. */
interface QrCodeOptions {
  /** How many columns there are. */
  readonly columns: number;
  /** Whether colours may be used. Without them the screen is taken for dark. */
  readonly coloured: boolean;
}

/**
 * The lines of a QR code of `url`, two modules in a character; none if there is
 * no room for it.
 */
export async function qrCodeLines(
  url: string,
  { columns, coloured }: QrCodeOptions,
): Promise<string[]> {
  // Most starts show none.
  const { encode } = await import("uqr");
  const { data, size } = encode(url, { border: BORDER, ecc: "L" });
  if (size > columns) return [];
  const [before, after] = coloured ? COLOURS : ["", ""];
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    const cells = Array.from({ length: size }, (_, column) => {
      const upper = data[row]![column]!;
      // Below the last row is what is around the code.
      const lower = data[row + 1]?.[column] ?? false;
      // In colour the characters are black, without they are light.
      return coloured ? cell(upper, lower) : cell(!upper, !lower);
    });
    lines.push(before + cells.join("") + after);
  }
  return lines;
}
