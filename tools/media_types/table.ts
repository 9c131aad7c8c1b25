/** The table of media types, as a source of the program. */

import { types } from "@std/media-types/db";

/** The library is untyped; this is the face it is used by. */
const LIBRARY: ReadonlyMap<string, string> = types;

const HEADER = `/**
 * The standard library's table of media types (IANA, Apache and nginx together,
 * by mime-db), in 30 KB: there it takes 1.5 MB on each thread (measured).
 * \`deno task media-types\` makes it.
 */

/** Lines of a media type and its extensions. */
export const MEDIA_TYPE_TABLE = \`
`;

/** The source that has the library's table. */
export function mediaTypeTable(): string {
  const extensionsOf = Map.groupBy(LIBRARY.keys(), (key) => LIBRARY.get(key)!);
  const lines = [...extensionsOf].sort(([one], [other]) => one < other ? -1 : 1)
    .map(([type, extensions]) => `${type} ${extensions.sort().join(" ")}\n`);
  return `${HEADER}${lines.join("")}\`;\n`;
}
