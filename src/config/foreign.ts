/**
 * Directives of nginx 1.22 that no module of webserv has to declare, so that
 * an nginx configuration is read for what it says.
 *
 * Three fates: what only tells nginx *how* to do its work is accepted in
 * silence; what has an effect outside of the answers, which webserv leaves to
 * others, is accepted with a warning; everything else would change what is
 * served or protected, and a server that ignored it would be a trap. A module
 * that declares a directive of the same name always wins over this table.
 */

/** What becomes of a directive that no module declares. */
export type ForeignFate =
  /** It means nothing here. */
  | "silent"
  /** It has an effect with nginx that it does not have here. */
  | "warned"
  /** Without it something else would be served or protected. */
  | "refused";

/** Buffers, hash tables, system calls, processes: nginx's own housekeeping. */
const SILENT = words(`
  accept_mutex accept_mutex_delay aio aio_write
  client_body_buffer_size client_body_in_file_only
  client_body_in_single_buffer client_body_temp_path
  client_header_buffer_size connection_pool_size daemon debug_connection
  debug_points directio directio_alignment env epoll_events gunzip_buffers
  gzip_buffers gzip_hash gzip_no_buffer gzip_window
  http2_body_preread_size http2_chunk_size http2_idle_timeout
  http2_max_concurrent_pushes http2_max_concurrent_streams
  http2_max_field_size http2_max_header_size http2_max_requests
  http2_pool_size http2_recv_buffer_size http2_recv_timeout
  http2_streams_index_size lock_file log_subrequest
  map_hash_bucket_size map_hash_max_size master_process msie_padding multi_accept
  open_file_cache open_file_cache_errors open_file_cache_events
  open_file_cache_min_uses open_file_cache_valid open_log_file_cache
  output_buffers pcre_jit postpone_gzipping postpone_output read_ahead
  referer_hash_bucket_size referer_hash_max_size request_pool_size
  reset_timedout_connection resolver resolver_timeout rewrite_log send_lowat
  sendfile sendfile_max_chunk server_names_hash_bucket_size
  server_names_hash_max_size ssl_buffer_size ssl_dhparam ssl_ecdh_curve
  ssl_prefer_server_ciphers ssl_session_cache ssl_session_ticket_key
  ssl_session_tickets ssl_session_timeout ssl_stapling_file
  ssl_stapling_responder ssl_stapling_verify ssl_trusted_certificate
  subrequest_output_buffer_size
  tcp_nodelay tcp_nopush thread_pool timer_resolution types_hash_bucket_size
  types_hash_max_size uninitialized_variable_warn use
  variables_hash_bucket_size variables_hash_max_size worker_aio_requests
  worker_cpu_affinity worker_priority worker_rlimit_core
  worker_rlimit_nofile working_directory
`);

/** Who the server runs as, how much it takes on, courtesies to old browsers. */
const WARNED = words(`
  gzip_disable keepalive_disable lingering_close lingering_time
  lingering_timeout msie_refresh user worker_connections worker_processes
`);

/** The rest of nginx's modules, but for {@linkcode REFUSED_FAMILIES}. */
const REFUSED = words(`
  absolute_redirect access_log add_after_body add_before_body add_header
  add_trailer addition_types alias allow ancient_browser
  ancient_browser_value auth_basic auth_basic_user_file auth_delay
  auth_request auth_request_set autoindex autoindex_exact_size
  autoindex_format autoindex_localtime break charset charset_map
  charset_types chunked_transfer_encoding client_body_timeout
  client_header_timeout client_max_body_size create_full_put_path dav_access
  dav_methods default_type deny disable_symlinks empty_gif error_log
  error_page etag expires flv geo google_perftools_profiles gunzip
  gzip gzip_comp_level gzip_http_version gzip_min_length gzip_proxied
  gzip_static gzip_types gzip_vary hash http2_push http2_push_preload if
  if_modified_since ignore_invalid_headers index internal ip_hash keepalive
  keepalive_requests keepalive_time keepalive_timeout
  large_client_header_buffers least_conn limit_conn limit_conn_dry_run
  limit_conn_log_level limit_conn_status limit_conn_zone limit_except
  limit_rate limit_rate_after limit_req limit_req_dry_run
  limit_req_log_level limit_req_status limit_req_zone listen load_module
  location log_format mail map max_headers max_ranges
  merge_slashes min_delete_depth mirror mirror_request_body modern_browser
  modern_browser_value mp4 mp4_buffer_size mp4_max_buffer_size
  mp4_start_key_frame override_charset pid port_in_redirect post_action
  random random_index real_ip_header real_ip_recursive
  recursive_error_pages return rewrite root satisfy secure_link
  secure_link_md5 secure_link_secret send_timeout server server_name
  server_name_in_redirect server_tokens set set_real_ip_from slice
  source_charset split_clients ssi ssi_ignore_recycled_buffers
  ssi_last_modified ssi_min_file_chunk ssi_silent_errors ssi_types
  ssi_value_length ssl ssl_certificate ssl_certificate_key ssl_ciphers
  ssl_client_certificate ssl_conf_command ssl_crl ssl_early_data
  ssl_engine ssl_ocsp ssl_ocsp_cache ssl_ocsp_responder
  ssl_password_file ssl_protocols ssl_reject_handshake ssl_stapling
  ssl_verify_client ssl_verify_depth stream sub_filter
  sub_filter_last_modified sub_filter_once sub_filter_types try_files types
  underscores_in_headers upstream userid userid_domain userid_expires
  userid_flags userid_mark userid_name userid_p3p userid_path
  userid_service valid_referers zone
`);

/** Gateways and languages that webserv does not speak, whatever they set. */
const REFUSED_FAMILIES = words(`
  fastcgi_ geoip_ grpc_ image_filter js_ memcached_ perl proxy_ scgi_ uwsgi_
  xml_entities xslt_
`);

const FATES: ReadonlyMap<string, ForeignFate> = new Map([
  ...SILENT.map((name) => [name, "silent"] as const),
  ...WARNED.map((name) => [name, "warned"] as const),
  ...REFUSED.map((name) => [name, "refused"] as const),
]);

/** The fate of the nginx directive `name`; `undefined` if nginx has none. */
export function foreignFate(name: string): ForeignFate | undefined {
  const fate = FATES.get(name);
  if (fate !== undefined) return fate;
  const refused = REFUSED_FAMILIES.some((prefix) => name.startsWith(prefix));
  return refused ? "refused" : undefined;
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
