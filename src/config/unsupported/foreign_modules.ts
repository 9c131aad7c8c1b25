/**
 * `load_module`: what nginx loads is built in here, or is not there. Either
 * way the file itself says nothing; a directive of a module that is not there
 * is told where it stands.
 */

import type { SourcePlace } from "../errors.ts";

/** The directive each dynamic module is loaded for, by the module's name. */
const MODULES: readonly (readonly [name: RegExp, directive: string])[] = [
  [/^http_brotli_filter$/, "brotli"],
  [/^http_brotli_static$/, "brotli_static"],
  [/^http_zstd_filter$/, "zstd"],
  [/^http_zstd_static$/, "zstd_static"],
  [/^http_headers_more_filter$/, "more_set_headers"],
  [/^http_geoip$/, "geoip_country"],
  [/^http_geoip2$/, "geoip2"],
  [/^http_image_filter$/, "image_filter"],
  [/^http_xslt_filter$/, "xslt_stylesheet"],
  [/^http_perl$/, "perl"],
  [/^http_js$/, "js_content"],
  [/^(?:http_lua|ndk_http)$/, "content_by_lua_block"],
  [/^http_dav_ext$/, "dav_ext_methods"],
  [/^http_echo$/, "echo"],
  [/^http_fancyindex$/, "fancyindex"],
  [/^http_subs_filter$/, "subs_filter"],
  [/^http_auth_pam$/, "auth_pam"],
  [/^http_cache_purge$/, "proxy_cache_purge"],
  [/^http_uploadprogress$/, "upload_progress"],
  [/^http_upstream_fair$/, "fair"],
  [/^http_modsecurity$/, "modsecurity"],
  [/^http_vhost_traffic_status$/, "vhost_traffic_status_display"],
  [/^nchan$/, "nchan_pubsub"],
  [/^rtmp$/, "rtmp"],
  [/^mail$/, "mail"],
  [/^stream/, "stream"],
];

/** `modules/ngx_http_perl_module.so` as `http_perl`. */
function nameOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1)
    .replace(/\.(?:so|dll)$/, "").replace(/^ngx_/, "").replace(/_module$/, "");
}

/** The modules of one configuration. */
export class ModuleList {
  readonly #isBuiltIn: (directive: string) => boolean;
  readonly #builtIn = new Set<string>();
  /** What is missing: directives, or names of modules nobody knows. */
  readonly #missing = new Set<string>();
  #first: SourcePlace | undefined;
  #firstMissing: SourcePlace | undefined;

  /** `isBuiltIn` knows whether there is a directive of a name. */
  constructor(isBuiltIn: (directive: string) => boolean) {
    this.#isBuiltIn = isBuiltIn;
  }

  /** Takes the `file` of a `load_module`. */
  add(file: string, place: SourcePlace): void {
    const name = nameOf(file);
    const directive = MODULES.find(([pattern]) => pattern.test(name))?.[1];
    if (directive !== undefined && this.#isBuiltIn(directive)) {
      this.#first ??= place;
      this.#builtIn.add(directive);
    } else {
      this.#firstMissing ??= place;
      this.#missing.add(directive ?? name);
    }
  }

  /** One warning for those that are built in, and one for the others. */
  *notices(): Generator<readonly [what: string, place: SourcePlace]> {
    if (this.#first !== undefined) {
      yield [
        `"load_module" is not needed for ${listed(this.#builtIn)}, ignored`,
        this.#first,
      ];
    }
    if (this.#firstMissing !== undefined) {
      yield [
        `"load_module" ignored: what it loads, ${listed(this.#missing)}, is ` +
        "not supported, and an error where it is used",
        this.#firstMissing,
      ];
    }
  }
}

function listed(names: ReadonlySet<string>): string {
  return [...names].map((name) => `"${name}"`).join(", ");
}
