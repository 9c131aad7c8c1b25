/** Names of servers and paths of locations, of every kind. */

import { type Site, WEB_TREE } from "./site.ts";

/** The sites. */
export const NAME_SITES: readonly Site[] = [
  {
    name: "names of every kind",
    files: {
      ...WEB_TREE,
      "etc/nginx/sites-enabled/names": String.raw`server {
    listen 80 default_server;
    server_name example.org www.example.org;
    return 200 "1 $server_name|$host|$http_host";
}
server {
    listen 80;
    server_name example.net www.example.net;
    return 200 "2 $server_name";
}
server {
    listen 80;
    server_name *.wild.org;
    return 200 "3 $server_name";
}
server {
    listen 80;
    server_name a.wild.org;
    return 200 "4 $server_name";
}
server {
    listen 80;
    server_name mail.*;
    return 200 "5 $server_name";
}
server {
    listen 80;
    server_name *.a.wild.org;
    return 200 "6 $server_name";
}
server {
    listen 80;
    server_name .dot.org;
    return 200 "7 $server_name";
}
server {
    listen 80;
    server_name ~^(?<user>.+)\.example\.biz$ "~^(www\.)?(?<domain>.+\.info)$";
    return 200 "8 $user|$domain|$1|$2|$server_name";
}
server {
    listen 80;
    server_name "";
    return 200 "9 $server_name|$host";
}
server {
    listen 80;
    server_name ~^(www\.)?(.+)\.cap$;
    root /srv/hosts/$2;
    location / { }
    location ~ ^/(x)(y)$ { return 200 "10 $1$2"; }
    location /c { return 200 "10 $1$2"; }
    location /rw { rewrite ^/rw(.)(.)$ /c2/$1$2; }
    location /c2 { return 200 "c2 $1$2 $uri"; }
    location /if {
        if ($uri ~ f(.)) { return 200 "if $1"; }
        return 200 "noif $1 $2";
    }
}
server {
    listen 80;
    server_name 127.0.0.1 [::1] localhost;
    return 200 "11 $server_name $host";
}
server {
    listen 80;
    server_name first.srv second.srv;
    server_name_in_redirect on;
    location /r { return 301 /x; }
    location / { root /srv/www; }
}
server {
    listen 80;
    server_name *.sn.srv;
    server_name_in_redirect on;
    location / { root /srv/www; }
}
server {
    listen 80;
    server_name rel.srv;
    absolute_redirect off;
    root /srv/www;
    location /r { return 301 /x; }
    location /ra { return 301 http://q/x; }
    location /rw { rewrite ^ /zz permanent; }
}
server {
    listen 80;
    server_name nop.srv;
    port_in_redirect off;
    root /srv/www;
    location /r { return 301 /x; }
}
`,
    },
    requests: String.raw`
      example.org/
      www.example.org/
      EXAMPLE.org/
      example.org./
      example.net/
      nosuch/
      x.wild.org/
      a.wild.org/
      b.a.wild.org/
      x.y.wild.org/
      wild.org/
      mail.wild.org/
      mail.foo/
      mail.foo.bar/
      mail/
      dot.org/
      x.dot.org/
      x.y.dot.org/
      joe.example.biz/
      www.foo.info/
      foo.info/
      FOO.INFO/
      127.0.0.1/
      localhost/
      www.alice.cap/
      alice.cap/
      bob.cap/xy
      bob.cap/c
      www.bob.cap/c
      www.bob.cap/rwpq
      www.bob.cap/if
      www.bob.cap/iff
      www.bob.cap/i
      second.srv/r
      second.srv/sub
      rel.srv/r
      rel.srv/ra
      rel.srv/rw
      rel.srv/sub
      rel.srv/sub?x=1
      nop.srv/r
      nop.srv/sub
      example.org/?a=1&b
    `,
  },
  {
    name: "locations of every kind",
    files: {
      ...WEB_TREE,
      "etc/nginx/sites-enabled/locations": String.raw`server {
    listen 80;
    server_name pic.srv;
    root /srv/www;
    location = / { return 200 "A"; }
    location / { return 200 "B"; }
    location /documents/ { return 200 "C"; }
    location ^~ /images/ { return 200 "D"; }
    location ~* \.(gif|jpg|jpeg)$ { return 200 "E"; }
    location /nest/ {
        location ~ \.x$ { return 200 "N1"; }
        location /nest/deep/ { return 200 "N2"; }
        return 200 "N0";
    }
    location ~ \.x$ { return 200 "R"; }
    location ~ ^/re/(?<one>[a-z]+)/(?P<two>\d+)$ {
        return 200 "$one-$two-$1-$2";
    }
    location = /exact { return 200 "X"; }
    location /exact { return 200 "P"; }
    location ~ \A/anch\z { return 200 "anch"; }
    location ~ ^/pos/(?>a+)b { return 200 "atomic"; }
    location ~ ^/poss/a++b { return 200 "possessive"; }
    location ~ (?i)^/CASE$ { return 200 "ci"; }
    location ~ "^/q/[[:alpha:]]{2,3}$" { return 200 "posix"; }
    location ~ "^/\Q.+\E$" { return 200 "quoted"; }
    location ~ "^/hex/\x{41}\x42" { return 200 "hex"; }
    location ~ ^/(a|b)/\1$ { return 200 "back"; }
    location ~ ^/la/(?!x)(?<=/)y { return 200 "look"; }
    location ~ ^/u/(?<n>.)(?<m>.)?$ { return 200 "[$n][$m]"; }
}
`,
    },
    requests: String.raw`
      pic.srv/
      pic.srv/index.html
      pic.srv/documents/document.html
      pic.srv/images/1.gif
      pic.srv/documents/1.jpg
      pic.srv/documents/1.JPG
      pic.srv/nest/
      pic.srv/nest/a.x
      pic.srv/nest/deep/a.x
      pic.srv/nest/deep/a
      pic.srv/a.x
      pic.srv/re/abc/12
      pic.srv/exact
      pic.srv/exact/
      pic.srv/exactly
      pic.srv/anch
      pic.srv/anch%0a
      pic.srv/pos/aaab
      pic.srv/poss/aab
      pic.srv/case
      pic.srv/q/ab
      pic.srv/q/a1
      pic.srv/.+
      pic.srv/hex/AB
      pic.srv/a/a
      pic.srv/a/b
      pic.srv/la/y
      pic.srv/la/x
      pic.srv/u/1
      pic.srv/u/12
      pic.srv//documents//x
      pic.srv/a/../documents/x
      pic.srv/%64ocuments/x
      pic.srv/documents
    `,
  },
];
