/** A worker that says what it may when it is told to serve, and not before. */

import { serveOnThread } from "../../src/cluster/thread_scope.ts";

addEventListener("message", (event) => {
  const { data } = event as MessageEvent;
  if (data.kind !== "stage" && data.kind !== "commit") return;
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  console.error(`${data.kind}: ${state}`);
});
serveOnThread();
