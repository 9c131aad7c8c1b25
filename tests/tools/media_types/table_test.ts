import { assert } from "@std/assert";
import { mediaTypeTable } from "../../../tools/media_types/table.ts";

Deno.test("the table of media types is the library's", async () => {
  const file = new URL(
    "../../../src/http/semantics/media_type_table.ts",
    import.meta.url,
  );
  assert(
    mediaTypeTable() === await Deno.readTextFile(file),
    "expected what the library has now: run `deno task media-types`",
  );
});
