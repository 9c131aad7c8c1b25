/**
 * `deno task npm`: a package for npm in `dist/npm`, which runs webserv with the
 * Deno of the package "deno". The program is bundled, so nothing is fetched
 * when it starts.
 */

import { dirname, fromFileUrl, join } from "@std/path";
import { SIGNALS } from "../../src/cli/options/signals.ts";
import { VERSION } from "../../src/version.ts";
import { Compiler } from "../compile/compiler.ts";
import { executableFlags } from "../compile/flags.ts";
import { documents } from "../release/documents.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

/** Where it is put, relative to the project. */
const OUTPUT = "dist/npm";

/** What the program may not do: read what is not in the package. */
const CLOSED = ["--no-config", "--no-lock", "--no-npm", "--no-remote"];

/** The version of Deno that the program is tested with. */
const DENO_VERSION = "2.9.6";

/** Makes the package. */
async function main(): Promise<void> {
  const compiler = new Compiler({
    project: PROJECT,
    base: "deno",
    ownBase: undefined,
    say: () => {},
  });
  await compiler.bundle();
  const output = join(PROJECT, OUTPUT);
  await Deno.remove(output, { recursive: true }).catch(() => {}); // None yet.
  for (const folder of ["bin", "program"]) {
    Deno.mkdirSync(join(output, folder), { recursive: true });
  }
  const copy = (from: string, to: string) =>
    Deno.copyFileSync(join(PROJECT, from), join(output, to));
  for (const name of ["main.js", "worker.js", "verifier_thread.js"]) {
    copy(`dist/bundle/${name}`, `program/${name}`);
  }
  copy("tools/npm/launcher.cjs", "bin/webserv.cjs");
  Deno.chmodSync(join(output, "bin/webserv.cjs"), 0o755);
  copy("LICENSE", "LICENSE");
  const texts = documents(PROJECT);
  for (const [path, text] of texts) {
    Deno.mkdirSync(join(output, dirname(path)), { recursive: true });
    Deno.writeTextFileSync(join(output, path), text);
  }
  const config = JSON.parse(Deno.readTextFileSync(join(PROJECT, "deno.json")));
  const write = (name: string, value: unknown) =>
    Deno.writeTextFileSync(
      join(output, name),
      JSON.stringify(value, undefined, 2) + "\n",
    );
  write("program/launch.json", {
    flags: [...executableFlags(config), ...CLOSED],
    signals: SIGNALS.flatMap(({ signals }) => signals),
  });
  write("package.json", {
    name: config.name,
    version: VERSION,
    description: "A web server for static sites, configured in the language " +
      "of nginx",
    license: config.license,
    bin: { webserv: "bin/webserv.cjs" },
    files: ["bin", "program", ...texts.map(([path]) => path)],
    engines: { node: ">=18" },
    dependencies: { deno: DENO_VERSION },
  });
  console.error(`npm: ${OUTPUT}`);
}

if (import.meta.main) await main();
