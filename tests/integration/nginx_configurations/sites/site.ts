/** What the sites of the corpus have in common. */

/** A site as somebody would publish it, and what it is asked. */
export interface Site {
  /** Whose it is like. */
  readonly name: string;
  /**
   * The files of its machine: the configuration in `etc/nginx/`, and the tree
   * it serves. The main file is `etc/nginx/nginx.conf`, Debian's if left out.
   */
  readonly files: Readonly<Record<string, string>>;
  /**
   * The requests, a line each: `[METHOD] [https://]host/target | Field: v`.
   */
  readonly requests: string;
  /** Why webserv refuses it today; otherwise it takes it. */
  readonly refused?: string;
  /**
   * Where the answers differ on purpose: the request, then the lines of what
   * is told of it, and what docs/differences.md says of that, word for word.
   */
  readonly differs?: readonly {
    readonly told: string;
    readonly requests: readonly string[];
  }[];
  /** Modules of others that nginx has to have for it. */
  readonly modules?: readonly string[];
}

/** `/etc/mime.types` of nginx, the part that sites of today need. */
export const MIME_TYPES = String.raw`
types {
    text/html                                        html htm shtml;
    text/css                                         css;
    text/xml                                         xml;
    image/gif                                        gif;
    image/jpeg                                       jpeg jpg;
    application/javascript                           js;
    application/atom+xml                             atom;
    application/rss+xml                              rss;
    text/mathml                                      mml;
    text/plain                                       txt;
    image/png                                        png;
    image/svg+xml                                    svg svgz;
    image/webp                                       webp;
    image/x-icon                                     ico;
    font/woff                                        woff;
    font/woff2                                       woff2;
    application/json                                 json;
    application/pdf                                  pdf;
    application/wasm                                 wasm;
    application/zip                                  zip;
    application/octet-stream                         bin exe dll deb dmg iso img;
    audio/mpeg                                       mp3;
    video/mp4                                        mp4;
}
`;

/** The main file of Debian's package. */
export const DEBIAN = String.raw`user www-data;
worker_processes auto;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
include /etc/nginx/modules-enabled/*.conf;

events {
	worker_connections 768;
	# multi_accept on;
}

http {

	##
	# Basic Settings
	##

	sendfile on;
	tcp_nopush on;
	types_hash_max_size 2048;
	# server_tokens off;

	# server_names_hash_bucket_size 64;
	# server_name_in_redirect off;

	include /etc/nginx/mime.types;
	default_type application/octet-stream;

	##
	# SSL Settings
	##

	ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; # Dropping SSLv3, ref: POODLE
	ssl_prefer_server_ciphers on;

	##
	# Logging Settings
	##

	access_log /var/log/nginx/access.log;

	##
	# Gzip Settings
	##

	gzip on;

	# gzip_vary on;
	# gzip_proxied any;
	# gzip_comp_level 6;
	# gzip_buffers 16 8k;
	# gzip_http_version 1.1;
	# gzip_types text/plain text/css application/json application/javascript text/xml application/xml application/xml+rss text/javascript;

	##
	# Virtual Host Configs
	##

	include /etc/nginx/conf.d/*.conf;
	include /etc/nginx/sites-enabled/*;
}


#mail {
#	# See sample authentication script at:
#	# http://wiki.nginx.org/ImapAuthenticateWithApachePhpScript
#
#	server {
#		listen     localhost:110;
#		protocol   pop3;
#		proxy      on;
#	}
#}
`;

/** The main file of the official container image. */
export const CONTAINER = String.raw`
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /var/run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`;

/** A tree with a page, a style, a script and a picture, below `root`. */
export function tree(root: string): Record<string, string> {
  return {
    [`${root}/index.html`]: `<h1>${root}</h1>\n${"<p>text</p>\n".repeat(200)}`,
    [`${root}/404.html`]: "<h1>not here</h1>\n",
    [`${root}/50x.html`]: "<h1>broken</h1>\n",
    [`${root}/robots.txt`]: "User-agent: *\n",
    [`${root}/favicon.ico`]: "icon",
    [`${root}/about.html`]: "<h1>about</h1>\n",
    [`${root}/blog/index.html`]: "<h1>blog</h1>\n",
    [`${root}/assets/site.css`]: "body { margin: 0 }\n".repeat(100),
    [`${root}/assets/app.3f2a1b.js`]: "console.log(1);\n".repeat(100),
    [`${root}/assets/logo.svg`]: "<svg/>\n",
    [`${root}/assets/font.woff2`]: "font",
    [`${root}/data.json`]: '{"a":1}\n',
    [`${root}/.env`]: "SECRET=1\n",
    [`${root}/.well-known/security.txt`]: "Contact: mailto:a@example.com\n",
  };
}

/** A tree for several servers, as texts that say where they are from. */
export const WEB_TREE: Readonly<Record<string, string>> = {
  "srv/www/index.html": "home\n",
  "srv/www/sub/index.html": "sub\n",
  "srv/www/about.html": "about\n",
  "srv/www/blog/posts/one.html": "one\n",
  "srv/www/en/index.html": "en\n",
  "srv/www/de/index.html": "de\n",
  "srv/www/images/a.gif": "img\n",
  "srv/www/404.html": "404\n",
  "srv/www/50x.html": "50x\n",
  "srv/www/maintenance.html": "maintenance\n",
  "srv/www/s.css": "x{}\n",
  "srv/www/a.js": "a\n",
  "srv/www/t.txt": "plain\n",
  "srv/hosts/alice/index.html": "alice\n",
  "srv/hosts/bob/index.html": "bob\n",
};
