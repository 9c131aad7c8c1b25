import { DEFAULT_HEAD_LIMITS } from "../../src/http/limits.ts";
import { RequestParser } from "../../src/http/http1/request_parser.ts";
import { BROWSER_HEAD, SHORT_HEAD } from "./heads.ts";

const parser = new RequestParser(DEFAULT_HEAD_LIMITS);

function parse(bytes: Uint8Array): void {
  parser.reset();
  if (parser.parse(bytes, 0, bytes.length) === undefined) {
    throw new Error("The head is incomplete");
  }
}

Deno.bench({
  name: `RequestParser.parse() a head of ${SHORT_HEAD.length} bytes`,
  baseline: true,
  fn: () => parse(SHORT_HEAD),
});

Deno.bench({
  name: `RequestParser.parse() a browser's of ${BROWSER_HEAD.length}`,
  fn: () => parse(BROWSER_HEAD),
});
