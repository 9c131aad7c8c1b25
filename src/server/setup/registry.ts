/** All modules there are. Adding a feature is its own file and a line here. */

import type { AnyDirective } from "../../config/directive.ts";
import { acmeModule } from "../../features/acme/acme.ts";
import { additionModule } from "../../features/addition/addition.ts";
import { accessModule } from "../../features/access/access.ts";
import { secureLinkModule } from "../../features/access/secure_link.ts";
import { validReferersModule } from "../../features/access/valid_referers.ts";
import { addHeaderModule } from "../../features/headers/add_header.ts";
import { addTrailerModule } from "../../features/headers/add_trailer.ts";
import { authBasicModule } from "../../features/auth_basic/auth_basic.ts";
import { autoindexModule } from "../../features/autoindex/autoindex.ts";
import { charsetModule } from "../../features/headers/charset.ts";
import { clientModule } from "../../core/settings/client.ts";
import {
  compressionModule,
  compressionVaryModule,
} from "../../features/compression/compression.ts";
import { compressionTermsModule } from "../../features/compression/compression_terms.ts";
import { conditionalModule } from "../../features/conditional/conditional.ts";
import { coreModule } from "../../core/settings/core.ts";
import { emptyGifModule } from "../../features/static/empty_gif.ts";
import { errorPageModule } from "../../features/rewrite/error_page.ts";
import { expiresModule } from "../../features/headers/expires.ts";
import { fileSettingsModule } from "../../core/settings/file_settings.ts";
import { gunzipModule } from "../../features/compression/gunzip.ts";
import { geoModule } from "../../features/geo/geo.ts";
import { healthModule } from "../../features/status/health.ts";
import { http2Module } from "../../core/settings/http2.ts";
import { indexModule } from "../../features/static/index.ts";
import { limitExceptModule } from "../../features/access/limit_except.ts";
import { persistenceModule } from "../../features/limits/persistence.ts";
import { limitConnModule } from "../../features/limits/limit_conn.ts";
import { limitReqModule } from "../../features/limits/limit_req.ts";
import { limitRateModule } from "../../features/limits/limit_rate.ts";
import { eventMethodModule } from "../../core/settings/event_method.ts";
import { listenModule } from "../../core/settings/listen.ts";
import {
  liveEventsModule,
  livePolicyModule,
  liveReloadModule,
} from "../../features/live/live.ts";
import { logsModule } from "../../features/logs/logs.ts";
import { mapModule } from "../../features/map/map.ts";
import { mergeSlashesModule } from "../../core/settings/merge_slashes.ts";
import { metricsModule } from "../../features/status/metrics.ts";
import type { Module } from "../../core/module.ts";
import { moreHeadersModule } from "../../features/headers/more_headers.ts";
import { moreInputHeadersModule } from "../../features/headers/more_input_headers.ts";
import type { Exchange } from "../../core/exchange.ts";
import { VARIABLES } from "../../core/variables.ts";
import { joinTables, type VariableTable } from "../../config/variables.ts";
import { randomIndexModule } from "../../features/static/random_index.ts";
import { redirectModule } from "../../core/redirect.ts";
import { rewriteModule } from "../../features/rewrite/rewrite.ts";
import { rootModule } from "../../core/settings/root.ts";
import { satisfyModule } from "../../core/settings/satisfy.ts";
import { serverNameModule } from "../../core/settings/server_name.ts";
import { serverTokensModule } from "../../core/settings/server_tokens.ts";
import { sslModule } from "../../features/tls/ssl.ts";
import { staticModule } from "../../features/static/static.ts";
import { splitClientsModule } from "../../features/split_clients/split_clients.ts";
import { realIpModule } from "../../features/real_ip/real_ip.ts";
import { staticVariantsModule } from "../../features/static/static_variants.ts";
import { statusPageModule } from "../../features/status/page/status_page.ts";
import { stubStatusModule } from "../../features/status/stub_status.ts";
import { ssiModule } from "../../features/ssi/ssi.ts";
import { subFilterModule } from "../../features/sub_filter/sub_filter.ts";
import { tryFilesModule } from "../../features/static/try_files.ts";
import { typesModule } from "../../core/settings/types.ts";

/**
 * The modules. Within a phase, and within a stage of a response, they are
 * asked in this order. What changes the content of answers is in the order of
 * nginx's filters: decoding, substitution, charset, SSI, and compression at the
 * end.
 * What is added to a page is of other locations, and not changed in this one.
 */
export const MODULES: readonly Module[] = [
  coreModule,
  eventMethodModule,
  listenModule,
  serverNameModule,
  sslModule,
  http2Module,
  clientModule,
  serverTokensModule,
  mergeSlashesModule,
  rootModule,
  fileSettingsModule,
  typesModule,
  redirectModule,
  mapModule,
  geoModule,
  splitClientsModule,
  realIpModule,
  acmeModule,
  rewriteModule,
  moreInputHeadersModule,
  limitRateModule,
  limitReqModule,
  limitConnModule,
  satisfyModule,
  accessModule,
  authBasicModule,
  validReferersModule,
  secureLinkModule,
  limitExceptModule,
  tryFilesModule,
  emptyGifModule,
  stubStatusModule,
  metricsModule,
  statusPageModule,
  healthModule,
  liveEventsModule,
  randomIndexModule,
  indexModule,
  autoindexModule,
  staticModule,
  staticVariantsModule,
  errorPageModule,
  moreHeadersModule,
  gunzipModule,
  subFilterModule,
  charsetModule,
  ssiModule,
  additionModule,
  liveReloadModule,
  expiresModule,
  compressionTermsModule,
  compressionVaryModule,
  compressionModule,
  addHeaderModule,
  livePolicyModule,
  conditionalModule,
  addTrailerModule,
  persistenceModule,
  logsModule,
];

/** The variables of every configuration for `modules`. */
export function variablesOf(
  modules: readonly Module[],
): VariableTable<Exchange> {
  return joinTables(
    VARIABLES,
    ...modules.flatMap(({ variables }) => variables ?? []),
  );
}

/** Every directive of every module. */
export const DIRECTIVES: readonly AnyDirective[] = MODULES.flatMap((module) =>
  module.directives
);
