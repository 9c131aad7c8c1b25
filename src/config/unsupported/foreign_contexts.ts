/**
 * Where directives may stand that no module declares: one in a block where
 * nginx does not take it is a mistake, whatever it means here.
 */

import type { ContextName } from "../directive.ts";

const ANYWHERE = ["http", "server", "location"] as const;

/** Directives by the blocks that nginx takes them in. */
export const FOREIGN_CONTEXTS: ReadonlyMap<string, readonly ContextName[]> =
  new Map([
    ...standingIn(
      ["main"],
      `debug_points env lock_file load_module master_process pcre_jit
       ssl_engine thread_pool timer_resolution worker_cpu_affinity
       worker_priority worker_rlimit_core worker_rlimit_nofile
       working_directory`,
    ),
    ...standingIn(
      ["events"],
      `accept_mutex accept_mutex_delay debug_connection multi_accept
       worker_aio_requests`,
    ),
    ...standingIn(
      ["http"],
      `fastcgi_cache_path proxy_cache_path scgi_cache_path
       server_names_hash_bucket_size server_names_hash_max_size upstream
       uwsgi_cache_path variables_hash_bucket_size variables_hash_max_size`,
    ),
    ...standingIn(
      ["http", "server"],
      `client_header_buffer_size connection_pool_size request_pool_size
       ssl_buffer_size ssl_prefer_server_ciphers ssl_stapling_responder
       ssl_stapling_verify`,
    ),
    ...standingIn([...ANYWHERE, "if in location"], "sendfile"),
    ...standingIn([...ANYWHERE, "acme_issuer"], "resolver resolver_timeout"),
    ...standingIn(
      ANYWHERE,
      `aio aio_write client_body_buffer_size client_body_in_file_only
       client_body_in_single_buffer client_body_temp_path directio
       directio_alignment fastcgi_param gunzip_buffers gzip_hash
       gzip_no_buffer gzip_window log_subrequest msie_padding msie_refresh
       output_buffers postpone_gzipping postpone_output proxy_buffering
       proxy_cache proxy_connect_timeout proxy_http_version
       proxy_read_timeout proxy_redirect proxy_send_timeout proxy_set_header
       read_ahead reset_timedout_connection
       send_lowat sendfile_max_chunk subrequest_output_buffer_size
       tcp_nodelay tcp_nopush types_hash_bucket_size types_hash_max_size
       uwsgi_param`,
    ),
  ]);

function standingIn(
  contexts: readonly ContextName[],
  names: string,
): (readonly [name: string, contexts: readonly ContextName[]])[] {
  return names.trim().split(/\s+/).map((name) => [name, contexts] as const);
}
