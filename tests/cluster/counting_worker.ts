/** A worker's thread with a module of the test's. */

import { serveOnThread } from "../../src/cluster/thread_scope.ts";
import { MODULES } from "../../src/server/setup/registry.ts";
import { countingModule } from "./counting_module.ts";

serveOnThread([countingModule, ...MODULES]);
