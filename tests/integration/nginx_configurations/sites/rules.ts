/** What rewrite, set and if make of a request. */

import { type Site, WEB_TREE } from "./site.ts";

/** The sites. */
export const RULE_SITES: readonly Site[] = [
  {
    name: "rewrite, with every flag",
    files: {
      ...WEB_TREE,
      "etc/nginx/sites-enabled/rewrite": String.raw`server {
    listen 80;
    server_name rw.x;
    root /srv/www;
    rewrite_log on;
    rewrite ^/users/(.*)$ /show?user=$1 last;
    rewrite ^(/download/.*)/media/(.*)\..*$ $1/mp3/$2.mp3 last;
    rewrite ^(/download/.*)/audio/(.*)\..*$ $1/mp3/$2.ra last;
    rewrite ^/perm/(.*)$ /p/$1 permanent;
    rewrite ^/redir/(.*)$ /p/$1 redirect;
    rewrite ^/noq/(.*)$ /p/$1? permanent;
    rewrite ^/withq/(.*)$ /p/$1?a=b permanent;
    rewrite ^/abs/(.*)$ http://other.example/$1;
    rewrite ^/abss/(.*)$ https://other.example/$1?x;
    rewrite ^/scheme/(.*)$ $scheme://other.example/$1;
    rewrite ^/named/(?<nm>.*)$ /echo/$nm last;
    rewrite ^/enc/(.*)$ /echo/$1 last;
    rewrite ^/chain1$ /chain2;
    rewrite ^/chain2$ /echo/chained last;
    rewrite ^/brk/(.*)$ /$1 break;
    rewrite ^/loop /loop last;
    rewrite ^/arg1 /echo?x=$arg_q last;
    rewrite ^/arg2 /echo?$args&n=1? last;
    rewrite ^/arg3$ /echo?n=1 last;
    rewrite ^/arg4$ /echo? last;
    location /loopl { rewrite ^/loopl(.*) /loopl$1x last; }
    location /lbrk/ { rewrite ^/lbrk/(.*)$ /$1 break; }
    location /llast/ { rewrite ^/llast/(.*)$ /echo/$1 last; return 403; }
    location /lplain/ { rewrite ^/lplain/(.*)$ /echo/$1; }
    location /lcont/ {
        rewrite ^/lcont/(.*)$ /echo/$1;
        return 200 "after $uri";
    }
    location /brkset/ { set $z 1; break; set $z 2; return 200 "never"; }
    location /show { return 200 "show $args $arg_user"; }
    location /echo {
        return 200 "$uri|$args|$request_uri|$document_uri|$query_string|$is_args";
    }
    location /download { return 200 "$uri"; }
    location /nested { rewrite ^/nested/((a+)(b+))$ /echo/$3$2$1 last; }
    location /tern { rewrite ^/tern(/opt)?/x$ /echo$1 last; return 404; }
}
`,
    },
    requests: String.raw`
      rw.x/users/joe
      rw.x/users/joe?x=1
      rw.x/users/joe%3Fa
      rw.x/users/a%26b%3Dc
      rw.x/download/a/media/b.wav
      rw.x/download/a/audio/b.wav
      rw.x/perm/x
      rw.x/perm/x?q=1
      rw.x/perm/a%20b
      rw.x/perm/%C3%BC
      rw.x/redir/x?q
      rw.x/noq/x?q=1
      rw.x/withq/x
      rw.x/withq/x?q=1
      rw.x/abs/x?q=1
      rw.x/abss/x?q=1
      rw.x/scheme/x?q=1
      rw.x/named/foo?z
      rw.x/enc/a%20b
      rw.x/enc/a%25b
      rw.x/chain1
      rw.x/chain2
      rw.x/brk/t.txt
      rw.x/loop
      rw.x/loopl
      rw.x/lbrk/t.txt
      rw.x/lbrk/
      rw.x/lbrk/sub
      rw.x/llast/t?x=y
      rw.x/lplain/t?x=y
      rw.x/lcont/t?x=y
      rw.x/brkset/
      rw.x/arg1?q=5&r=6
      rw.x/arg2?q=5
      rw.x/arg2
      rw.x/arg3?q=5
      rw.x/arg3
      rw.x/arg4?q=5
      rw.x/nested/aabb
      rw.x/tern/x
      rw.x/tern/opt/x
      rw.x/dollar
      rw.x/echo?
      rw.x/echo?a=%20&b=+
    `,
  },
  {
    name: "if, with everything that may stand in it",
    files: {
      ...WEB_TREE,
      "etc/nginx/sites-enabled/if": String.raw`server {
    listen 80;
    server_name if.x;
    root /srv/www;
    set $s1 start;
    set $cnt "";
    if ($request_method = POST) { set $cnt P; }
    if ($args ~ post=140) { rewrite ^ http://example.com/ permanent; }
    if ($http_user_agent ~ MSIE) { rewrite ^(.*)$ /msie$1 break; }
    if ($http_cookie ~* "id=([^;]+)(?:;|$)") { set $id $1; }
    if (-f "$document_root$uri.flag") { return 503; }
    location / { return 200 "$cnt|$id|$s1"; }
    location /eq {
        if ($arg_a = "") { return 200 empty; }
        if ($arg_a = 0) { return 200 zero; }
        if ($arg_a) { return 200 "true $arg_a"; }
        return 200 no;
    }
    location /bool { if ($arg_a) { return 200 T; } return 200 F; }
    location /re {
        if ($uri ~ ^/re/(.*)$) { set $cap $1; }
        return 200 "$cap $1";
    }
    location /nre { if ($arg_a !~ ^x) { return 200 "not x"; } return 200 x; }
    location /nreci {
        if ($arg_a !~* ^x) { return 200 "not x"; }
        return 200 x;
    }
    location /file {
        if (-f $document_root$arg_f) { return 200 f; }
        if (-d $document_root$arg_f) { return 200 d; }
        if (-e $document_root$arg_f) { return 200 e; }
        if (!-e $document_root$arg_f) { return 200 "!e"; }
        return 200 x;
    }
    location /only-one-if {
        set $true 1;
        if ($true) { add_header X-First 1; }
        if ($true) { add_header X-Second 2; }
        return 204;
    }
    location /proxy-pass-uri { set $true 1; if ($true) { } return 200 x; }
    location /if-try-files {
        try_files /index.html @x;
        set $true 1;
        if ($true) { }
    }
    location @x { return 200 "x"; }
    location /crash {
        set $true 1;
        if ($true) { return 204; }
        if ($true) { return 205; }
    }
    location /alias-and-if { alias /srv/www/; set $true 1; if ($true) { } }
    location /al2/ {
        alias /srv/www/;
        set $true 1;
        if ($true) { set $q 1; }
        index index.html;
    }
    location /ifroot/ { if ($arg_r) { root /srv/hosts; } root /srv/www; }
    location /sub/ {
        if ($arg_h) { add_header X-H 1; expires 1d; }
        add_header X-O 1;
    }
    location /rwif/ {
        if ($arg_q ~ (\d+)) { rewrite ^/rwif/(.*)$ /echo/$1/n$arg_q? last; }
        return 200 n;
    }
    location /echo { return 200 "$uri|$args"; }
    location /brk { if ($arg_b) { break; } return 200 "not broken"; }
    location /capt { if ($uri ~ ^/capt/(\w)(\w)) { return 200 "$1$2"; } }
    location /setargs {
        set $args "n=1&m=2";
        return 200 "$args|$arg_n|$query_string|$is_args|$request_uri";
    }
    location /setargs0 { set $args ""; return 200 "[$args][$is_args]"; }
    location /rwargs { set $args "n=1"; rewrite ^ /echo last; }
    location /unset { return 200 "[$unset]"; }
    location /un2 { set $unset 1; return 200 "[$unset]"; }
    location /setself { set $a "$a.x"; set $a "$a.y"; return 200 $a; }
    location /setrate { set $limit_rate 100k; return 200 "$limit_rate"; }
}
`,
    },
    requests: String.raw`
      if.x/
      POST if.x/
      if.x/?post=140
      if.x/t.txt | User-Agent: MSIE 7
      if.x/ | Cookie: a=b; id=77; c=d
      if.x/ | Cookie: a=b | Cookie: ID=78
      if.x/eq
      if.x/eq?a
      if.x/eq?a=
      if.x/eq?a=0
      if.x/eq?a=00
      if.x/bool?a=0
      if.x/bool?a=00
      if.x/bool?a=false
      if.x/bool?a=
      if.x/bool
      if.x/re/xyz
      if.x/nre?a=x
      if.x/nre?a=y
      if.x/nre
      if.x/nreci?a=X
      if.x/file?f=/t.txt
      if.x/file?f=/sub
      if.x/file?f=/sub/
      if.x/file?f=/nosuch
      if.x/file?f=
      if.x/only-one-if
      if.x/proxy-pass-uri
      if.x/if-try-files
      if.x/crash
      if.x/alias-and-if/t.txt
      if.x/al2/t.txt
      if.x/al2/
      if.x/al2/sub
      if.x/ifroot/
      if.x/ifroot/?r=1
      if.x/sub/
      if.x/sub/?h=1
      if.x/sub/index.html?h=1
      if.x/types/x?h=1
      if.x/rwif/a?q=55
      if.x/rwif/a?q=x
      if.x/brk?b=1
      if.x/brk
      if.x/capt/ab
      if.x/capt/a
      if.x/setargs?old=1
      if.x/setargs0?old=1
      if.x/rwargs?old=1
      if.x/unset
      if.x/un2
      if.x/setself
      if.x/setrate
    `,
  },
];
