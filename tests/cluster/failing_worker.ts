/**
 * A worker's thread with a mistake: once there is a certain file it throws or
 * rejects, as its query says, and nobody catches that.
 */

import { guardAgainstStrayErrors } from "../../src/net/tls/tls_guard.ts";
import { serveOnThread } from "../../src/cluster/thread_scope.ts";

const query = new URL(import.meta.url).searchParams;

serveOnThread();

/** Only the first thread is broken; the one in its place is well. */
if ((globalThis as unknown as { name: string }).name === "1") {
  const timer = setInterval(() => {
    if (!exists(query.get("when")!)) return;
    clearInterval(timer);
    const error = new TypeError("a mistake");
    if (query.get("how") === "stray") {
      guardAgainstStrayErrors();
      error.stack = "TypeError\n    at x (ext:deno_node/_tls_wrap.js:1:1)";
      throw error;
    }
    if (query.get("how") === "throw") throw error;
    Promise.reject(error);
  }, 10);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
