import { assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { SecretSearch } from "../../src/lint/secret_files.ts";

function withFiles(
  files: Readonly<Record<string, string>>,
  run: (folder: string) => void,
): void {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [path, text] of Object.entries(files)) {
      Deno.mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
      Deno.writeTextFileSync(`${folder}/${path}`, text);
    }
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("SecretSearch finds what is seldom meant for clients", () => {
  const rows: [path: string, what: string | undefined, text?: string][] = [
    [".git/config", "the history of the source"],
    [".git/objects/aa/bb", undefined],
    [".svn/entries", "the history of the source"],
    [".env", "settings with passwords"],
    [".env.production", "settings with passwords"],
    [".environment", undefined],
    [".htpasswd", "passwords"],
    [".bash_history", "a history of commands"],
    ["a/id_rsa", "a private key"],
    ["a/id_rsa.pub", undefined],
    ["a/x.pfx", "a private key"],
    ["a/x.key", "a private key", "-----BEGIN EC PRIVATE KEY-----"],
    ["a/x.pem", undefined, "-----BEGIN CERTIFICATE-----"],
    ["a/talk.key", undefined, "a presentation"],
    ["index.html~", "a backup"],
    ["index.html.bak", "a backup"],
    [".index.html.swp", "a backup"],
    ["bakery.html", undefined],
    ["dump.sql", "a database"],
    ["dump.sql.gz", "a database"],
    ["db.sqlite3", "a database"],
    ["sql.html", undefined],
    ["wp-config.php", "the source of a program"],
    ["php.html", undefined],
    ["node_modules/x.sql", undefined],
    ["1/2/3/4/5/6/x.sql", "a database"],
    ["1/2/3/4/5/6/7/x.sql", undefined],
  ];
  for (const [path, what, text = ""] of rows) {
    withFiles({ [path]: text }, (folder) => {
      const found = new SecretSearch().in(folder);
      const expected = what === undefined
        ? []
        : [{ path: `${folder}/${path}`, what }];
      assertEquals(found, expected, path);
    });
  }
});

Deno.test("SecretSearch takes a few of each kind, and follows no link", () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`d/${i}.sql`, ""]),
  );
  withFiles(files, (folder) => {
    Deno.symlinkSync(folder, `${folder}/d/loop`);
    const search = new SecretSearch();
    assertEquals(search.in(folder).length, 8);
    assertEquals(search.in(folder), search.in(folder));
  });
  assertEquals(new SecretSearch().in("/nowhere/at/all"), []);
});
