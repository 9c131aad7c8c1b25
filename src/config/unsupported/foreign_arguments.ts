/**
 * What the directives that are accepted without an effect take: a slip of the
 * pen in one is as wrong as with nginx, which would not start.
 */

import { checkArguments } from "../statement_checks.ts";
import type { Statement } from "../syntax/parser.ts";
import { parseInteger } from "../units.ts";
import { integer, invalidValue, oneOf, onOff, size, time } from "../values.ts";

/** A number of arguments, and a check that throws if they are wrong. */
interface Shape {
  readonly args: readonly [min: number, max: number];
  readonly check: (statement: Statement) => void;
}

/** Where nothing else is known. */
const ANYTHING: Shape = { args: [1, Infinity], check: () => {} };

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ...shaped(
    onOff,
    `accept_mutex aio_write client_body_in_single_buffer gzip_no_buffer
     log_subrequest master_process msie_padding msie_refresh multi_accept
     pcre_jit reset_timedout_connection sendfile
     ssl_stapling_verify tcp_nodelay tcp_nopush`,
  ),
  ...shaped(
    size,
    `client_body_buffer_size client_header_buffer_size connection_pool_size
     directio_alignment postpone_output read_ahead request_pool_size
     send_lowat sendfile_max_chunk ssl_buffer_size`,
  ),
  ...shaped(
    (statement) => integer(statement),
    `server_names_hash_bucket_size server_names_hash_max_size
     types_hash_bucket_size types_hash_max_size variables_hash_bucket_size
     variables_hash_max_size worker_aio_requests`,
  ),
  ...shaped(
    time,
    `accept_mutex_delay resolver_timeout
     timer_resolution`,
  ),
  ...shaped(
    (statement) => oneOf(statement, ["off", "on", "clean"]),
    "client_body_in_file_only",
  ),
  ...shaped(
    matching(/^(?:on|off|threads(?:=.+)?)$/, "on, off or threads"),
    "aio",
  ),
  ...shaped(matching(/^(?:stop|abort)$/, "stop or abort"), "debug_points"),
  ...shaped(matching(/^-?\d+$/, "a number"), "worker_priority"),
  ...shaped(
    matching(/^(?:auto|[01]+)$/, "auto, or masks such as 0101"),
    "worker_cpu_affinity",
    [1, Infinity],
  ),
  ...shaped(
    (statement) => integer(statement),
    "worker_rlimit_nofile",
  ),
  ...shaped(size, "worker_rlimit_core"),
  ...shaped(
    () => {},
    "debug_connection env ssl_engine ssl_key_log working_directory",
  ),
  ...shaped(numberAndSize, "gunzip_buffers output_buffers", [2, 2]),
  ...shaped(() => {}, "client_body_temp_path", [1, 4]),
]);

/** Every argument has to match; `form` says what is expected. */
function matching(pattern: RegExp, form: string): Shape["check"] {
  return (statement) => {
    const wrong = statement.args.find((word) => !pattern.test(word));
    if (wrong === undefined) return;
    throw invalidValue(statement, `"${wrong}": expected ${form}`);
  };
}

function numberAndSize(statement: Statement): void {
  const [number = ""] = statement.args;
  if ((parseInteger(number) ?? 0) === 0) {
    throw invalidValue(statement, `"${number}" is no number from 1 on`);
  }
  size(statement, 1);
}

function shaped(
  check: Shape["check"],
  names: string,
  args: Shape["args"] = [1, 1],
): [name: string, shape: Shape][] {
  return names.trim().split(/\s+/).map((name) => [name, { args, check }]);
}

/**
 * Checks the arguments of a directive that is accepted without an effect.
 *
 * @throws {ConfigError} in nginx's words, when nginx would not take them
 */
export function checkForeignArguments(statement: Statement): void {
  const { args, check } = SHAPES.get(statement.name) ?? ANYTHING;
  checkArguments(statement, args);
  check(statement);
}
