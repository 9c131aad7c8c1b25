/**
 * Directives that nginx, or a module of it that is well known, has and webserv
 * has not. Everything here is data; `foreign.ts` says what it means.
 */

/**
 * Buffers, hash tables, system calls, processes: how nginx does its work.
 * Nobody could tell from outside whether they are obeyed.
 */
export const SILENT: ReadonlySet<string> = new Set(words(`
    accept_mutex accept_mutex_delay aio aio_write client_body_buffer_size
    client_body_in_file_only client_body_in_single_buffer client_body_temp_path
    client_header_buffer_size connection_pool_size debug_points directio
    directio_alignment epoll_events gunzip_buffers gzip_hash gzip_no_buffer
    gzip_window lock_file
    master_process msie_padding multi_accept open_file_cache_events
    output_buffers pcre_jit postpone_gzipping
    postpone_output read_ahead
    request_pool_size reset_timedout_connection resolver resolver_timeout
    send_lowat sendfile sendfile_max_chunk
    server_names_hash_bucket_size server_names_hash_max_size ssl_buffer_size
    ssl_certificate_cache ssl_certificate_compression
    ssl_object_cache_inheritable ssl_stapling_responder ssl_stapling_verify
    tcp_nodelay tcp_nopush thread_pool
    timer_resolution types_hash_bucket_size types_hash_max_size
    variables_hash_bucket_size variables_hash_max_size worker_aio_requests
`));

/** As {@linkcode SILENT}, for whole prefixes. */
export const SILENT_PATTERNS =
  /^(?:http[23]_(?!push)\w+|quic_\w+|brotli_(?:buffers|window)|zstd_(?:buffers|window_log|dict_file|long))$/;

/** A directive that is read with a warning. */
export interface Warned {
  /** What is so here instead. */
  readonly why: string;
  /** First arguments with which it asks for nothing, and is silent. */
  readonly unless?: RegExp;
}

const NO_PUSH = "nothing is pushed";
const NO_TRACES = "no traces are sent";
const NO_OLD_BROWSERS = "no browser is treated in a way of its own";
const OWN_TLS = "suites, curves and keys are the runtime's own, " +
  "modern ones only";

/** What has an effect with nginx beside the answers, or hardly on them. */
export const WARNED: ReadonlyMap<string, Warned> = new Map([
  ...because(
    `ancient_browser ancient_browser_value modern_browser
     modern_browser_value`,
    NO_OLD_BROWSERS,
  ),
  ...because("msie_refresh", NO_OLD_BROWSERS, /^off$/i),
  ...because("google_perftools_profiles", "nothing is profiled"),
  ...because(
    "keepalive_min_timeout",
    'a connection ends by "keepalive_timeout" and "keepalive_requests"',
  ),
  ...because(
    "worker_rlimit_nofile",
    "as many files may be open as the hard limit allows (ulimit -Hn); " +
      "LimitNOFILE= of a unit sets that",
  ),
  ...because(
    "worker_rlimit_core working_directory",
    "core files are as large, and where, as the system says (ulimit -c)",
  ),
  ...because(
    "worker_priority",
    "nice, or Nice= of a unit, sets the priority",
    /^0$/,
  ),
  ...because(
    "worker_cpu_affinity",
    "threads run where the system puts them; taskset, or CPUAffinity= of a " +
      "unit, binds them all",
  ),
  ...because(
    "env",
    "variables are set where the program is started, such as TZ",
    /^[^=]*$/,
  ),
  ...because(
    "log_subrequest",
    "of requests within a request only the client's is logged",
    /^off$/i,
  ),
  ...because("debug_connection", '"error_log FILE debug" tells of all clients'),
  ...because(
    "ssl_ocsp_cache ssl_ocsp_responder",
    "authorities are not asked about clients",
  ),
  ...because("ssl_engine", OWN_TLS),
  ...because("ssl_prefer_server_ciphers", OWN_TLS, /^off$/i),
  ...because("ssl_key_log", "no keys are written down"),
  ...because("http2_push http2_push_preload", NO_PUSH, /^off$/i),
  ...because(
    "opentracing otel_trace datadog_tracing",
    NO_TRACES,
    /^off$/i,
  ),
]);

/** Directives of `set_misc` that make a variable out of values. */
const SET_MISC =
  "hashed_upstream|(?:un)?escape_uri|quote_\\w+|random|secure_random_\\w+|" +
  "md5|sha1|hmac_\\w+|encode_\\w+|decode_\\w+|if_empty|rotate|local_today|" +
  "formatted_\\w+|misc_base32_padding|base32_\\w+";

/** Directives that define variables, which their arguments name. */
export const DEFINERS = new RegExp(
  "^(?:auth_request_set|geoip2|js_set|js_var|keyval|num_map|perl_set|" +
    `set_by_lua(?:_block|_file)?|set_(?:${SET_MISC}))$`,
);

const USE_ADD_HEADER = 'use "add_header ... always"';
const USE_RETURN = 'use "return 200 ..."';

/** The rest of nginx's modules, which change what is served or protected. */
export const REFUSED: ReadonlyMap<string, string | undefined> = new Map([
  ...words(`
    flv hash hls internal_redirect ip_hash keepalive least_conn least_time
    match post_action queue random session_log session_log_format session_log_zone ssl_ech_file sticky
    state zone
  `).map((name) => [name, undefined] as const),
  ["security_headers", USE_ADD_HEADER],
  ["hide_server_tokens", 'use "more_clear_headers Server"'],
  ["add_header_inherit", undefined],
  ["add_trailer_inherit", undefined],
  ["early_hints", undefined],
]);

/** Families of third parties' modules. */
export const REFUSED_PATTERNS: readonly {
  readonly names: RegExp;
  readonly hint?: string;
}[] = [
  { names: /^echo(?:_\w+)?$/, hint: USE_RETURN },
  { names: /^(?:brotli|zstd)_\w+$/ },
  { names: /^auth_(?:jwt|oidc|pam|ldap|digest|gss|spnego|kerberos)\w*$/ },
  {
    names: /^(?:nchan|push_stream|srcache|redis2?|memc|postgres|drizzle)_\w+$/,
  },
  { names: /^(?:testcookie|limit_upstream|limit_traffic_rate)\w*$/ },
  { names: /^(?:vod|hls|rtmp|secure_token|session_cookie)_\w+$/ },
  { names: /^(?:otel|opentracing|opentelemetry|datadog)_\w+$/ },
  { names: /^aws_\w+$/ },
  { names: /^(?:concat|trim|footer|strip|unzip|zip|jsonp|health_check|mgmt)$/ },
  { names: /^(?:track_uploads|report_uploads|upload_progress\w*)$/ },
];

/** Variables of nginx, and of its modules, that webserv has not. */
export const FOREIGN_VARIABLES =
  /^(?:ancient_browser|content_security\w*|geoip2?_\w+|http[23]|jwt_\w+|memcached_key|modern_browser|modsec_\w+|msie|otel_\w+|pagespeed\w*|proxy_\w+|request_port|is_request_port|sent_trailer_\w+|session_log_\w+|fastcgi_(?:script_name|path_info)|slice_range|ssl_\w+|tcpinfo_\w+|uid_(?:got|reset|set)|upstream_\w+)$/;

/** What says nearly the same as a variable of {@linkcode FOREIGN_VARIABLES}. */
const INSTEAD: readonly (readonly [names: RegExp, hint: string])[] = [
  [/^tcpinfo_/, "the runtime does not tell what the kernel knows"],
  [/^uid_/, "clients are given no numbers"],
  [/^ssl_/, "the runtime does not tell"],
  [/^(?:proxy|upstream|memcached)_/, "webserv asks no other server"],
];

/** What may take the place of a variable that webserv has not. */
export function insteadOfVariable(name: string): string | undefined {
  return INSTEAD.find(([names]) => names.test(name))?.[1];
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function because(
  names: string,
  why: string,
  unless?: RegExp,
): (readonly [name: string, warned: Warned])[] {
  const warned = unless === undefined ? { why } : { why, unless };
  return words(names).map((name) => [name, warned] as const);
}
