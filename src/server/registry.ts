/** All modules there are. Adding a feature is its own file and a line here. */

import type { AnyDirective } from "../config/directive.ts";
import { accessModule } from "../modules/access.ts";
import { addHeaderModule } from "../modules/add_header.ts";
import { addTrailerModule } from "../modules/add_trailer.ts";
import { autoindexModule } from "../modules/autoindex.ts";
import { charsetModule } from "../modules/charset.ts";
import { clientModule } from "../modules/client.ts";
import {
  compressionModule,
  compressionVaryModule,
} from "../modules/compression.ts";
import { compressionTermsModule } from "../modules/compression_terms.ts";
import { conditionalModule } from "../modules/conditional.ts";
import { coreModule } from "../modules/core.ts";
import { emptyGifModule } from "../modules/empty_gif.ts";
import { errorPageModule } from "../modules/error_page.ts";
import { expiresModule } from "../modules/expires.ts";
import { fileSettingsModule } from "../modules/file_settings.ts";
import { gunzipModule } from "../modules/gunzip.ts";
import { healthModule } from "../modules/health.ts";
import { indexModule } from "../modules/index.ts";
import { limitRateModule } from "../modules/limit_rate.ts";
import { listenModule } from "../modules/listen.ts";
import { logsModule } from "../modules/logs.ts";
import { mergeSlashesModule } from "../modules/merge_slashes.ts";
import { metricsModule } from "../modules/metrics.ts";
import type { Module } from "../modules/module.ts";
import { randomIndexModule } from "../modules/random_index.ts";
import { redirectModule } from "../modules/redirect.ts";
import { rewriteModule } from "../modules/rewrite.ts";
import { rootModule } from "../modules/root.ts";
import { serverNameModule } from "../modules/server_name.ts";
import { serverTokensModule } from "../modules/server_tokens.ts";
import { sslModule } from "../modules/ssl.ts";
import { staticModule } from "../modules/static.ts";
import { staticVariantsModule } from "../modules/static_variants.ts";
import { stubStatusModule } from "../modules/stub_status.ts";
import { tryFilesModule } from "../modules/try_files.ts";
import { typesModule } from "../modules/types.ts";

/**
 * The modules. Within a phase they are asked in this order; of the filters
 * the last one sees the finished response.
 */
export const MODULES: readonly Module[] = [
  coreModule,
  listenModule,
  serverNameModule,
  sslModule,
  clientModule,
  serverTokensModule,
  mergeSlashesModule,
  rootModule,
  fileSettingsModule,
  typesModule,
  redirectModule,
  rewriteModule,
  accessModule,
  tryFilesModule,
  emptyGifModule,
  stubStatusModule,
  metricsModule,
  healthModule,
  randomIndexModule,
  indexModule,
  autoindexModule,
  staticModule,
  staticVariantsModule,
  errorPageModule,
  charsetModule,
  expiresModule,
  compressionTermsModule,
  compressionVaryModule,
  gunzipModule,
  compressionModule,
  addHeaderModule,
  conditionalModule,
  limitRateModule,
  addTrailerModule,
  logsModule,
];

/** Every directive of every module. */
export const DIRECTIVES: readonly AnyDirective[] = MODULES.flatMap((module) =>
  module.directives
);
