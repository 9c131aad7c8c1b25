import { assertEquals, assertThrows } from "@std/assert";
import { resolve } from "@std/path";
import { parseArguments } from "../../src/cli/arguments.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { locateConfiguration } from "../../src/cli/locate.ts";

function located(...words: string[]) {
  const { file, prefix } = locateConfiguration(parseArguments(words));
  return [file, prefix];
}

Deno.test("locateConfiguration() finds file and prefix", () => {
  const here = Deno.cwd();
  const rows: [string[], string, string][] = [
    [["-c", "/etc/x/a.conf"], "/etc/x/a.conf", "/etc/x"],
    [["-c", "sub/a.conf"], `${here}/sub/a.conf`, `${here}/sub`],
    [["-p", "/srv"], "/srv/webserv.conf", "/srv"],
    [["-p", "/srv/", "-c", "a.conf"], "/srv/a.conf", "/srv"],
    [["-p", "/srv", "-c", "/etc/a.conf"], "/etc/a.conf", "/srv"],
    [["-p", "sub"], `${here}/sub/webserv.conf`, `${here}/sub`],
    [["-c", "-"], "/dev/stdin", here],
    [["-c", "/dev/stdin"], "/dev/stdin", here],
    [["-c", "/proc/self/fd/0"], "/dev/stdin", here],
    [["-c", "/dev/fd/0", "-p", "/srv"], "/dev/stdin", "/srv"],
    [["-c", "/dev/fd/63"], "/dev/fd/63", here],
    [["-c", "/proc/self/fd/11"], "/proc/self/fd/11", here],
  ];
  for (const [words, file, prefix] of rows) {
    assertEquals(located(...words), [file, prefix], words.join(" "));
  }
});

Deno.test("locateConfiguration() takes webserv.conf of the folder", () => {
  if (!Deno.statSync("webserv.conf").isFile) return;
  assertEquals(located(), [resolve("webserv.conf"), resolve(".")]);
});

Deno.test("locateConfiguration() makes a configuration of a folder", () => {
  const folder = Deno.makeTempDirSync();
  const rows: [string[], string, string][] = [
    [["-l", "*:8080"], "*:8080", "on"],
    [["-l", "127.0.0.1:0"], "127.0.0.1:0", "on"],
    [["--host", "::1", "--port", "81"], "[::1]:81", "on"],
    [["--host", "127.0.0.1"], "127.0.0.1:8080", "on"],
    [["--port", "82", "--no-autoindex"], "[::]:82", "off"],
    [["-l", "[::1]:81", "--autoindex"], "[::1]:81", "on"],
  ];
  for (const [words, listen, autoindex] of rows) {
    const source = locateConfiguration(parseArguments([folder, ...words]));
    assertEquals(source.prefix, folder);
    const [server, ...others] = source.statements!;
    assertEquals([server!.name, others], ["server", []]);
    const block = Object.fromEntries(
      server!.block!.map(({ name, args }) => [name, args.join(" ")]),
    );
    assertEquals(block["listen"], listen);
    assertEquals(resolve(source.prefix, block["root"]!), folder);
    assertEquals(block["autoindex"], autoindex);
  }
  Deno.removeSync(folder);
});

Deno.test("locateConfiguration() refuses what it cannot serve", () => {
  const file = Deno.makeTempFileSync();
  const rows: [string[], string][] = [
    [[`${file}x`], `there is no folder "${file}x"`],
    [
      [file],
      `"${file}" is not a folder: expected one, or -c before the name of a ` +
      "configuration",
    ],
    [
      [".", "-l", "99999"],
      'invalid option: "-l 99999", expected [address:]port',
    ],
    [[".", "-l", "a.b"], 'invalid option: "-l a.b", expected [address:]port'],
  ];
  for (const [words, message] of rows) {
    const error = assertThrows(() => located(...words), UsageError);
    assertEquals(error.message, message);
  }
  Deno.removeSync(file);
});
