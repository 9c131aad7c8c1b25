/** The examples of `packaging/`, with the places of a test in them. */

import { fromFileUrl, join } from "@std/path";

/** The folder of the examples. */
export const PACKAGING = fromFileUrl(
  new URL("../../packaging", import.meta.url),
);

/**
 * The text of an example with other values in it. Each of `replacements` has to
 * be there: so the test fails when the example has become another one.
 *
 * @throws {Error} when there is nothing to replace
 */
export function packaged(
  name: string,
  replacements: Readonly<Record<string, string>>,
): string {
  let text = Deno.readTextFileSync(join(PACKAGING, name));
  for (const [old, replacement] of Object.entries(replacements)) {
    if (!text.includes(old)) throw new Error(`${name} has no "${old}"`);
    text = text.replaceAll(old, () => replacement);
  }
  return text;
}
