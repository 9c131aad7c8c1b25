import { assertEquals, assertThrows } from "@std/assert";
import { type Arguments, parseArguments } from "../../src/cli/arguments.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const NOTHING: Arguments = {
  command: "serve",
  file: undefined,
  prefix: undefined,
  globals: undefined,
  errorLog: undefined,
  signal: undefined,
  quiet: false,
  folder: undefined,
  listen: undefined,
  host: undefined,
  port: undefined,
  autoindex: undefined,
  spa: false,
  cors: false,
  live: false,
  open: false,
  https: undefined,
  lint: undefined,
};

const AUTHORITY = {
  kind: "authority",
  email: undefined,
  issuer: undefined,
  issuerCa: undefined,
  staging: false,
  http: undefined,
  state: undefined,
} as const;

Deno.test("parseArguments() reads options", () => {
  const rows: [string[], Partial<Arguments>][] = [
    [[], {}],
    [["-c", "a.conf"], { file: "a.conf" }],
    [["-p", "dir"], { prefix: "dir" }],
    [["-g", "pid x; daemon off;"], { globals: "pid x; daemon off;" }],
    [["-e", "log"], { errorLog: "log" }],
    [["-t"], { command: "test" }],
    [["-T"], { command: "dump" }],
    [["-t", "-T"], { command: "dump" }],
    [["-tq"], { command: "test", quiet: true }],
    [["-t", "--lint=off"], { command: "test", lint: "off" }],
    [["--lint=-a,-b", "-T"], { command: "dump", lint: "-a,-b" }],
    [["-tqc", "f"], { command: "test", quiet: true, file: "f" }],
    [["-c/etc/w.conf"], { file: "/etc/w.conf" }],
    [["-sreload"], { command: "signal", signal: "reload" }],
    [["-q", "-t", "-c", "x"], { command: "test", quiet: true, file: "x" }],
    [["-v"], { command: "version" }],
    [["--version"], { command: "version" }],
    [["-V"], { command: "configuration" }],
    [["-h"], { command: "help" }],
    [["-?"], { command: "help" }],
    [["--help"], { command: "help" }],
    [["-s", "stop"], { command: "signal", signal: "stop" }],
    [["-s", "quit"], { command: "signal", signal: "quit" }],
    [["-s", "reload"], { command: "signal", signal: "reload" }],
    [["-s", "reopen", "-p", "x"], {
      command: "signal",
      signal: "reopen",
      prefix: "x",
    }],
    [["dir"], { folder: "dir" }],
    [["."], { folder: "." }],
    [["007"], { folder: "007" }],
    [["1e3"], { folder: "1e3" }],
    [["dir", "-l", "8081"], { folder: "dir", listen: "8081" }],
    [["-l", "127.0.0.1:80", "dir"], { folder: "dir", listen: "127.0.0.1:80" }],
    [["dir", "--autoindex"], { folder: "dir", autoindex: true }],
    [["--autoindex", "dir"], { folder: "dir", autoindex: true }],
    [["-c", "007"], { file: "007" }],
    [["dir", "--spa"], { folder: "dir", spa: true }],
    [["--live", "dir"], { folder: "dir", live: true }],
    [["--cors", "dir", "--spa"], { folder: "dir", spa: true, cors: true }],
    [["dir", "--tls"], {
      folder: "dir",
      https: { kind: "self-made", state: undefined },
    }],
    [["dir", "--tls", "--state", "s", "-l8444"], {
      folder: "dir",
      listen: "8444",
      https: { kind: "self-made", state: "s" },
    }],
    [
      [
        "dir",
        "-d",
        "A.example.org",
        "-db.example,c.example",
        "-d",
        "b.example",
      ],
      {
        folder: "dir",
        https: {
          ...AUTHORITY,
          domains: ["a.example.org", "b.example", "c.example"],
        },
      },
    ],
    [["-d", "a.example", "dir", "--staging", "--http", "8080"], {
      folder: "dir",
      https: {
        ...AUTHORITY,
        domains: ["a.example"],
        staging: true,
        http: "8080",
      },
    }],
    [
      [
        ...["dir", "-d", "a", "--issuer=https://ca.example/dir"],
        ...["--issuer-ca", "ca.crt", "--email", "me@a.example", "--state=s"],
      ],
      {
        folder: "dir",
        https: {
          ...AUTHORITY,
          domains: ["a"],
          issuer: "https://ca.example/dir",
          issuerCa: "ca.crt",
          email: "me@a.example",
          state: "s",
        },
      },
    ],
  ];
  for (const [words, expected] of rows) {
    assertEquals(
      parseArguments(words),
      { ...NOTHING, ...expected },
      words.join(" "),
    );
  }
});

Deno.test("parseArguments() refuses what it does not know", () => {
  const rows: [string[], string][] = [
    [["-x"], 'invalid option: "-x" (see "webserv -h")'],
    [["--port"], 'option "--port" requires a number'],
    [
      ["a", "-l", "1", "--port", "2"],
      'option "-l" says the port, and perhaps the address: leave out --host ' +
      "and --port",
    ],
    [
      ["a", "--autoindex", "--no-autoindex"],
      'options "--autoindex" and "--no-autoindex" do not go together',
    ],
    [["--host", "::1"], 'option "--host" goes with a folder to serve'],
    [["--hel"], 'invalid option: "--hel" (did you mean "--help"?)'],
    [["--versio"], 'invalid option: "--versio" (did you mean "--version"?)'],
    [["-c"], 'option "-c" requires a file name'],
    [["-s"], 'option "-s" requires one of stop, quit, reload, reopen'],
    [["-p"], 'option "-p" requires a folder'],
    [["-g"], 'option "-g" requires directives'],
    [["-c", "a", "-c", "b"], 'option "-c" is given twice'],
    [
      ["-s", "Stop"],
      'invalid option: "-s Stop", expected one of stop, quit, reload, reopen',
    ],
    [
      ["-s", "toString"],
      'invalid option: "-s toString", ' +
      "expected one of stop, quit, reload, reopen",
    ],
    [["a", "b"], 'one folder at most, but there are 2: "a" "b"'],
    [["-l", "8080"], 'option "-l" goes with a folder to serve'],
    [["--spa"], 'option "--spa" goes with a folder to serve'],
    [["--cors", "-t"], 'option "--cors" goes with a folder to serve'],
    [["--autoindex"], 'option "--autoindex" goes with a folder to serve'],
    [["--open"], 'option "--open" goes with a folder to serve'],
    [["--live", "-t"], 'option "--live" goes with a folder to serve'],
    ...["live", "open"].map((name): [string[], string] => [
      ["dir", "-d", "a.example", `--${name}`],
      `options "--${name}" and "-d" do not go together: what everybody ` +
      'finds is no preview; leave it out, or write "--tls" instead of -d',
    ]),
    [["--tls"], 'option "--tls" goes with a folder to serve'],
    [["-d", "a.example"], 'option "-d" goes with a folder to serve'],
    [["--email", "a@b"], 'option "--email" goes with a folder to serve'],
    [["--state", "x", "-t"], 'option "--state" goes with a folder to serve'],
    [["dir", "-d"], 'option "-d" requires a name'],
    [["dir", "-d", "a.example", "-d", ""], 'option "-d" requires a name'],
    [
      ["dir", "--email", "a", "--email", "b"],
      'option "--email" is given twice',
    ],
    ...["--staging", "--email=a", "--http=80", "--issuer=b", "--issuer-ca=c"]
      .map((word): [string[], string] => [
        ["dir", word],
        `option "${word.split("=")[0]}" goes with "-d name": without a name ` +
        "no authority is asked for a certificate",
      ]),
    [
      ["dir", "--state", "x"],
      'option "--state" goes with "-d name" or "--tls"',
    ],
    [
      ["dir", "--tls", "-d", "a.example"],
      'options "--tls" and "-d" do not go together: the one makes a ' +
      "certificate for this machine, the other gets one that everybody trusts",
    ],
    [
      ["dir", "-d", "a.example", "--staging", "--issuer", "https://b/"],
      'options "--issuer" and "--staging" do not go together: the URL says ' +
      "which authority it is",
    ],
    [["--lint=off"], 'option "--lint" goes with -t'],
    [["-t", "--lint="], 'option "--lint" requires on, off, or names of rules'],
    [["-t", "--lint=a", "--lint=b"], 'option "--lint" is given twice'],
    [["dir", "--tls=yes"], 'option "--tls" takes no value'],
    [["-t", "--help="], 'option "--help" takes no value'],
    [["dir", "--cors=false"], 'option "--cors" takes no value'],
    [["--cor"], 'invalid option: "--cor" (did you mean "--cors"?)'],
    [
      ["dir", "-p", "8081"],
      'a folder ("dir") is served without a prefix: leave out -p; ' +
      'for a port write "--port 8081"',
    ],
    [
      ["-p8081", "dir"],
      'a folder ("dir") is served without a prefix: leave out -p; ' +
      'for a port write "--port 8081"',
    ],
    [
      ["dir", "-p", "/srv"],
      'a folder ("dir") is served without a prefix: leave out -p',
    ],
    [
      ["dir", "-c", "x"],
      'a folder ("dir") is served without configuration: leave out -c and -s',
    ],
    [
      ["dir", "-s", "stop"],
      'a folder ("dir") is served without configuration: leave out -c and -s',
    ],
  ];
  for (const [words, message] of rows) {
    const error = assertThrows(() => parseArguments(words), UsageError);
    assertEquals(error.message, message);
  }
});
