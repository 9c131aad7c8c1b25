import { assertEquals, assertRejects } from "@std/assert";
import { checkConfiguration } from "../../src/cli/check.ts";
import { ConfigFileError } from "../../src/config/syntax/include.ts";

/** What is wrong with a configuration, and what it is warned of. */
async function check(
  config: string,
  errorLog?: string,
): Promise<{ faults: string[]; warnings: string[]; left: string[] }> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const file = `${folder}/webserv.conf`;
  Deno.writeTextFileSync(file, config);
  Deno.mkdirSync(`${folder}/html`);
  const warnings: string[] = [];
  const { faults } = await checkConfiguration(
    { file, prefix: folder },
    errorLog?.replace("FOLDER", folder),
    (message) => warnings.push(message),
  );
  const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  Deno.removeSync(folder, { recursive: true });
  const plain = (text: string) => text.replaceAll(folder, "FOLDER");
  return {
    faults: faults.inOrder().map(({ message }) => plain(message)),
    warnings: warnings.map(plain),
    left,
  };
}

const GOOD = "pid logs/pid; error_log logs/error.log;" +
  "server { listen 127.0.0.1:0; access_log logs/access.log; }";

Deno.test("a check of what is right finds nothing, and leaves nothing", async () => {
  assertEquals(await check(GOOD), {
    faults: [],
    warnings: [],
    left: ["html", "webserv.conf"],
  });
});

Deno.test("a check finds all that is wrong, in the order of the file", async () => {
  const { faults } = await check(`
pid html;
error_log html;
servr { }
server {
    listen 127.0.0.1:0;
    access_log html;
    return 200 one
}
`);
  assertEquals(faults.map((fault) => fault.split(" in FOLDER").at(-1)), [
    "/webserv.conf:2",
    "/webserv.conf:3",
    "/webserv.conf:4",
    "/webserv.conf:7",
    "/webserv.conf:9",
  ]);
});

Deno.test("a check warns of folders that are not there", async () => {
  const { faults, warnings } = await check(
    "pid logs/pid; server { listen 127.0.0.1:0; root none; }",
  );
  assertEquals(faults, []);
  assertEquals(warnings, [
    'root "FOLDER/none" does not exist in FOLDER/webserv.conf:1',
  ]);
});

Deno.test("the log of -e is looked at where the file names none", async () => {
  const bare = "pid logs/pid; server { listen 127.0.0.1:0; access_log off; }";
  const rows: [config: string, errorLog: string, faults: number][] = [
    [bare, "FOLDER/error.log", 0],
    [bare, "FOLDER/html", 1],
    [`error_log logs/e; ${bare}`, "FOLDER/html", 0],
  ];
  for (const [config, errorLog, count] of rows) {
    const { faults } = await check(config, errorLog);
    assertEquals(faults.length, count, `${config} ${faults}`);
    if (count > 0) assertEquals(/ in command line:1$/.test(faults[0]!), true);
  }
});

Deno.test("a file that cannot be read is no fault of a line", async () => {
  await assertRejects(
    () =>
      checkConfiguration(
        { file: "/nowhere/x.conf", prefix: "/nowhere" },
        undefined,
        () => {},
      ),
    ConfigFileError,
    'open() "/nowhere/x.conf" failed (2: No such file or directory)',
  );
});
