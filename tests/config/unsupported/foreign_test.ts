import { assertEquals } from "@std/assert";
import { defineDirective } from "../../../src/config/directive.ts";
import {
  type ForeignDirective,
  foreignDirective,
} from "../../../src/config/unsupported/foreign.ts";
import { build, failure, faultsIn } from "../config_support.ts";

Deno.test("foreignDirective() knows what nginx's directives mean here", () => {
  const rows: [kind: ForeignDirective["kind"] | undefined, names: string][] = [
    [
      "silent",
      `accept_mutex aio client_body_buffer_size client_body_temp_path
       connection_pool_size daemon directio master_process msie_padding
       multi_accept output_buffers pcre_jit postpone_output read_ahead
       request_pool_size reset_timedout_connection sendfile
       sendfile_max_chunk server_names_hash_bucket_size
       server_names_hash_max_size tcp_nodelay tcp_nopush thread_pool
       timer_resolution types_hash_bucket_size types_hash_max_size use
       variables_hash_bucket_size variables_hash_max_size
       worker_cpu_affinity worker_priority worker_rlimit_nofile
       http2_max_concurrent_streams http3_hq quic_gso brotli_window`,
    ],
    [
      "warned",
      `gzip_disable load_module satisfy ssl_client_certificate ssl_password_file
       user worker_connections worker_processes`,
    ],
    [
      "tuning",
      `proxy_temp_path proxy_set_header proxy_cache_path fastcgi_param
       fastcgi_temp_path uwsgi_temp_path scgi_temp_path grpc_set_header
       memcached_bind upstream auth_basic_user_file limit_req_zone
       limit_conn_zone real_ip_header dav_access ssi_types sub_filter_once
       charset_map mp4_buffer_size js_import lua_package_path
       fancyindex_localtime modsecurity_rules_file passenger_root
       vhost_traffic_status_zone geoip_country userid_name`,
    ],
    ["definer", "auth_request_set geo map perl_set set split_clients js_set"],
    [
      "refused",
      `allow auth_basic auth_request deny fastcgi_pass
       grpc_pass if js_content limit_conn limit_except limit_rate limit_req
       mail memcached_pass perl proxy_pass
       rewrite scgi_pass secure_link set_real_ip_from
       ssi ssl_certificate ssl_verify_client stream sub_filter
       uwsgi_pass valid_referers xslt_stylesheet
       fancyindex dav_methods
       dav_ext_methods content_by_lua_block access_by_lua rewrite_by_lua_file
       brotli_comp_level zstd_ratio echo echo_sleep modsecurity pagespeed
       passenger_enabled vhost_traffic_status_display auth_pam nchan_pubsub
       push_stream_publisher rtmp srcache_fetch subs_filter security_headers`,
    ],
    [
      undefined,
      `nonsense proxy fast_cgi Sendfile __proto__ constructor include http
       events echoes luapath`,
    ],
  ];
  for (const [kind, names] of rows) {
    for (const name of names.split(/\s+/)) {
      assertEquals(foreignDirective(name)?.kind, kind, name);
    }
  }
  assertEquals(foreignDirective(""), undefined);
});

Deno.test("foreignDirective() sees what is switched off or holds nothing", () => {
  const rows: [name: string, args: string[], kind: ForeignDirective["kind"]][] =
    [
      ["auth_basic", ["off"], "warned"],
      ["auth_basic", ["realm"], "refused"],
      ["ssi", ["off"], "warned"],
      ["ssi", ["on"], "refused"],
      ["dav_methods", ["off"], "warned"],
      ["dav_methods", ["PUT"], "refused"],
      ["pagespeed", ["off"], "warned"],
      ["pagespeed", ["on"], "refused"],
      ["slice", ["0"], "warned"],
      ["set", ["$limit_rate", "4k"], "refused"],
      ["set", ["$args", ""], "refused"],
      ["set", ["$mine", ""], "definer"],
    ];
  for (const [name, args, kind] of rows) {
    assertEquals(
      foreignDirective(name, { args })?.kind,
      kind,
      `${name} ${args}`,
    );
  }
  const block = [{ name: "server", args: [] }];
  assertEquals(
    foreignDirective("stream", { args: [], block: [] })?.kind,
    "warned",
  );
  assertEquals(
    foreignDirective("stream", { args: [], block })?.kind,
    "refused",
  );
  assertEquals(
    foreignDirective("mail", { args: [], block: [] })?.kind,
    "warned",
  );
  assertEquals(foreignDirective("mail", { args: [], block })?.kind, "refused");
});

Deno.test("buildConfig() accepts what means nothing here, anywhere", () => {
  const { warnings } = build(
    `daemon off; daemon on; master_process off;
     events { use epoll; multi_accept on; }
     http { sendfile on; aio threads=default; types_hash_max_size 2048; }`,
  );
  assertEquals(warnings, []);
});

Deno.test("buildConfig() warns of what has no effect, once", () => {
  const rows: [text: string, ...warnings: string[]][] = [
    [
      "user www-data;\nworker_processes auto;",
      'the "user" directive has no effect, ignored in x.conf:1',
      'the "worker_processes" directive has no effect, ignored in x.conf:2',
    ],
    [
      "load_module a.so;\nload_module b.so;",
      'the "load_module" directive has no effect, ignored: ' +
      "modules are built in in x.conf:1",
    ],
    [
      "proxy_set_header a b;\nproxy_temp_path /x;\nfastcgi_param a b;",
      'the "proxy_set_header" directive has no effect without "proxy_pass", ' +
      "ignored in x.conf:1",
      'the "fastcgi_param" directive has no effect without "fastcgi_pass", ' +
      "ignored in x.conf:3",
    ],
    [
      "upstream a { server b; }",
      'the "upstream" directive has no effect without "proxy_pass", ' +
      "ignored in x.conf:1",
    ],
    [
      "stream { }",
      'the "stream" directive has no effect, ignored in x.conf:1',
    ],
    [
      "map $a $b { default 1; }\nmap $a $c { }",
      'the "map" directive has no effect, ignored: its variables are not used ' +
      "in x.conf:1",
    ],
  ];
  for (const [text, ...warnings] of rows) {
    assertEquals(build(text).warnings, warnings, text);
  }
});

Deno.test("buildConfig() says what is wrong with a foreign directive", () => {
  const rows: [text: string, message: string][] = [
    [
      "http { proxy_pass http://a; }",
      'directive "proxy_pass" is not supported by webserv in x.conf:1',
    ],
    ["allow;", 'directive "allow" is not supported by webserv in x.conf:1'],
    [
      "stream { server { } }",
      'directive "stream" is not supported by webserv in x.conf:1',
    ],
    [
      "sendfile;",
      'invalid number of arguments in "sendfile" directive in x.conf:1',
    ],
    [
      "sendfile on {}",
      'directive "sendfile" is not terminated by ";" in x.conf:1',
    ],
  ];
  for (const [text, message] of rows) {
    assertEquals(failure(() => build(text)).message, message, text);
  }
});

Deno.test("buildConfig() blames the effect, and not what tunes it", () => {
  assertEquals(
    faultsIn(`
      proxy_set_header Host $host; upstream u { server a; }
      location / { proxy_pass http://u; }
      location /b { proxy_pass http://v; proxy_buffers 8 8k; }
      content_by_lua_block { x = "}" }
    `),
    [
      'directive "location" is not supported by webserv in x.conf:3',
      'directive "location" is not supported by webserv in x.conf:4',
      'directive "content_by_lua_block" is not supported by webserv in x.conf:5',
    ],
  );
  assertEquals(
    faultsIn(`proxy_pass http://u;
      proxy_set_header a b;
      proxy_pass http://v;`),
    [
      'directive "proxy_pass" is not supported by webserv in x.conf:1',
      'directive "proxy_pass" is not supported by webserv in x.conf:3',
    ],
  );
});

/** A directive whose value may hold the variable `$known`. */
const text = defineDirective<string>({
  name: "text",
  contexts: ["main"],
  args: [1, 1],
  repeatable: true,
  default: "",
  parse({ args: [word = ""], place }, _previous, { variables }) {
    variables.define("known", { form: "ascii", read: () => "x" }, place);
    return variables.textTemplate(word, place).source;
  },
});

Deno.test("buildConfig() blames who defines a variable that is used", () => {
  const rows: [config: string, ...faults: string[]][] = [
    ["text $known; map $a $b { }"],
    ["text $b;", 'unknown "b" variable in x.conf:1'],
    [
      "map $a $b { }\ntext $b;\ntext ${b}c;",
      'directive "map" is not supported by webserv in x.conf:1',
    ],
    [
      "text $B;\nset $b 1;",
      'directive "set" is not supported by webserv in x.conf:2',
    ],
    [
      "geo $c { default 0; }\nset $b 1;\ntext $b;\ntext $d;",
      'directive "set" is not supported by webserv in x.conf:2',
      'unknown "d" variable in x.conf:4',
    ],
    [
      "text $ssl_protocol;",
      'the "ssl_protocol" variable is not supported by webserv in x.conf:1',
    ],
  ];
  for (const [config, ...faults] of rows) {
    assertEquals(faultsIn(config, [text]), faults, config);
  }
});

Deno.test("a variable that is not supported has another one named", () => {
  const hint = (name: string) =>
    failure(() => build(`text $${name};`, [text])).hint;
  const rows: [name: string, hint: string | undefined][] = [
    ["binary_remote_addr", 'use "$remote_addr"'],
    ["date_gmt", 'use "$time_local" or "$time_iso8601"'],
    ["ssl_cipher", '"$scheme" and "$https" say whether it is TLS'],
    ["connections_active", '"metrics" and "stub_status" tell of connections'],
    ["proxy_host", "webserv asks no other server"],
    ["uid_got", undefined],
  ];
  for (const [name, expected] of rows) assertEquals(hint(name), expected, name);
});

Deno.test("buildConfig() prefers a module's own declaration", () => {
  for (const name of ["sendfile", "user", "proxy_pass", "allow"]) {
    const own = defineDirective<string>({
      name,
      contexts: ["main"],
      args: [1, 1],
      default: "",
      parse: ({ args: [word = ""] }) => word,
    });
    const { scope, warnings } = build(`${name} x;`, [own]);
    assertEquals([scope.get(own), warnings], ["x", []], name);
  }
});
