import { assertEquals } from "@std/assert";
import { errorOf } from "../../support/config_support.ts";

/** Statements of `http`, and what is wrong with them. */
const ROWS: [text: string, message: string | undefined][] = [
  ["postpone_output 1460;", undefined],
  ["postpone_output x;", '"postpone_output" directive invalid value'],
  ["sendfile ON;", undefined],
  ["sendfile maybe;", 'invalid value "maybe" in "sendfile" directive'],
  ["sendfile on off;", 'invalid number of arguments in "sendfile"'],
  ["types_hash_max_size 2048;", undefined],
  ["types_hash_max_size 2k;", '"types_hash_max_size" directive invalid number'],
  ["resolver_timeout 2s;", undefined],
  ["resolver_timeout soon;", '"resolver_timeout" directive invalid value'],
  ["client_body_in_file_only clean;", undefined],
  ["client_body_in_file_only x;", 'invalid value "x"'],
  ["output_buffers 2 32k;", undefined],
  ["output_buffers 0 32k;", '"output_buffers" directive invalid value'],
  ["output_buffers 2;", "invalid number of arguments"],
  ["client_body_temp_path /t 1 2 3;", undefined],
  ["client_body_temp_path /t 1 2 3 4;", "invalid number of arguments"],
  ["aio threads=x;", undefined],
  ["aio;", "invalid number of arguments"],
];

Deno.test("what has no effect is still to be what nginx takes", () => {
  for (const [text, message] of ROWS) {
    const found = errorOf(`http { ${text} }`);
    assertEquals(found.startsWith(message ?? "no error"), true, found);
  }
});
