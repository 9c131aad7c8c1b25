/** The request heads that the micro-benchmarks parse. */

import { requestText } from "../requests.ts";

const ENCODER = new TextEncoder();

/** The head that wrk sends when it is told nothing. */
export const SHORT_HEAD: Uint8Array = ENCODER.encode(
  requestText({ head: "short" }, "/1k.html", 8080),
);

/** A browser's head of about 600 bytes. */
export const BROWSER_HEAD: Uint8Array = ENCODER.encode(
  requestText({ head: "browser" }, "/1k.html", 8080),
);
