/** What the tests of modules share: a server of some locations, and errors. */

import type { Scope } from "../../src/config/scope.ts";
import { configured } from "./config_support.ts";
import { InProcessServer } from "./in_process_server.ts";
import { ask, type RawResponse, type ReadOptions } from "./raw_client.ts";

/** A configuration read with every directive there is, and its warnings. */
export function read(text: string): { scope: Scope; warnings: string[] } {
  const warnings: string[] = [];
  return { scope: configured(text, warnings), warnings };
}

/** A server whose root is `www` in its folder; `text` stands in `server`. */
export function serverOf(
  text: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): InProcessServer {
  return new InProcessServer({
    config: `access_log /dev/null; server { listen 127.0.0.1:0; root www; ` +
      `${text}\n}`,
    files: Object.fromEntries(
      Object.entries(files).map(([name, content]) => [`www/${name}`, content]),
    ),
  });
}

/** What a request says beyond its target. */
export interface RequestOptions extends ReadOptions {
  /** Its method; GET if left out. */
  readonly method?: string;
  /** Its minor version; 1 if left out. */
  readonly minorVersion?: 0 | 1;
  /** Field lines, each with its CRLF. */
  readonly fields?: string;
}

/** The text of a request after which the connection ends. */
export function requestText(
  target: string,
  { method = "GET", minorVersion = 1, fields = "" }: RequestOptions = {},
): string {
  return `${method} ${target} HTTP/1.${minorVersion}\r\nHost: a.example\r\n` +
    `Connection: close\r\n${fields}\r\n`;
}

/** Asks a server for `target`. */
export function request(
  { port }: InProcessServer,
  target: string,
  options: RequestOptions = {},
): Promise<RawResponse> {
  const head = options.method === "HEAD";
  return ask(port, requestText(target, options), { head });
}

/** The values of all fields called `name` (lower case), in order. */
export function valuesOf(response: RawResponse, name: string): string[] {
  return response.fields.filter(([key]) => key === name)
    .map(([, value]) => value);
}
