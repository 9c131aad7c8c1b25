/**
 * `deno task release`: what people download, in `dist/release`. The same
 * sources give the same bytes.
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl, join } from "@std/path";
import { completionScript } from "../../src/cli/completions/completions.ts";
import { VERSION } from "../../src/version.ts";
import { BASE_VERSION, sha256 } from "../compile/base.ts";
import { Compiler } from "../compile/compiler.ts";
import { run } from "../compile/process.ts";
import {
  baseSource,
  CompileUsageError,
  type Target,
  targetOf,
  TARGETS,
} from "../compile/targets.ts";
import { type Entry, tarGz, zip } from "./archive.ts";
import { billOf, materialsOf } from "./bill.ts";
import { DEBIAN_ARCHITECTURES, makeDebian } from "./debian.ts";
import { documents } from "./documents.ts";
import { manPage } from "./man_page.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

/** Where it is put, relative to the project. */
const OUTPUT = "dist/release";

/** What the executable is made of. */
const ENTRIES = [
  "src/main.ts",
  "src/worker.ts",
  "src/features/auth_basic/verifier_thread.ts",
];

const USAGE = "usage: release [--target TRIPLE]... [--base=npm]";

const UTF8 = new TextEncoder();

function say(text: string): void {
  console.error(`release: ${text}`);
}

function read(path: string): string {
  return Deno.readTextFileSync(join(PROJECT, path));
}

/**
 * The time of all files: `SOURCE_DATE_EPOCH`, or that of the last commit.
 *
 * @throws {Error} when there is neither
 */
async function timeOf(): Promise<Date> {
  let text = Deno.env.get("SOURCE_DATE_EPOCH");
  if (text === undefined) {
    const { code, stdout } = await run("git", ["log", "-1", "--format=%ct"], {
      cwd: PROJECT,
    });
    if (code === 0) text = stdout.trim();
  }
  if (text === undefined || !/^\d+$/.test(text)) {
    throw new Error(
      "no time for its files: set SOURCE_DATE_EPOCH to seconds since 1970, " +
        "or make it of a commit of git",
    );
  }
  return new Date(Number(text) * 1000);
}

/** What goes with the executable for some system: path and text. */
function companions(system: string, page: string): [string, string][] {
  const isLinux = system.includes("linux");
  const files: [string, string][] = [
    ["LICENSE", read("LICENSE")],
    ["webserv.conf", read(isLinux ? "packaging/webserv.conf" : "webserv.conf")],
  ];
  if (isLinux) {
    for (const name of ["webserv.service", "webserv.logrotate"]) {
      files.push([name, read(`packaging/${name}`)]);
    }
  }
  if (system.includes("windows")) return files;
  return [
    ...files,
    ["man/webserv.8", page],
    ["completions/webserv.bash", completionScript("bash")],
    ["completions/_webserv", completionScript("zsh")],
    ["completions/webserv.fish", completionScript("fish")],
  ];
}

/** Does what the command line says and returns the exit status. */
async function main(args: readonly string[]): Promise<number> {
  const values = parseArgs([...args], {
    string: ["base", "target"],
    collect: ["target"],
    unknown: () => {
      throw new CompileUsageError(USAGE);
    },
  });
  const base = baseSource(values.base);
  const chosen = (values.target as string[]).map(targetOf);
  const targets = chosen.length === 0 ? TARGETS : chosen;
  const at = await timeOf();
  const ownBase = Deno.env.get("DENORT_BIN");
  if (ownBase !== undefined && (targets.length > 1 || base === "npm")) {
    throw new CompileUsageError(
      "DENORT_BIN is the base for one target: name it with --target, and " +
        "leave out --base",
    );
  }
  const output = join(PROJECT, OUTPUT);
  await Deno.remove(output, { recursive: true }).catch(() => {}); // None yet.
  const compiler = new Compiler({ project: PROJECT, base, ownBase, say });
  await compiler.bundle();
  const made: (Target & { readonly bytes: Uint8Array<ArrayBuffer> })[] = [];
  for (const target of targets) {
    try {
      const { path } = await compiler.make({
        triple: target.triple,
        output: `dist/${target.file}`,
      });
      made.push({ ...target, bytes: Deno.readFileSync(path) });
    } catch (error) {
      say(`nothing for ${target.triple}: ${(error as Error).message}`);
    }
  }
  if (made.length < targets.length) {
    say(
      "a release has all that was asked for, so there is none; " +
        "--target TRIPLE asks for less",
    );
    return 1;
  }
  Deno.mkdirSync(output, { recursive: true });
  const page = manPage({ version: VERSION, at });
  const texts = documents(PROJECT);
  const materials = await materialsOf(PROJECT, ENTRIES);
  for (const { triple, file, bytes } of made) {
    const bill = billOf({
      version: VERSION,
      file,
      sha256: await sha256(bytes),
      deno: base === "npm" ? BASE_VERSION : Deno.version.deno,
      materials,
      at,
    });
    const isWindows = triple.includes("windows");
    const folder = file.replace(/^webserv/, `webserv-${VERSION}`)
      .replace(/\.exe$/, "");
    const entries: Entry[] = [
      {
        path: `${folder}/webserv${isWindows ? ".exe" : ""}`,
        bytes,
        executable: true,
      },
      ...[
        ...companions(triple, page),
        ...texts,
        ["webserv.cdx.json", bill] as const,
      ].map(([path, text]) => ({
        path: `${folder}/${path}`,
        bytes: UTF8.encode(text),
      })),
    ];
    const [extension, archive] = isWindows
      ? ["zip", zip(entries, at)]
      : ["tar.gz", await tarGz(entries, at)];
    Deno.writeFileSync(join(output, `${folder}.${extension}`), archive);
    const architecture = DEBIAN_ARCHITECTURES[triple];
    if (architecture === undefined) continue;
    await makeDebian({
      version: VERSION,
      architecture,
      executable: bytes,
      manPage: page,
      completions: {
        bash: completionScript("bash"),
        zsh: completionScript("zsh"),
        fish: completionScript("fish"),
      },
      documents: [...texts, ["webserv.cdx.json", bill]],
      read,
      at,
    }, join(output, `webserv_${VERSION}_${architecture}.deb`));
  }
  const names = [...Deno.readDirSync(output)].map(({ name }) => name).sort();
  const sums: string[] = [];
  for (const name of names) {
    sums.push(
      `${await sha256(Deno.readFileSync(join(output, name)))}  ${name}`,
    );
  }
  Deno.writeTextFileSync(join(output, "SHA256SUMS"), sums.join("\n") + "\n");
  for (const name of [...names, "SHA256SUMS"]) say(`${OUTPUT}/${name}`);
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    say((error as Error).message);
    Deno.exit(1);
  }
}
