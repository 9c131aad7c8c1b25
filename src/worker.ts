/** Entry of a worker's thread: see `server/workers`. */

import { serveOnThread } from "./server/workers/thread_scope.ts";

serveOnThread();
