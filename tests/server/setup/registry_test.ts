/** That what is not said means what it means to nginx. */

import { assertEquals } from "@std/assert";
import type {
  AnyDirective,
  ContextName,
} from "../../../src/config/directive.ts";
import type { Scope } from "../../../src/config/scope.ts";
import {
  REFUSED,
  SILENT,
  WARNED,
} from "../../../src/config/unsupported/foreign_table.ts";
import { DIRECTIVES } from "../../../src/server/setup/registry.ts";
import { configured } from "../../support/config_support.ts";

/** The defaults of nginx's reference, by the block they are tried in. */
const NGINX: Readonly<Partial<Record<ContextName, string>>> = {
  main: `
    daemon on;
    pid logs/nginx.pid;
    worker_processes 1;
  `,
  events: `
    worker_connections 512;
  `,
  http: `
    acme_shared_zone zone=ngx_acme_shared:256k;
    absolute_redirect on;
    addition_types text/html;
    auth_basic off;
    auth_delay 0s;
    autoindex off;
    autoindex_exact_size on;
    autoindex_format html;
    autoindex_localtime off;
    charset off;
    client_body_timeout 60s;
    client_header_timeout 60s;
    client_max_body_size 1m;
    default_type text/plain;
    disable_symlinks off;
    etag on;
    gunzip off;
    gzip off;
    gzip_comp_level 1;
    gzip_http_version 1.1;
    gzip_min_length 20;
    gzip_proxied off;
    gzip_static off;
    gzip_types text/html;
    gzip_vary off;
    if_modified_since exact;
    ignore_invalid_headers on;
    index index.html;
    http2 off;
    http2_body_preread_size 64k;
    http2_chunk_size 8k;
    http2_max_concurrent_streams 128;
    http2_recv_buffer_size 256k;
    keepalive_requests 1000;
    keepalive_time 1h;
    keepalive_disable msie6;
    chunked_transfer_encoding on;
    keepalive_timeout 75s;
    limit_conn_dry_run off;
    limit_conn_log_level error;
    limit_conn_status 503;
    limit_req_dry_run off;
    limit_req_log_level error;
    limit_req_status 503;
    large_client_header_buffers 4 8k;
    lingering_close on;
    lingering_time 30s;
    lingering_timeout 5s;
    log_not_found on;
    map_hash_bucket_size 64;
    map_hash_max_size 2048;
    max_headers 1000;
    merge_slashes on;
    open_file_cache off;
    open_log_file_cache off;
    open_file_cache_errors off;
    open_file_cache_min_uses 1;
    open_file_cache_valid 60s;
    override_charset off;
    port_in_redirect on;
    real_ip_header X-Real-IP;
    real_ip_recursive off;
    recursive_error_pages off;
    rewrite_log off;
    satisfy all;
    send_timeout 60s;
    server_name_in_redirect off;
    server_tokens on;
    ssl_reject_handshake off;
    ssl_verify_client off;
    ssl_verify_depth 1;
    underscores_in_headers off;
    ssi off;
    ssi_ignore_recycled_buffers off;
    ssi_last_modified off;
    ssi_silent_errors off;
    ssi_types text/html;
    ssi_value_length 256;
    subrequest_output_buffer_size 4k;
    sub_filter_last_modified off;
    sub_filter_once on;
    sub_filter_types text/html;
    uninitialized_variable_warn on;
  `,
  acme_issuer: `
    account_key ecdsa:256;
    challenge http-01;
    ssl_verify on;
  `,
  location: `
    random_index off;
    referer_hash_bucket_size 64;
    referer_hash_max_size 2048;
  `,
};

/** Where another default is better, and why; docs/differences.md says so. */
const DIFFERENT: Readonly<Record<string, string>> = {
  charset: "texts are UTF-8",
  daemon: "there is nothing but the foreground",
  default_type: "the content decides",
  gzip_vary: "caches must not mix codings up",
  open_file_cache: "files are kept, and checked after a second",
  open_file_cache_errors: "what is missing is remembered for a tenth of one",
  open_file_cache_valid: "a second",
  pid: "the program's name",
  worker_connections: "each of them costs little",
};

/** Directives for which nothing is in force where nothing is said. */
const NOTHING = [
  "accept_terms_of_service",
  "acme_certificate",
  "acme_issuer",
  "access_log", // logs/access.log
  "add_after_body",
  "add_before_body",
  "add_header",
  "add_trailer",
  "alias",
  "allow",
  "auth_basic_user_file",
  "break",
  "charset_map",
  "contact",
  "charset_types", // nginx's, and all other texts
  "deny",
  "empty_gif",
  "error_log", // standard error
  "error_page",
  "events",
  "expires", // off
  "external_account_key",
  "geo",
  "gzip_disable",
  "http",
  "if",
  "internal",
  "limit_except",
  "limit_rate", // 0
  "limit_rate_after", // 0
  "listen", // *:80
  "location",
  "limit_conn",
  "limit_conn_zone",
  "limit_req",
  "limit_req_zone",
  "log_format", // combined
  "map",
  "max_ranges", // unlimited; here 200
  "preferred_chain",
  "profile",
  "return",
  "rewrite",
  "root", // html
  "secure_link",
  "secure_link_md5",
  "secure_link_secret",
  "server",
  "server_name", // ""
  "set",
  "set_real_ip_from",
  "source_charset", // off
  "split_clients",
  "ssl_certificate",
  "ssl_certificate_key",
  "ssi_min_file_chunk", // 1k; no effect
  "state_path", // acme_ and the issuer's name
  "status_page",
  "stub_status",
  "sub_filter",
  "try_files",
  "types", // html, gif and jpg; here the built-in table
  "use", // what the system has; here the runtime's sockets
  "uri",
  "user", // nobody; here nobody is changed to
  "valid_referers",
  "worker_shutdown_timeout",
];

/** Directives that are read and have no effect, or are not nginx's. */
const OTHERS = DIRECTIVES.filter(({ name, default: value }) =>
  /^(?:brotli|zstd|more_|dotfiles|stale_variants|metrics|health|compressed_cache|compression_memory|live_|executable_)/
    .test(name) ||
  /^open_file_cache_m(?:emory|ax_body)$/.test(name) ||
  /^autoindex_(?:header|page_size|readme)$/.test(name) ||
  (/^(?:ssl|http2|http3|gzip_buffers)/.test(name) && value === undefined)
).map(({ name }) => name);

/** The scope that `text` stands in, in a block of this kind. */
function scopeOf(context: string, text: string): Scope {
  const main = configured(
    {
      main: text,
      events: `events { ${text} }`,
      http: `http { ${text} }`,
      acme_issuer: `http { acme_issuer x { ${text} } }`,
      location: `server { location / { ${text} } }`,
    }[context]!,
  );
  return context === "main"
    ? main
    : [...main.descendantsOf(context as ContextName)][0]!;
}

/** Values as they can be compared. */
function plain(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, part) =>
      part instanceof Set || part instanceof Map ? [...part] : part,
  );
}

function directiveOf(name: string): AnyDirective {
  return DIRECTIVES.find((directive) => directive.name === name)!;
}

const KNOWN = Object.entries(NGINX).flatMap(([context, text]) =>
  text!.trim().split("\n").map((line) => {
    const statement = line.trim();
    return { context, statement, name: statement.split(" ")[0]! };
  })
);

Deno.test("defaults are nginx's, but for a few", () => {
  const found = KNOWN.filter(({ context, statement, name }) => {
    const directive = directiveOf(name);
    const said = scopeOf(context, statement).get(directive);
    return plain(said) !== plain(directive.default);
  });
  assertEquals(
    found.map(({ name }) => name).toSorted(),
    Object.keys(DIFFERENT).toSorted(),
  );
});

Deno.test("every directive's default is compared with nginx's", () => {
  assertEquals(
    DIRECTIVES.map(({ name }) => name).toSorted(),
    [...KNOWN.map(({ name }) => name), ...NOTHING, ...OTHERS].toSorted(),
  );
});

Deno.test("no directive is among those that are not supported", () => {
  const tables: readonly { has(name: string): boolean }[] = [
    SILENT,
    WARNED,
    REFUSED,
  ];
  const both = DIRECTIVES.map(({ name }) => name)
    .filter((name) => tables.some((table) => table.has(name)));
  assertEquals(both, [], "remove these from src/config/unsupported/");
});
