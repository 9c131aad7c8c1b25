/**
 * Features that nginx, or a module of it that is well known, has and webserv
 * has not, with the directives that belong to each.
 */

/** Directives that belong to one feature. */
export interface Family {
  /** Those that make the feature do something. */
  readonly effects: RegExp;
  /** Those that do nothing without one of `effects`. */
  readonly tuning: RegExp;
  /** What is missing, for the warning about `tuning`. */
  readonly without: string;
  /**
   * First arguments that switch an effect off; `{}` is a block that holds
   * nothing.
   */
  readonly off?: readonly string[];
  /** What to do instead. */
  readonly hint?: string;
}

/** Matches no name. */
const NOTHING = /(?!)/;

const STATIC_ONLY = "webserv serves files and asks no other server";

/** What directives of gateways are called, behind their prefix. */
const OF_GATEWAYS = "(?:allow|bind|buffer|busy|cache|cookie|force|headers|" +
  "hide|ignore|limit|next|no|pass|request|send|set|socket|ssl|store|temp)" +
  "_?\\w*|buffers|catch_stderr|connect_timeout|gzip_flag|http_version|index|" +
  "intercept_errors|keep_conn|max_temp_file_size|method|modifier[12]|param|" +
  "read_timeout|redirect|split_path_info|string";

/** A family whose directives all begin with a prefix. */
function gateway(prefix: string): Family {
  return {
    effects: new RegExp(`^${prefix}_pass$`),
    tuning: new RegExp(`^${prefix}_(?:${OF_GATEWAYS})$`),
    without: `${prefix}_pass`,
    hint: STATIC_ONLY,
  };
}

/** The features, those of nginx first. */
export const FAMILIES: readonly Family[] = [
  ...["proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached"].map(gateway),
  {
    effects: NOTHING,
    tuning: /^upstream(?:_fair_shm_size)?$/,
    without: "proxy_pass",
  },
  {
    effects: /^auth_request$/,
    tuning: NOTHING,
    without: "auth_request",
    off: ["off"],
    hint: STATIC_ONLY,
  },
  {
    effects: /^dav_(?:ext_)?methods$/,
    tuning:
      /^(?:dav_access|dav_ext_lock(?:_zone)?|create_full_put_path|min_delete_depth)$/,
    without: "dav_methods",
    off: ["off"],
    hint: "webserv only reads files",
  },
  {
    effects: /^subs_filter$/,
    tuning: /^subs_(?:filter_\w+|buffers|line_buffer_size)$/,
    without: "subs_filter",
    hint: '"sub_filter" replaces strings',
  },
  {
    effects: /^mp4$/,
    tuning: /^mp4_\w+$/,
    without: "mp4",
    hint: "without it the whole file is sent; ranges work",
  },
  {
    effects: /^mirror$/,
    tuning: /^mirror_request_body$/,
    without: "mirror",
    off: ["off"],
    hint: STATIC_ONLY,
  },
  {
    effects: /^image_filter$/,
    tuning: /^image_filter_\w+$/,
    without: "image_filter",
    off: ["off"],
  },
  {
    effects: /^xslt_stylesheet$/,
    tuning: /^(?:xslt_\w+|xml_entities)$/,
    without: "xslt_stylesheet",
  },
  {
    effects: /^userid$/,
    tuning: /^userid_\w+$/,
    without: "userid",
    off: ["off"],
  },
  {
    effects: /^slice$/,
    tuning: NOTHING,
    without: "slice",
    off: ["0"],
  },
  {
    effects: /^(?:stream|mail|rtmp|mqtt\w*)$/,
    tuning: NOTHING,
    without: "stream",
    off: ["{}"],
    hint: "webserv speaks HTTP only",
  },
  {
    effects:
      /^js_(?:content|access|header_filter|body_filter|periodic|preread|filter)$/,
    tuning: /^js_\w+$/,
    without: "js_content",
  },
  {
    effects: /^perl$/,
    tuning: /^perl_(?:modules|require)$/,
    without: "perl",
  },
  {
    effects: NOTHING,
    tuning: /^geoip(?:2_proxy(?:_recursive)?|_\w+)$/,
    without: "geoip",
  },
  {
    effects: /_by_lua(?:_block|_file)?$/,
    tuning: /^(?:lua_\w+|(?:rewrite|access)_by_lua_no_postpone)$/,
    without: "content_by_lua",
    hint: "webserv runs no Lua",
  },
  {
    effects: /^fancyindex$/,
    tuning: /^fancyindex_\w+$/,
    without: "fancyindex",
    off: ["off"],
    hint: 'use "autoindex on; autoindex_format page;"',
  },
  {
    effects: /^modsecurity$/,
    tuning: /^modsecurity_\w+$/,
    without: "modsecurity",
    off: ["off"],
  },
  {
    effects: /^(?:SecRulesEnabled|LearningMode)$/,
    tuning:
      /^(?:SecRulesDisabled|DeniedUrl|CheckRule|BasicRule|MainRule|LibInjectionSql|LibInjectionXss)$/,
    without: "SecRulesEnabled",
  },
  {
    effects: /^pagespeed$/,
    tuning: NOTHING,
    without: "pagespeed",
    off: ["off", "unplugged", "standby", "FileCachePath", "LogDir"],
  },
  {
    effects: /^passenger_enabled$/,
    tuning: /^passenger_\w+$/,
    without: "passenger_enabled",
    off: ["off"],
    hint: STATIC_ONLY,
  },
  {
    effects: /^(?:vhost_traffic_status_display|api|status)$/,
    tuning: /^(?:vhost_traffic_status\w*|status_zone)$/,
    without: "vhost_traffic_status_display",
    hint: 'use "status_page", "metrics" or "stub_status"',
  },
  {
    effects: /^upload_pass$/,
    tuning: /^upload_\w+$/,
    without: "upload_pass",
    hint: "webserv only reads files",
  },
];
