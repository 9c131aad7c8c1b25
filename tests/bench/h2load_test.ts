import { assertEquals, assertThrows } from "@std/assert";
import { h2loadResult } from "../../bench/h2load.ts";

/** What h2load 1.52 prints at its end. */
function printed(
  { protocol = "h2", failed = 0, errored = 0, clientErrors = 0 } = {},
): string {
  return `Application protocol: ${protocol}
Main benchmark duration is over for thread #0. Stopping all clients.

finished in 2.00s, 8000.00 req/s, 8.77MB/s
requests: 16106 total, 16112 started, 16106 done, 16000 succeeded, ${failed} failed, ${errored} errored, 0 timeout
status codes: 16000 2xx, 0 3xx, ${clientErrors} 4xx, 0 5xx
traffic: 17.55MB (18401056) total, 1.65MB (1728000) headers (space savings 39.33%), 15.63MB (16384000) data
                     min         max         mean         sd        +/- sd
time for request:       67us      4.11ms      1.83ms       450us    90.43%
time for connect:     7.62ms      8.07ms      7.86ms       146us    62.50%
`;
}

Deno.test("h2loadResult() reads what is counted, in ms, seconds and bytes", () => {
  const { requests, bytes, seconds, maxMs, p99Ms, errors } = h2loadResult(
    printed(),
  );
  assertEquals(
    { requests, bytes, seconds, maxMs, p99Ms },
    {
      requests: 16000,
      bytes: 16_384_000,
      seconds: 2,
      maxMs: 4.11,
      p99Ms: NaN,
    },
  );
  assertEquals(Object.values(errors).every((count) => count === 0), true);
});

Deno.test("h2loadResult() tells what was not answered from what was refused", () => {
  const lost = h2loadResult(printed({ failed: 106, errored: 106 }));
  assertEquals([lost.requests, lost.errors.read, lost.errors.status], [
    16000,
    106,
    0,
  ]);
  const refused = h2loadResult(printed({ failed: 5, clientErrors: 5 }));
  assertEquals([refused.requests, refused.errors.read, refused.errors.status], [
    16005,
    0,
    5,
  ]);
});

Deno.test("h2loadResult() takes no answers of another protocol, and no other text", () => {
  assertThrows(
    () => h2loadResult(printed({ protocol: "http/1.1" })),
    Error,
    "h2load did not speak HTTP/2",
  );
  assertThrows(
    () => h2loadResult("Application protocol: h2\nnot a report"),
    Error,
    "h2load said",
  );
});
