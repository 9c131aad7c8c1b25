/** Pages with SSI. */

/** What is printed of a variable. */
const echo = (name: string) => `<!--#echo var="${name}" -->`;

const VARIABLES =
  "uri document_uri query_string args arg_ssi request_method server_name host " +
  "request_filename document_root http_x_own 1 0 nosuch scheme is_args SERVER_NAME";

const SHOWN = VARIABLES.split(" ").map(echo).join("|");

/** Every byte that can be sent in a value, but for quotes. */
const CHARACTERS = Array.from({ length: 94 }, (_, i) => i + 33)
  .map((code) => String.fromCharCode(code))
  .filter((character) => !'"\\$'.includes(character))
  .join("");

/** One page for each line: commands, and what may be wrong with them. */
const LINES = String.raw`
1<!--#-->2
<!--#echo-->
<!--# echo var="uri" -->
<!--#echo var = "uri"-->
<!--#echo var=uri-->
<!--#echo var="uri"default="x"-->.
<!--#echo var='uri'-->
<!--#echo  var="u-ri" -->
<!--#echo var="uri" var="uri"-->
<!--#echo foo="bar"-->
<!--#nosuch x="y"-->
<!--#echo var="uri" -- >2-->3
<!--#echo var="uri" --->2-->3
<!--echo-->
<!-- #echo var="uri"-->
<!--#ECHO var="uri"-->
<!--#echo VAR="uri"-->
<!--#echo var="URI"-->
<!--#exec cmd="ls"-->
<!--#printenv-->
<!--#fsize file="part.html"-->
<!--#set var="A" value="x$arg_ssi-${"$"}{arg_ssi}\$ \" \x $nosuch." --><!--#echo var="a" encoding="none"-->
<!--#set var="b" value="${"$"}{uri"-->
<!--#set var="b" value="$"-->
<!--#set var="b" value="${"$"}{}"-->
<!--#set var="b" value="$-"-->
<!--#set var="uri" value="own"--><!--#echo var="uri"-->
<!--#set var="a"--><!--#set value="a"-->
<!--#echo var="nosuch" default="d<" encoding="none"-->
<!--#echo var="nosuch" default=""-->
<!--#echo var="nosuch" default="a&b"-->
<!--#config errmsg="ERR<b>"--><!--#echo-->
<!--#config errmsg=""-->[<!--#echo-->]
<!--#echo var="arg_ssi" encoding="nix"-->
<!--#echo var="arg_ssi" encoding="none"--><!--#echo var="arg_ssi"-->
<<!--#echo var="arg_ssi"-->><!--<!--#echo var="arg_ssi"--><!<!-<!--<!--#echo var="arg_ssi"-->
<!--#include virtual="part.html" file="b"-->
<!--#include-->
<!--#include virtual="/part.html" wait="yes"-->
<!--#include virtual="/part.html" wait="no"-->
<!--#include virtual="/part.html" wait="x"-->
<!--#include file="part.html" wait="yes"-->
<!--#include file="part.html"-->
<!--#include file="/part.html"-->
<!--#include virtual="part.html"-->
<!--#include virtual="/part.html?"-->
<!--#include virtual="/p%61rt.html"-->
<!--#include virtual="/says?a=1%2b&b=$uri"-->
<!--#include virtual="/says%3fa"-->
<!--#include virtual="/says/%zz%4"-->
<!--#include virtual="$arg_ssi"-->
<!--#include virtual="/%2e%2e/x"-->
<!--#include virtual="../x"-->
<!--#include virtual="/a/.."-->
<!--#include virtual="/a/..b"-->
<!--#include virtual="/part.html" set="q" stub="q"-->
<!--#include virtual="/part.html" set="q"-->[<!--#echo var="q"-->]
<!--#include virtual="/none.txt" set="q"-->[<!--#echo var="q"-->]
<!--#include virtual="/says" set="Q"-->[<!--#echo var="q" encoding="none"-->]
<!--#include virtual="/part.html" stub="none"-->
<!--#block name="s"-->stub<!--#endblock-->[<!--#include virtual="/empty.txt" stub="s"-->]
<!--#block name="s"-->stub<!--#endblock-->[<!--#include virtual="/none.txt" stub="s"-->]
<!--#block name="s"-->stub<!--#endblock-->[<!--#include virtual="/part.html" stub="s"-->]
<!--#block name="s"-->stub<!--#endblock-->[<!--#include virtual="/folder" stub="s"-->]
<!--#block name="s"-->a<!--#echo var="uri"-->b<!--#endblock-->[<!--#include virtual="/none.txt" stub="s"-->]
<!--#block name="s"-->1<!--#endblock--><!--#block name="s"-->2<!--#endblock-->[<!--#include virtual="/none.txt" stub="s"-->]
<!--#block-->1<!--#endblock-->2
<!--#block name="s"-->1<!--#block name="t"-->2<!--#endblock-->3<!--#endblock-->4
<!--#endblock-->1
<!--#if expr="$arg_ssi"-->yes<!--#endif-->.
<!--#if expr="$arg_ssi"-->yes<!--#else-->no<!--#endif-->.
<!--#if expr="$arg_ssi = a"-->a<!--#elif expr="$arg_ssi = b"-->b<!--#elif expr="$arg_ssi"-->other<!--#else-->none<!--#endif-->.
<!--#if expr="$arg_ssi=a"-->a<!--#else-->no<!--#endif-->.
<!--#if expr="$arg_ssi   !=   a"-->not a<!--#else-->a<!--#endif-->.
<!--#if expr="$arg_ssi == a"-->a<!--#else-->no<!--#endif-->.
<!--#if expr="$arg_ssi = /^A/"-->A<!--#else-->no<!--#endif-->.
<!--#if expr="$arg_ssi = /^(.)(?P<rest>.*)$/"-->[<!--#echo var="1"-->|<!--#echo var="2"-->|<!--#echo var="rest"-->|<!--#echo var="0"-->|<!--#echo var="3"-->]<!--#endif-->.
<!--#if expr="$arg_ssi != /a/"-->no a<!--#else-->a<!--#endif-->.
<!--#if expr="$arg_ssi = /a\/b/"-->y<!--#else-->n<!--#endif-->
<!--#if expr="$arg_ssi = \/a/"-->y<!--#else-->n<!--#endif-->
<!--#if expr="$arg_ssi$uri = a$uri"-->y<!--#else-->n<!--#endif-->
<!--#if expr="${"$"}{arg_ssi} = 'a'"-->y<!--#else-->n<!--#endif-->
<!--#if expr="'a' = 'a'"-->y<!--#else-->n<!--#endif-->
<!--#if expr="A = a"-->y<!--#else-->n<!--#endif-->
<!--#if expr="a = A"-->y<!--#else-->n<!--#endif-->
<!--#if expr="a b"-->y<!--#else-->n<!--#endif-->
<!--#if expr="a ="-->y<!--#else-->n<!--#endif-->
<!--#if expr="$nosuch ="-->y<!--#else-->n<!--#endif-->
<!--#if expr="= a"-->y<!--#else-->n<!--#endif-->
<!--#if expr=" a"-->y<!--#else-->n<!--#endif-->
<!--#if expr="a < b"-->y<!--#else-->n<!--#endif-->
<!--#if expr="a && b"-->y<!--#else-->n<!--#endif-->
<!--#if expr="!$arg_ssi"-->y<!--#else-->n<!--#endif-->
<!--#if expr="a = /(/"-->y<!--#else-->n<!--#endif-->
<!--#if expr="a = /a"-->y<!--#else-->n<!--#endif-->
<!--#if expr="a = /"-->y<!--#else-->n<!--#endif-->
<!--#if expr=""-->y<!--#else-->n<!--#endif-->
<!--#if expr="0"-->y<!--#else-->n<!--#endif-->
<!--#if-->y<!--#else-->n<!--#endif-->
<!--#if expr="a"--><!--#if expr="b"-->inner<!--#endif-->x<!--#endif-->.
<!--#if expr=""--><!--#if expr="b"-->inner<!--#endif-->x<!--#endif-->.
<!--#if expr="a"-->1<!--#else-->2<!--#else-->3<!--#elif expr="1"-->4<!--#endif-->5<!--#endif-->6
<!--#else-->1<!--#endif-->2<!--#elif expr="a"-->3
<!--#if expr=""--><!--#set var="x" value="set"--><!--#include virtual="/none.txt"--><!--#nosuch--><!--#endif-->[<!--#echo var="x"-->]
<!--#if expr=""--><!--#echo var="-->x<!--#endif-->y
<!--#if expr="a"-->open
<!--#config timefmt="%Y"--><!--#if expr="$date_gmt = /^20..$/"-->year<!--#endif-->
<!--#config timefmt="%s"--><!--#if expr="$date_local = /^[0-9]+$/"-->seconds<!--#endif-->
<!--#config timefmt="%n%t%%%Q%"-->[<!--#echo var="date_gmt"-->]
<!--#if expr="$date_gmt = /^[A-Z][a-z]+day, ..-...-.... ..:..:.. GMT$/"-->default<!--#endif-->
<!--#include virtual="/page_vars.html?ssi=inner"-->
<!--#include virtual="/folder/inner.html"-->
<!--#include virtual="/self.html"-->
<!--#include virtual="/denied/part.html"--><!--#include virtual="/internal/part.html"-->
<!--#include virtual="/plain/script.txt"-->
<!--#include virtual="/moved"-->
<!--#include virtual="/named"-->
<!--#include virtual="/204"-->|
<!--#set var="p" value="parent"--><!--#include virtual="/child.html"-->
<!--#include virtual="/child.html" wait="yes"--><!--#echo var="p"-->
`.trim().split("\n");

/** The tree. */
export const SSI_FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    LINES.map((line, i) => [`ssi/line${i}.html`, `${line}\n`]),
  ),
  "ssi/part.html": "<p>part</p>",
  "ssi/page_vars.html": SHOWN,
  "ssi/empty.txt": "",
  "ssi/self.html": 'x<!--#include virtual="/self.html"-->y',
  "ssi/child.html": `${echo("p")}<!--#set var="p" value="child"-->`,
  "ssi/folder/inner.html": `[${
    echo("uri")
  }<!--#include virtual="more.html"-->]`,
  "ssi/folder/more.html": `more ${echo("uri")}`,
  "ssi/plain/script.txt": echo("uri"),
  "ssi/escape.html":
    `<!--#set var="v" value="${CHARACTERS} x" --><!--#echo var="v" encoding="url" -->|<!--#echo var="v" encoding="entity"-->|<!--#echo var="v" encoding="none"-->`,
  "ssi/long.html": ["x".repeat(255), "x".repeat(256), "x".repeat(257)].map((
    value,
  ) => `<!--#echo var="${value}"-->|`).join(""),
  "ssi/names.html": ["c".repeat(31), "c".repeat(32), "c".repeat(33)].map((
    name,
  ) => `<!--#${name}-->|<!--#echo ${name}="x"-->|`).join(""),
  "ssi/many.html": [16, 17].map((count) =>
    `<!--#include${' virtual="/part.html"'.repeat(count)}-->`
  ).join("|"),
  "ssi/large.html": `${"<p>text</p>\n".repeat(9000)}<!--#echo var="uri"-->${
    "<p>text</p>\n".repeat(9000)
  }<!--#include virtual="/part.html"-->`,
};

/** The servers, to stand behind those of the site. */
export const SSI_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name ssi.example;
    root ROOT/ssi;
    ssi on;
    error_page 404 @missing;
    location @missing { return 404 "missing\\n"; }
    location / { }
    location /says { default_type text/html; return 200 "[$uri|$args|$arg_a|$request_uri]"; }
    location /off/ { alias ROOT/ssi/; ssi off; }
    location /if/ { alias ROOT/ssi/; ssi off; if ($arg_ssi) { ssi on; } }
    location /silent/ { alias ROOT/ssi/; ssi_silent_errors on; }
    location /kept/ { alias ROOT/ssi/; ssi_last_modified on; }
    location /short/ { alias ROOT/ssi/; ssi_value_length 8; }
    location /plain/ { ssi_types text/plain; }
    location /any/ { alias ROOT/ssi/; ssi_types *; }
    location /gz/ { alias ROOT/ssi/; gzip on; gzip_min_length 1; }
    location /sub/ { alias ROOT/ssi/; sub_filter_once off; sub_filter uri args; sub_filter part whole; }
    location /add/ { alias ROOT/ssi/; add_after_body /part.html; }
    location /denied/ { alias ROOT/ssi/; deny all; }
    location /internal/ { alias ROOT/ssi/; internal; }
    location /moved { error_page 302 = @moved; return 302 /elsewhere; }
    location @moved { default_type text/html; return 200 "moved\\n"; }
    location /named { try_files /none @named; }
    location @named { default_type text/html; return 200 "named $uri\\n"; }
    location /204 { return 204; }
    location /said { default_type text/html; return 200 "$uri <!--#echo var='uri' -->\\n"; }
  }
`;

/** The requests: a table for each host. */
export const SSI_REQUESTS: Readonly<Record<string, string>> = {
  "ssi.example": `
    ${LINES.map((_, i) => `/line${i}.html`).join("\n")}
    ${
    LINES.flatMap((line, i) =>
      line.includes("arg_ssi")
        ? ["?ssi=a", "?ssi=b", "?ssi=a/b", "?ssi=/part.html", "?ssi=&ssi=<x>"]
          .map((
            query,
          ) => `/line${i}.html${query}`)
        : []
    ).join("\n")
  }
    /page_vars.html | X-Own: me
    /page_vars.html?ssi=%3Cb%3E"
    /escape.html
    /long.html
    /names.html
    /many.html
    /large.html
    /large.html | Range: bytes=0-3
    HEAD /large.html
    /empty.txt
    /self.html
    /off/line2.html
    /if/line2.html
    /if/line2.html?ssi=1
    /silent/line1.html
    /silent/line2.html
    /kept/line2.html
    /kept/line2.html | If-None-Match: "other"
    HEAD /line2.html
    /line2.html HTTP/1.0
    /line2.html | If-None-Match: "other"
    POST /line2.html | body=2
    /short/line2.html
    /short/line23.html
    /short/long.html
    /plain/script.txt
    /any/plain/script.txt
    /any/empty.txt
    /sub/line2.html
    /sub/line38.html
    /add/line2.html
    /gz/line2.html | Accept-Encoding: gzip
    /gz/large.html | Accept-Encoding: gzip
    /said
    /none.html
  `,
};
