/** `server_tokens`: how much the server says about itself. */

import { defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { argument } from "../../config/values.ts";
import { byteString } from "../../http/byte_string.ts";
import { isFieldValue } from "../../http/field_syntax.ts";
import { trimWhitespace } from "../../http/text_scan.ts";
import { BUILD_TOKEN, PRODUCT, SERVER_TOKEN } from "../../version.ts";
import type { Module } from "../module.ts";

/**
 * `server_tokens on | off | build | string`; the value is what is said, as a
 * byte string.
 */
const serverTokensDirective = defineDirective({
  name: "server_tokens",
  contexts: ["http", "server", "location"],
  args: [1, 1],
  default: SERVER_TOKEN,
  summary: 'What "Server" and error pages say: on, off, build or a text.',
  syntax: "on | off | build | string",
  defaultText: "on",
  differs: "nginx takes a text in its commercial version only.",
  parse(statement) {
    const text = argument(statement);
    switch (text) {
      case "on":
        return SERVER_TOKEN;
      case "off":
        return PRODUCT;
      case "build":
        return BUILD_TOKEN;
    }
    if (text.includes("$")) {
      throw new ConfigError(
        'variables in "server_tokens" are not supported by webserv',
        statement.place,
        `"${text}": expected on, off, build, or a text without "$"`,
      );
    }
    if (!isFieldValue(text)) {
      throw new ConfigError(
        `invalid value "${text}" in "server_tokens" directive`,
        statement.place,
        "a field value has no control characters",
      );
    }
    return byteString(trimWhitespace(text));
  },
});

/** What is said in `scope`; empty for no `Server` field at all. */
export function serverToken(scope: Scope): string {
  return scope.get(serverTokensDirective);
}

/** What the server says about itself. */
export const serverTokensModule: Module = {
  name: "server_tokens",
  directives: [serverTokensDirective],
};
