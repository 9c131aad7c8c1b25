/** Variables by map, geo and split_clients. */

import { type Site, WEB_TREE } from "./site.ts";

/** The sites. */
export const VALUE_SITES: readonly Site[] = [
  {
    name: "variables of every kind",
    files: {
      ...WEB_TREE,
      "etc/nginx/sites-enabled/values": String
        .raw`map $http_user_agent $mobile {
    default 0;
    "~Opera Mini" 1;
    ~*iphone 2;
    "" empty;
}
map $uri $redir {
    default "";
    ~^/mold/(?<rest>.*)$ /mnew/$rest;
    ~*^/mb/(.*)\.x$ /q/$1;
    /exactm /e;
    "/sp ace" sp;
    \default esc;
}
map $http_host $hn {
    hostnames;
    default def;
    example.com 1;
    *.example.com 2;
    .dotted.com 3;
    www.* 4;
    ~rx(\d) r$1;
}
map "$arg_a:$arg_b" $comb {
    "1:2" onetwo;
    "~^(?<p1>.):(?<p2>.)$" "$p2-$p1";
    default none;
}
map $arg_lang $lang { default en; de de; ~^fr fr; }
map $arg_x $mapvar { default $uri; a $arg_y; b "lit $arg_y lit"; "" unset; }
map $http_accept_language $al { default en; ~*^de de; ~*^fr fr; }
map $arg_v $vol { volatile; default "d$arg_v"; }
map $arg_case $cased { AbC yes; default no; }
geo $geo { default 0; 127.0.0.1 loop; 10.0.0.0/8 ten; }
geo $arg_ip $g2 {
    default d;
    10.0.0.0/8 ten;
    10.1.0.0/16 ten1;
    delete 10.1.2.0/24;
    2001:db8::/32 v6;
    192.168.0.1 one;
    ::1 six;
}
geo $arg_ip $g3 {
    ranges;
    default d;
    10.0.0.0-10.0.0.9 r1;
    10.0.0.5-10.0.0.7 r2;
    10.0.1.0-10.0.2.255 r3;
}
geo $gp { proxy 127.0.0.0/8; default d; 10.0.0.0/8 ten; 2001:db8::/32 v6; }
geo $gpr {
    proxy 127.0.0.0/8;
    proxy 10.0.0.0/8;
    proxy_recursive;
    default d;
    192.0.2.0/24 doc;
    10.0.0.0/8 ten;
}
split_clients "$arg_k-AAA" $variant {
    0.5% .one;
    20.0% .two;
    33.33% .three;
    * "";
}
split_clients $arg_k $v2 { 50% a; }
server {
    listen 80 default_server;
    server_name map.x;
    location / {
        return 200 "$mobile|$redir|$hn|$comb|$lang|$mapvar|$al|$vol|$cased";
    }
    location /geo { return 200 "$geo|$g2|$g3|$gp|$gpr"; }
    location /split { return 200 "$variant|$v2"; }
    location /mold { if ($redir) { return 301 $redir; } }
    location /mb { if ($redir) { return 301 $redir; } }
}
`,
    },
    requests: String.raw`
      map.x/
      map.x/ | User-Agent: Opera Mini
      map.x/ | User-Agent: iPhone
      map.x/ | User-Agent: x
      map.x/mold/a/b?c
      map.x/mb/Q.x
      map.x/MB/Q.X
      map.x/exactm
      map.x/EXACTM
      map.x/sp%20ace
      map.x/default
      example.com/
      www.example.com/
      a.b.example.com/
      x.dotted.com/
      dotted.com/
      www.foo/
      www.example.com./
      rx7/
      rx/
      EXAMPLE.COM/
      map.x/?a=1&b=2
      map.x/?a=3&b=4
      map.x/?a=33&b=4
      map.x/?lang=de
      map.x/?lang=DE
      map.x/?lang=french
      map.x/?x=a&y=hey
      map.x/?x=b&y=hey%20you
      map.x/?x=c
      map.x/ | Accept-Language: de-DE,en
      map.x/ | Accept-Language: en,de
      map.x/?v=1
      map.x/?case=abc
      map.x/geo
      map.x/geo?ip=10.0.0.1
      map.x/geo?ip=10.0.0.5
      map.x/geo?ip=10.0.0.8
      map.x/geo?ip=10.0.1.77
      map.x/geo?ip=10.0.3.0
      map.x/geo?ip=10.1.2.3
      map.x/geo?ip=10.1.3.3
      map.x/geo?ip=2001:db8::7
      map.x/geo?ip=::1
      map.x/geo?ip=::ffff:10.0.0.1
      map.x/geo?ip=192.168.0.1
      map.x/geo?ip=192.168.0.2
      map.x/geo?ip=bogus
      map.x/geo?ip=
      map.x/geo | X-Forwarded-For: 10.1.1.1
      map.x/geo | X-Forwarded-For: 192.0.2.1, 10.1.1.1
      map.x/geo | X-Forwarded-For: 192.0.2.1, 10.1.1.1, 127.0.0.5
      map.x/geo | X-Forwarded-For: 2001:db8::1
      map.x/geo | X-Forwarded-For: bogus
      map.x/geo | X-Forwarded-For: 192.0.2.1 | X-Forwarded-For: 10.1.1.1
      map.x/geo | X-Forwarded-For: bogus, 10.1.1.1
      map.x/geo | X-Forwarded-For: 10.1.1.1, bogus
      map.x/split?k=a
      map.x/split?k=b
      map.x/split?k=c
      map.x/split?k=d
      map.x/split?k=e
      map.x/split?k=f
      map.x/split?k=ghijk
      map.x/split?k=1234567
    `,
  },
];
