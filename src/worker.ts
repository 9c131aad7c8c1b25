/** Entry of a worker's thread: see `server/workers`. */

import { serveOnThread } from "./cluster/thread_scope.ts";

serveOnThread();
