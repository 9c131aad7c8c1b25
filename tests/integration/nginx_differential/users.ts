/** Who may, by name and address: `auth_basic`, `satisfy`. */

/** The files of users, below the root. */
export const USERS_FILES: Readonly<Record<string, string>> = {
  // All passwords are "secret"; made by htpasswd, openssl and mkpasswd.
  "data/htusers": [
    "# users",
    "",
    "plain:{PLAIN}secret",
    "sha:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    "apr1:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0",
    "md5:$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
    "sha256:$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
    "sha512:$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
    "bcrypt:$2y$04$SJLMu.nauy74eXHcUMoWV.d0n8SwpcEx.XGbXKPGiUlFLZoAaIqMC",
    "bcrypta:$2a$05$ggKumQbybGaR09e1G/AIte/OJAfIOWAnJotPzp7VrH2YILCKaDaBi",
    "bcryptb:$2b$05$j8CEnOt32spgwVBayeMqEODLEIzmbYG7Rgn./fsj8jWoCbVZaPkPO",
    "text:secret",
    "lower:{plain}secret",
    "more:{PLAIN}secret:and a comment",
    "twice:{PLAIN}other",
    "twice:{PLAIN}secret",
    "nothing:",
    "nocolon",
    "broken:$2y$05$abc",
    "ünal:{PLAIN}secret",
    "crlf:{PLAIN}secret\r",
    "last:{PLAIN}secret",
  ].join("\n"),
  "data/htusers.named.example": "plain:{PLAIN}secret\n",
};

/** The server, to stand behind those of the site. */
export const USERS_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name users.example;
    root ROOT/www;
    auth_basic "site of $host";
    auth_basic_user_file ROOT/data/htusers;
    location / { add_header X-Location "[$remote_user]" always; }
    location /free/ { auth_basic off; alias ROOT/www/; add_header X-Location "[$remote_user]"; }
    location /variable/ { auth_basic $arg_realm; alias ROOT/www/; }
    location /by/host/ { auth_basic_user_file ROOT/data/htusers.$arg_host; alias ROOT/www/; }
    location /missing/ { auth_basic_user_file ROOT/data/none; alias ROOT/www/; }
    location /folder/ { auth_basic_user_file ROOT/data; alias ROOT/www/; }
    location /below/ { auth_basic_user_file ROOT/data/htusers/x; alias ROOT/www/; }
    location /denied/ { deny all; alias ROOT/www/; }
    location /allowed/ { allow all; alias ROOT/www/; }
    location /any/ {
      satisfy any;
      alias ROOT/www/;
      location /any/denied/ { deny all; alias ROOT/www/; }
      location /any/allowed/ { allow all; alias ROOT/www/; }
      location /any/else/ { deny 10.0.0.1; alias ROOT/www/; }
      location /any/else/allow/ { allow 10.0.0.1; alias ROOT/www/; }
      location /any/off/ { auth_basic off; deny all; alias ROOT/www/; }
      location /any/neither/ { auth_basic off; alias ROOT/www/; }
      location /any/missing/ { deny all; auth_basic_user_file ROOT/data/none; alias ROOT/www/; }
      location /any/missing/allowed/ { allow all; auth_basic_user_file ROOT/data/none; alias ROOT/www/; }
      location /any/folder/ { deny all; auth_basic_user_file ROOT/data; alias ROOT/www/; }
      location /any/.well-known/acme-challenge/ { auth_basic off; allow all; alias ROOT/www/; }
    }
    location /read/ {
      auth_basic off;
      alias ROOT/www/;
      limit_except GET { auth_basic writers; }
    }
    location /write/ {
      alias ROOT/www/;
      limit_except POST { auth_basic off; }
    }
    location /read/any/ {
      auth_basic off;
      satisfy any;
      alias ROOT/www/;
      limit_except GET { auth_basic writers; deny all; }
    }
    location /page/ { error_page 401 /free/page.html; alias ROOT/www/; }
    location /page/protected/ { error_page 401 /page.html; alias ROOT/www/; }
    location /page/any/ { error_page 401 /any/allowed/page.html; alias ROOT/www/; }
    location /page/ok/ { error_page 401 =200 /free/page.html; alias ROOT/www/; }
    location /page/named/ { error_page 401 = @login; alias ROOT/www/; }
    location /page/forbidden/ { error_page 401 =403 /free/page.html; alias ROOT/www/; }
    location @login { auth_basic off; default_type text/plain; return 200 "log in, $remote_user\n"; }
    location /rewritten/ { rewrite ^/rewritten/(.*)$ /$1 last; }
    location /freed/ { auth_basic off; rewrite ^/freed/(.*)$ /$1 last; }
    location /guarded/ { rewrite ^/guarded/(.*)$ /free/$1 last; }
    location /returned { return 200 "not asked\n"; }
    location /tried/ { auth_basic off; alias ROOT/www/; try_files /none /a.txt; }
  }
  server {
    listen 127.0.0.1:PORT;
    server_name unnamed.example;
    root ROOT/www;
    add_header X-Location "[$remote_user]";
    location / { }
    location /realm/ { auth_basic "nobody is asked"; alias ROOT/www/; }
  }
`;

function as(user: string, password = "secret"): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Authorization: Basic ${btoa(String.fromCharCode(...bytes))}`;
}

const USERS = `sha apr1 md5 sha256 sha512 bcrypt bcrypta bcryptb text
  lower more twice nothing nocolon broken ünal crlf last nobody # pla plain2`
  .split(/\s+/);

const PATHS = `/ /a.txt /none /sub /free/a.txt /variable/a.txt
  /variable/a.txt?realm=off /variable/a.txt?realm=x /by/host/a.txt
  /by/host/a.txt?host=named.example /by/host/a.txt?host=x /missing/a.txt
  /folder/a.txt /below/a.txt /denied/a.txt /allowed/a.txt /any/a.txt
  /any/denied/a.txt /any/allowed/a.txt /any/else/a.txt /any/else/allow/a.txt
  /any/off/a.txt /any/neither/a.txt /any/missing/a.txt
  /any/missing/allowed/a.txt /any/folder/a.txt
  /any/.well-known/acme-challenge/a.txt /read/a.txt /write/a.txt
  /read/any/a.txt /page/a.txt /page/protected/a.txt /page/any/a.txt
  /page/ok/a.txt /page/named/a.txt /page/forbidden/a.txt /rewritten/a.txt
  /freed/a.txt /guarded/a.txt /returned /tried/a.txt`.split(/\s+/);

/** The requests: a table for each host. */
export const USERS_REQUESTS: Readonly<Record<string, string>> = {
  "users.example": [
    ...USERS.flatMap((user) => [
      `/a.txt | ${as(user)}`,
      `/a.txt | ${as(user, "Secret")}`,
      `/a.txt | ${as(user, "")}`,
    ]),
    ...PATHS.flatMap((path) => [
      path,
      `${path} | ${as("plain")}`,
      `${path} | ${as("plain", "wrong")}`,
      `HEAD ${path} | ${as("plain", "wrong")}`,
      `POST ${path}`,
      `POST ${path} | ${as("plain")}`,
    ]),
    ...[
      "Basic",
      "basic   cGxhaW46c2VjcmV0",
      "Basic cGxhaW46c2VjcmV0=",
      "Basic cGxhaW4=",
      "Basic OnNlY3JldA==",
      "Basic !",
      "Bearer cGxhaW46c2VjcmV0",
    ].map((value) => `/a.txt | Authorization: ${value}`),
    // What a client knows of a representation does not get it in.
    ...[
      "Range: bytes=0-3",
      'If-Range: "65e079f0-24" | Range: bytes=0-3',
      "If-None-Match: *",
      'If-None-Match: "65e079f0-24"',
      "If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT",
      "If-Match: *",
    ].flatMap((field) => [
      `/a.txt | ${field}`,
      `HEAD /a.txt | ${field}`,
      `/a.txt | ${field} | ${as("plain")}`,
    ]),
  ].join("\n"),
  "unnamed.example": [
    `/a.txt | ${as("ann")}`,
    `/a.txt | ${as("ünal")}`,
    "/a.txt | Authorization: Basic YTo",
    "/a.txt | Authorization: Basic YQ==",
    "/realm/a.txt",
  ].join("\n"),
};
