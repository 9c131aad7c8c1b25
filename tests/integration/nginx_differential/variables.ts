/** Variables that a configuration defines: `map`, `set`, groups of patterns. */

/** What stands in `http`. */
export const VARIABLES_HTTP = `
  map_hash_max_size 4096;
  map_hash_bucket_size 128;

  map $uri $kind {
    default none;
    /exact exact;
    /Two/Words "two words";
    "/in quotes" quoted;
    /\xc3\xa9 eacute;
    /chosen default;
    /empty "";
    /var $arg_v;
    /mixed "[$arg_v|\${later}]";
    ~^/num/(\\d+)/(?<rest>.*)$ "num $1 rest $rest";
    ~^/(?<first>[a-z])-$ "first $first";
    ~*^/case/[a-c]+$ case;
    ~/second second;
    ~^/second "never reached";
  }

  map $arg_m $escaped {
    \\default "word default";
    \\hostnames "word hostnames";
    \\volatile "word volatile";
    \\include "word include";
    \\~tilde "word tilde";
    \\\\back "word back";
    default other;
    "" empty;
    0 zero;
    "a b" blank;
  }

  map $http_x_name $byname {
    hostnames;
    default unknown;
    exact.example exact;
    .domain.example domain;
    *.wild.example wild;
    *.deep.wild.example deep;
    www.trailing.* trailing;
    www.trailing.more.* more;
    sub.wild.example "exact wins";
    ~^re\\d*\\.(?<tld>.+)$ "re $tld";
    plain plain;
    . dot;
  }

  map $http_x_name $partly {
    *.literal.example literal;
    hostnames;
    *.wild.example wild;
  }

  map "$arg_a:$arg_b" $pair {
    1:2 "one two";
    : neither;
    ~^(.*):x$ "$1 x";
    default "$arg_a-$arg_b";
  }

  map $pair $chained { "one two" 12; default "<$pair>"; }
  map $uri $kept { default $uri; }
  map $uri $fresh { volatile; default $uri; }
  map $uri $twice { default first; }
  map $args $twice { default second; x x; }
  map constant $constant { CONSTANT yes; default no; }
  map $arg_q $http_x_made { default "made $arg_q"; }
  map $nobody_sets_it $of_unset { "" "was empty"; default "was not"; }
  map $uri $later { default later; }
  map $host $without_default { x x; }
  map $arg_u $upper { ABC "upper"; \xc3\x84 "umlaut"; }
  map $uri $loggable { ~^/quiet 0; default 1; }
  map $arg_lang $language { default en; ~^de de; "~^(?<l2>[a-z]{2})-" $l2; }
`;

/** The servers, to stand behind those of the site. */
export const VARIABLES_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name map.example;
    root ROOT/www;
    default_type text/plain;
    location / {
      return 200 "[$kind][$escaped][$byname][$partly][$pair][$chained][$twice]
[$constant][$http_x_made][$without_default][$upper][$language][$rest][$first]";
    }
    location /moved { rewrite ^/moved/(.*)$ /there/$1 last; return 200 "$kept"; }
    location /there/ { return 200 "[$kept][$fresh][$1]"; }
    location /before {
      set $seen "$kept $fresh";
      rewrite ^/before/(.*)$ /after/$1 last;
    }
    location /after/ { return 200 "[$seen][$kept][$fresh]"; }
    location ~ ^/captures/(.)(.) {
      set $before "$1$2";
      set $mapped $kind;
      return 200 "[$before][$mapped][$1][$2]";
    }
    location /num/ { set $k $kind; return 200 "[$k][$1][$2][$rest]"; }
    location /redirect { return 302 /$language/; }
    location /file { try_files /$arg_f.$arg_e =404; }
    location /tree/ { alias ROOT/www/$language/; }
    location /quiet { if ($loggable) { return 200 "loud"; } return 200 "quiet"; }
    location /field { add_header X-Kind $kind; add_header X-None $without_default; return 200 "x"; }
    location /unset { return 200 "[$of_unset]"; }
    location /sets { set $nobody_sets_it 1; return 200 "[$of_unset]"; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name set.example;
    root ROOT/www;
    default_type text/plain;
    rewrite_log on;
    set $all "server $uri";
    set $count a;
    if ($arg_s) { set $all "if $arg_s"; }
    location / { return 200 "[$all][$later_set][$count]"; }
    location /later { set $later_set x; return 200 "[$all][$later_set]"; }
    location /order {
      set $n 1;
      set $n "$n 2";
      if ($arg_x = yes) { set $n "$n if"; }
      rewrite ^/order/(.*)$ /o/$1/$n break;
      set $n "$n never";
      return 200 "[$n][$uri]";
    }
    location /break {
      set $n 1;
      if ($arg_x) { set $n 2; break; }
      set $n "$n 3";
      return 200 "[$n]";
    }
    location /returned {
      set $n 1;
      return 200 "[$n]";
      set $n 2;
    }
    location /again {
      set $count "\${count}a";
      if ($count = aaaa) { return 200 "[$count]"; }
      rewrite ^ /again last;
    }
    location /page { set $kept_in_page yes; error_page 404 /error; return 404; }
    location = /error { return 200 "[$kept_in_page][$count][$all]"; }
    location /args { set $args "x=$arg_y&y=1"; return 200 "[$args][$query_string][$is_args][$arg_x][$arg_y]"; }
    location /noargs { set $args ""; return 200 "[$args][$is_args]"; }
    location /rwargs { set $args "new=1"; rewrite ^/rwargs$ /show last; }
    location /show { return 200 "[$uri][$args][$request_uri]"; }
    location /family { set $http_x_y "own"; set $arg_z "own"; return 200 "[$http_x_y][$arg_z][$http_x_z]"; }
    location /unfamily { return 200 "[$http_x_y][$arg_z]"; }
    location ~ ^/group/(?<taken>.)(?<other>.)?$ {
      set $was "$taken$other";
      set $taken "set";
      return 200 "[$was][$taken][$other][$1]";
    }
    location /groupless { return 200 "[$taken][$other]"; }
    location /regroup { set $taken one; if ($uri ~ "/re(?<taken>.+)$") { return 200 "[$taken]"; } return 200 "[$taken]"; }
    location /override { set $kind overridden; return 200 "[$kind]"; }
    location /sometimes { if ($arg_k) { set $kind overridden; } return 200 "[$kind]"; }
    location /file { set $name a; try_files /$name.$arg_e =404; }
    location /rooted { set $dir www; root ROOT/$dir; rewrite ^/rooted(/.*)$ $1 break; }
    location /urls { set $target http://other.example/$arg_p; return 301 $target; }
    location /rewritten { set $q "a=b"; rewrite ^/rewritten/(.*)$ /to/$1?$q redirect; }
    location /braces { set $b x; return 200 "\${b}y$b-"; }
    location /client {
      return 200 "[$binary_remote_addr][$proxy_add_x_forwarded_for][$pipe][$request_body][$request_body_file]";
    }
    location /cookies {
      return 200 "[$http_cookie][$cookie_a][$cookie_B_1][$cookie_none]";
    }
    location /arguments { return 200 "[$arg_a][$arg_B_1][$arg_none]"; }
    location /rate { set $limit_rate 10k; return 200 "[$limit_rate]"; }
    location /unrated { return 200 "[$limit_rate]"; }
    location /nothing { set $e ""; if ($e) { return 200 "not empty"; } return 200 "empty"; }
    location /zero { set $e 0; if ($e) { return 200 "not zero"; } return 200 "zero"; }
    location /bytes { set $e "$uri"; if ($e = $uri) { return 200 "same [$e]"; } return 200 "other"; }
    location /upper { set $MiXed "case"; return 200 "$mixed $MIXED"; }
  }
`;

/** The requests: a table for each host. */
export const VARIABLES_REQUESTS: Readonly<Record<string, string>> = {
  "map.example": `
    /exact
    /EXACT
    /exacts
    /two/words
    /in%20quotes
    /%C3%A9
    /%C3%89
    /chosen
    /empty
    /var?v=1
    /var
    /mixed?v=1
    /num/12/a
    /num/12/
    /num/x/
    /a-
    /case/ABC
    /CASE/abc
    /case/abd
    /second
    /x/second
    /second/x
    /moved/x
    /before/x
    /captures/xy
    /?m=default
    /?m=DEFAULT
    /?m=hostnames
    /?m=volatile
    /?m=include
    /?m=~tilde
    /?m=~TILDE
    /?m=\\back
    /?m=
    /?m=0
    /?m=00
    /?m=a%20b
    / | X-Name: exact.example
    / | X-Name: EXACT.example.
    / | X-Name: domain.example
    / | X-Name: a.domain.example
    / | X-Name: a.b.domain.example
    / | X-Name: xdomain.example
    / | X-Name: wild.example
    / | X-Name: a.wild.example
    / | X-Name: sub.wild.example
    / | X-Name: a.deep.wild.example
    / | X-Name: deep.wild.example
    / | X-Name: www.trailing.com
    / | X-Name: www.trailing.more.com
    / | X-Name: www.trailing
    / | X-Name: www.trailing.
    / | X-Name: re12.Net
    / | X-Name: RE12.net
    / | X-Name: re.a.example.
    / | X-Name: plain
    / | X-Name: Plain..
    / | X-Name: .
    / | X-Name: *.literal.example
    / | X-Name: a.literal.example
    /?a=1&b=2
    /?a=1&b=x
    /?a=&b=
    /?a=y
    /?x
    /?q=3
    /?u=abc
    /?u=aBc
    /?u=%C3%84
    /?u=\xc3\x84
    /?u=\xc3\xa4
    /?lang=de-AT
    /?lang=fr-FR
    /?lang=f
    /redirect?lang=it-IT
    /file?f=a&e=txt
    /file?f=none&e=txt
    /quiet
    /field
    /unset
    /sets
  `,
  "set.example": `
    /x
    /x?s=1
    /later
    /order/a
    /order/a?x=yes
    /order/a?x=no
    /break
    /break?x=1
    /returned
    /again
    /page
    /args
    /args?y=5&z
    /noargs?a=1
    /rwargs?old=1
    /rwargs
    /family | X-Y: theirs | X-Z: z
    /family?z=theirs
    /unfamily?z=theirs | X-Y: theirs
    /group/a
    /group/ab
    /groupless
    /regroup
    /exact
    /override
    /sometimes
    /sometimes?k=1
    /file?e=txt
    /file?e=none
    /rooted/a.txt
    /urls?p=x%20y
    /rewritten/a?c=d
    /braces
    /client
    /client | X-Forwarded-For: 192.0.2.1
    /client | X-Forwarded-For: 192.0.2.1 | X-Forwarded-For: 192.0.2.2, 192.0.2.3
    /cookies
    /cookies | Cookie: a=1; b_1=2
    /cookies | Cookie: A=1 ;B_1 = 2
    /cookies | Cookie: b_1=2 | Cookie: a=1
    /cookies | Cookie: ab=0; a=1; a=2
    /cookies | Cookie: x=1, a=2, b_1=3
    /cookies | Cookie: a=1,2; b_1=;
    /cookies | Cookie: x="a=1; b_1=2"
    /cookies | Cookie: a=b=c;b_1
    /cookies | Cookie: a =
    /arguments?a=1&b_1=2
    /arguments?A=1&B_1=2&a=3
    /arguments?aa=1&a&a=2
    /arguments?xa=1&b_1=
    /arguments?b_1=x?a=1
    /rate
    /unrated
    /nothing
    /zero
    /bytes/%C3%A9
    /upper
  `,
};
