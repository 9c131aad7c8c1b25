/**
 * The flags that are built into the executable: those of the `start` task, so
 * that the compiled program may do what the other one may, and no more.
 */

/** The part of `deno.json` that matters here. */
export interface ProjectConfig {
  /** The tasks by name. */
  readonly tasks: Readonly<Record<string, { readonly command: string }>>;
  /** Unstable features that are switched on. */
  readonly unstable?: readonly string[];
}

/** Flags of `deno run` that mean nothing to an executable. */
const RUN_ONLY: ReadonlySet<string> = new Set(["--frozen"]);

/**
 * The flags of the executable. V8's code cache is switched off: Deno keeps it
 * under a fixed name in the folder for temporary files, where anybody on the
 * machine could put another one before the first start.
 */
export function executableFlags(config: ProjectConfig): readonly string[] {
  const words = config.tasks["start"]?.command.split(" ") ?? [];
  const flags = words.filter((word) =>
    word.startsWith("--") && !RUN_ONLY.has(word)
  );
  const unstable = (config.unstable ?? []).map((name) => `--unstable-${name}`);
  return [...new Set([...flags, ...unstable, "--no-code-cache"])];
}
