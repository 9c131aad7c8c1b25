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
  ["aio bogus;", '"aio" directive invalid value'],
  ["ssl_buffer_size 4k;", undefined],
  ["ssl_buffer_size x;", '"ssl_buffer_size" directive invalid value'],
  ["aio;", "invalid number of arguments"],
];

/** Statements at the top, and in `events`. */
const MAIN_ROWS: typeof ROWS = [
  ["worker_priority -10;", undefined],
  ["worker_priority x;", '"worker_priority" directive invalid value'],
  ["worker_rlimit_nofile 65535;", undefined],
  ["worker_rlimit_nofile 8k;", '"worker_rlimit_nofile" directive invalid'],
  ["worker_rlimit_core 500M;", undefined],
  ["worker_rlimit_core x;", '"worker_rlimit_core" directive invalid value'],
  ["worker_cpu_affinity auto 0101;", undefined],
  [
    "worker_cpu_affinity 0121;",
    '"worker_cpu_affinity" directive invalid value',
  ],
  ["debug_points x;", '"debug_points" directive invalid value'],
  ["sendfile on;", undefined],
  ["http { worker_priority 5; }", '"worker_priority" directive is not allowed'],
  ["events { sendfile on; }", '"sendfile" directive is not allowed here'],
  [
    "server { upstream u { server a; } }",
    '"upstream" directive is not allowed',
  ],
  ["env;", "invalid number of arguments"],
];

Deno.test("what has no effect is still to be what nginx takes", () => {
  for (const [text, message] of ROWS) {
    const found = errorOf(`http { ${text} }`);
    assertEquals(found.startsWith(message ?? "no error"), true, found);
  }
  for (const [text, message] of MAIN_ROWS) {
    const found = errorOf(text);
    assertEquals(found.startsWith(message ?? "no error"), true, found);
  }
});
