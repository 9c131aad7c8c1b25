import { assertEquals } from "@std/assert";
import { defineDirective } from "../../../src/config/directive.ts";
import {
  type ForeignDirective,
  foreignDirective,
} from "../../../src/config/unsupported/foreign.ts";
import { WARNED } from "../../../src/config/unsupported/foreign_table.ts";
import { build, failure, faultsIn } from "../config_support.ts";

Deno.test("foreignDirective() knows what nginx's directives mean here", () => {
  const rows: [kind: ForeignDirective["kind"] | undefined, names: string][] = [
    [
      "silent",
      `accept_mutex aio client_body_buffer_size client_body_temp_path
       connection_pool_size directio master_process msie_padding
       multi_accept output_buffers pcre_jit postpone_output read_ahead
       request_pool_size reset_timedout_connection sendfile
       sendfile_max_chunk server_names_hash_bucket_size
       server_names_hash_max_size tcp_nodelay tcp_nopush thread_pool
       timer_resolution types_hash_bucket_size types_hash_max_size
       variables_hash_bucket_size variables_hash_max_size lock_file env
       http2_max_concurrent_streams http3_hq quic_gso brotli_window`,
    ],
    [
      "warned",
      `worker_cpu_affinity worker_priority worker_rlimit_nofile
       worker_rlimit_core working_directory debug_connection ssl_engine
       ssl_ocsp_cache ssl_key_log`,
    ],
    ["module", "load_module"],
    [
      "tuning",
      `proxy_temp_path proxy_set_header proxy_cache_path fastcgi_param
       fastcgi_temp_path uwsgi_temp_path scgi_temp_path grpc_set_header
       memcached_bind upstream dav_access
       subs_filter_types
       mp4_buffer_size js_import lua_package_path
       fancyindex_localtime modsecurity_rules_file passenger_root
       vhost_traffic_status_zone geoip_country userid_name`,
    ],
    ["definer", "auth_request_set geoip2 keyval perl_set js_set"],
    [
      "refused",
      `auth_request fastcgi_pass grpc_pass js_content
       mail memcached_pass perl proxy_pass
       scgi_pass
       stream
       uwsgi_pass xslt_stylesheet
       fancyindex dav_methods
       dav_ext_methods content_by_lua_block access_by_lua rewrite_by_lua_file
       brotli_comp_level zstd_ratio echo echo_sleep modsecurity pagespeed
       passenger_enabled vhost_traffic_status_display auth_pam nchan_pubsub
       push_stream_publisher rtmp srcache_fetch subs_filter security_headers`,
    ],
    [
      undefined,
      `proxy_bogus proxy_read_timeouts fastcgi_parm grpc_x nonsense proxy fast_cgi Sendfile __proto__ constructor include http
       events echoes luapath allow daemon user if`,
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
  const rows: [name: string, args: string[], fate: ForeignDirective["kind"]][] =
    [
      ["mirror", ["off"], "off"],
      ["mirror", ["/m"], "refused"],
      ["dav_methods", ["off"], "off"],
      ["dav_methods", ["PUT"], "refused"],
      ["pagespeed", ["off"], "off"],
      ["pagespeed", ["on"], "refused"],
      ["slice", ["0"], "off"],
      ["worker_priority", ["0"], "silent"],
      ["worker_priority", ["-5"], "warned"],
      ["env", ["PATH"], "silent"],
      ["env", ["TZ=UTC"], "warned"],
      ["ssl_prefer_server_ciphers", ["off"], "silent"],
      ["ssl_prefer_server_ciphers", ["on"], "warned"],
    ];
  for (const [name, args, fate] of rows) {
    assertEquals(
      foreignDirective(name, { args })?.kind,
      fate,
      `${name} ${args}`,
    );
  }
  const block = [{ name: "server", args: [] }];
  assertEquals(
    foreignDirective("stream", { args: [], block: [] })?.kind,
    "off",
  );
  assertEquals(
    foreignDirective("stream", { args: [], block })?.kind,
    "refused",
  );
  assertEquals(foreignDirective("mail", { args: [], block: [] })?.kind, "off");
  assertEquals(foreignDirective("mail", { args: [], block })?.kind, "refused");
});

Deno.test("buildConfig() accepts what means nothing here, anywhere", () => {
  const { warnings } = build(
    `master_process off; stream { } auth_request off;
     events { multi_accept on; }
     http { sendfile on; aio threads=default; types_hash_max_size 2048; }`,
  );
  assertEquals(warnings, []);
});

Deno.test("buildConfig() warns of what has no effect, once", () => {
  const rows: [text: string, ...warnings: string[]][] = [
    [
      "worker_priority 5;\nworker_priority 6;\nworker_rlimit_core 1m;",
      'the "worker_priority" directive has no effect, ignored: nice, or ' +
      "Nice= of a unit, sets the priority in x.conf:1",
      'the "worker_rlimit_core" directive has no effect, ignored: core files ' +
      "are as large, and where, as the system says (ulimit -c) in x.conf:3",
    ],
    [
      "load_module modules/ngx_http_perl_module.so;\n" +
      "load_module /x/ngx_own_module.so; load_module ngx_stream_js_module.so;",
      '"load_module" ignored: what it loads, "perl", "own", "stream", is not ' +
      "supported, and an error where it is used in x.conf:1",
    ],
    [
      "proxy_set_header a b;",
      '"proxy_set_header" has no effect without "proxy_pass", ignored ' +
      "in x.conf:1",
    ],
    [
      "upstream a { server b; }\nproxy_set_header a b;\n" +
      "proxy_temp_path /x; fastcgi_param a b;\nproxy_temp_path /x;",
      '"upstream", "proxy_set_header", "fastcgi_param" have no effect without ' +
      '"proxy_pass", "fastcgi_pass", ignored in x.conf:1',
    ],
    [
      "js_set $a b;\njs_set $b c;",
      'the "js_set" directive has no effect, ignored: its variables are not used ' +
      "in x.conf:1",
    ],
  ];
  for (const [text, ...warnings] of rows) {
    assertEquals(build(text).warnings, warnings, text);
  }
});

Deno.test("load_module knows what is built in", () => {
  const own = defineDirective<string>({
    name: "brotli",
    contexts: ["main"],
    args: [1, 1],
    default: "",
    parse: () => "",
  });
  const { warnings } = build(
    "load_module modules/ngx_http_brotli_filter_module.so;\n" +
      "load_module modules/ngx_http_brotli_static_module.so;",
    [own],
  );
  assertEquals(warnings, [
    '"load_module" is not needed for "brotli", ignored in x.conf:1',
    '"load_module" ignored: what it loads, "brotli_static", is not ' +
    "supported, and an error where it is used in x.conf:2",
  ]);
});

Deno.test("each directive that is warned of has one warning", () => {
  const values: Readonly<Record<string, string>> = {
    log_subrequest: "on",
    msie_refresh: "on",
    worker_cpu_affinity: "auto",
    worker_priority: "-5",
    worker_rlimit_core: "1m",
    worker_rlimit_nofile: "1024",
  };
  for (const name of WARNED.keys()) {
    const value = values[name] ?? "-x=";
    const twice = `${name} ${value}; ${name} ${value};`;
    const { warnings } = build(
      name === "debug_connection" ? `events { ${twice} }` : twice,
    );
    assertEquals(warnings.length, 1, name);
  }
});

Deno.test("buildConfig() says what is wrong with a foreign directive", () => {
  const rows: [text: string, message: string][] = [
    [
      "http { proxy_pass http://a; }",
      'directive "proxy_pass" is not supported by webserv in x.conf:1',
    ],
    ["perl;", 'directive "perl" is not supported by webserv in x.conf:1'],
    [
      "load_module a b;",
      'invalid number of arguments in "load_module" directive in x.conf:1',
    ],
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
      proxy_pass http://u;
      proxy_pass http://v; proxy_buffers 8 8k;
      content_by_lua_block { x = "}" }
    `),
    [
      'directive "proxy_pass" is not supported by webserv in x.conf:3',
      'directive "proxy_pass" is not supported by webserv in x.conf:4',
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
    ["text $known; js_set $b a.js;"],
    ["text $b;", 'unknown "b" variable in x.conf:1'],
    [
      "keyval $a $b zone=c;\ntext $b;\ntext ${b}c;",
      'directive "keyval" is not supported by webserv in x.conf:1',
    ],
    [
      "text $B;\njs_set $b a.js;",
      'directive "js_set" is not supported by webserv in x.conf:2',
    ],
    [
      "keyval $a $c zone=c;\njs_set $b a.js;\ntext $b;\ntext $d;",
      'directive "js_set" is not supported by webserv in x.conf:2',
      'unknown "d" variable in x.conf:4',
    ],
    [
      "text $ssl_curves;",
      'the "ssl_curves" variable is not supported by webserv in x.conf:1',
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
    ["tcpinfo_rtt", "the runtime does not tell what the kernel knows"],
    ["ssl_session_id", "the runtime does not tell"],
    ["proxy_host", "webserv asks no other server"],
    ["uid_got", "clients are given no numbers"],
  ];
  for (const [name, expected] of rows) assertEquals(hint(name), expected, name);
});

Deno.test("buildConfig() prefers a module's own declaration", () => {
  for (const name of ["sendfile", "env", "proxy_pass", "perl"]) {
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
