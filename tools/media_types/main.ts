/** Writes the program's table of media types. */

import { mediaTypeTable } from "./table.ts";

Deno.writeTextFileSync(
  new URL(
    "../../src/http/semantics/media_type_table.ts",
    import.meta.url,
  ),
  mediaTypeTable(),
);
