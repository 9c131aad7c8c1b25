/** Configuration files from the disk. */

import type { ConfigReader } from "./include.ts";
import { isDescriptor, readDescriptor } from "./standard_input.ts";

/**
 * Reads configuration files with Deno. Bytes that are not UTF-8 become U+FFFD,
 * which the lexer refuses everywhere but in comments.
 */
export const diskReader: ConfigReader = Object.freeze({
  readText(path: string): string {
    return isDescriptor(path)
      ? readDescriptor(path)
      : Deno.readTextFileSync(path);
  },
  listDirectory(path: string): string[] {
    return Array.from(Deno.readDirSync(path), (entry) => entry.name);
  },
});
