/** Files that are seldom meant for clients, and how they are looked for. */

/** Most names that are looked at, in all. */
const MAX_NAMES = 20_000;

/** How deep folders are gone into. */
const MAX_DEPTH = 6;

/** How long is looked for, in all, in ms. */
const MAX_MS = 1500;

/** The beginning of a file that says whether it holds a key, in bytes. */
const HEAD_BYTES = 4096;

/** Folders of packages that hold nothing of the site's own. */
const SKIPPED: ReadonlySet<string> = new Set(["node_modules"]);

/** What is left of a look at folders. */
export class WalkBudget {
  #names = MAX_NAMES;
  readonly #end = performance.now() + MAX_MS;

  /** Whether another name may be looked at; it is counted. */
  take(): boolean {
    return this.#names-- > 0 && performance.now() < this.#end;
  }
}

/**
 * The files in a folder, as absolute paths; links to folders are not followed.
 * Inside of `.git`, `.svn` and `.hg` only what lies at their top.
 */
export function* walk(
  folder: string,
  budget: WalkBudget,
  depth = 0,
): Generator<string> {
  const folders: string[] = [];
  for (const entry of entriesOf(folder)) {
    if (!budget.take()) return;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory && !SKIPPED.has(entry.name)) folders.push(path);
    else if (entry.isFile) yield path;
  }
  if (depth === MAX_DEPTH || /\/\.(?:git|svn|hg)$/.test(folder)) return;
  for (const path of folders) yield* walk(path, budget, depth + 1);
}

/** What cannot be read holds nothing that could be served. */
function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)]
      .sort((a, b) => a.name < b.name ? -1 : 1);
  } catch {
    return [];
  }
}

/** Kinds of files by their paths. */
const KINDS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\/\.(?:git|svn|hg|bzr)\/[^/]+$/, "the history of a version control"],
  [/\/\.env(?:\.[\w.-]+)?$/, "settings with passwords"],
  [/\/\.(?:htpasswd|netrc|pgpass|my\.cnf|npmrc|pypirc)$/, "passwords"],
  [/\/\.(?:bash|zsh|mysql|psql)_history$/, "a history of commands"],
  [/\/id_(?:rsa|dsa|ecdsa|ed25519)$/, "a private key"],
  [/\.(?:p12|pfx|jks|kdbx)$/i, "a private key"],
  [/(?:~|\.(?:bak|orig|old|save|sw[op]))$/i, "a backup"],
  [/\.(?:sql|sqlite3?|dump)(?:\.(?:gz|bz2|xz|zst|zip))?$/i, "a database"],
  [/\.(?:php|phtml|inc)$/i, "the source of a program"],
];

/** Names of files that may hold a private key. */
const MAYBE_KEY = /\.(?:key|pem)$/i;

/** What is secret about a file; `undefined` if nothing seems to be. */
export function secretKind(path: string): string | undefined {
  for (const [pattern, what] of KINDS) if (pattern.test(path)) return what;
  return MAYBE_KEY.test(path) && holdsKey(path) ? "a private key" : undefined;
}

function holdsKey(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(HEAD_BYTES);
    const length = file.readSync(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, length))
      .includes("PRIVATE KEY-----");
  } catch {
    return false;
  }
}
