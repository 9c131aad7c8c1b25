/** What the tests of modules share. */

import { ConfigError } from "../../src/config/errors.ts";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import type { Scope } from "../../src/config/scope.ts";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import { get, type RawResponse } from "./raw_client.ts";
import { InProcessServer } from "./in_process_server.ts";

/** Reads a configuration called `x.conf` with the prefix `/x`. */
export function configured(
  text: string,
  warnings: string[] = [],
): Scope {
  return readConfiguration({
    file: "x.conf",
    statements: parseConfig(text, "x.conf"),
    prefix: "/x",
  }, (message) => warnings.push(message)).main;
}

/** The scope of the first server in `text`, the content of `http`. */
export function serverScope(text: string): Scope {
  return [...configured(`http { ${text} }`).descendantsOf("server")][0]!;
}

/** The message of the configuration error in `text`. */
export function errorOf(text: string): string {
  try {
    configured(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "no error";
}

/** The message of the error in `server { text }`. */
export function serverError(text: string): string {
  return errorOf(`server { ${text} }`);
}

/** Runs `test` with a server of these directives, and `access_log off`. */
export async function withServer(
  directives: string,
  files: Readonly<Record<string, string>>,
  test: (
    ask: (path: string, fields?: string) => Promise<RawResponse>,
    server: InProcessServer,
  ) => Promise<void>,
): Promise<void> {
  await using server = new InProcessServer({
    config: `access_log off; server { listen 127.0.0.1:0; ${directives} }`,
    files,
  });
  await test((path, fields) => get(server.port, path, fields), server);
}
