/** All modules there are. Adding a feature is its own file and a line here. */

import type { AnyDirective } from "../config/directive.ts";
import { autoindexModule } from "../modules/autoindex.ts";
import { clientModule } from "../modules/client.ts";
import { conditionalModule } from "../modules/conditional.ts";
import { coreModule } from "../modules/core.ts";
import { errorPageModule } from "../modules/error_page.ts";
import { indexModule } from "../modules/index.ts";
import { listenModule } from "../modules/listen.ts";
import { logsModule } from "../modules/logs.ts";
import type { Module } from "../modules/module.ts";
import { returnModule } from "../modules/return.ts";
import { rootModule } from "../modules/root.ts";
import { staticModule } from "../modules/static.ts";
import { typesModule } from "../modules/types.ts";

/**
 * The modules. Within a phase they are asked in this order; of the filters
 * the last one sees the finished response.
 */
export const MODULES: readonly Module[] = [
  coreModule,
  listenModule,
  clientModule,
  rootModule,
  typesModule,
  returnModule,
  indexModule,
  autoindexModule,
  staticModule,
  errorPageModule,
  conditionalModule,
  logsModule,
];

/** Every directive of every module. */
export const DIRECTIVES: readonly AnyDirective[] = MODULES.flatMap((module) =>
  module.directives
);
