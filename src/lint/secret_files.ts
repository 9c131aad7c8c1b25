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

/** Most files of one kind and folder that are asked for. */
const MAX_OF_KIND = 8;

/** Most requests that are asked, in all. */
const MAX_ASKED = 5000;

/** A file that is seldom meant for clients. */
export interface SecretFile {
  /** The path, absolute. */
  readonly path: string;
  /** What it is. */
  readonly what: string;
}

/** A look at the folders of a configuration, each once, within its bounds. */
export class SecretSearch {
  #names = MAX_NAMES;
  #asked = 0;
  readonly #end = performance.now() + MAX_MS;
  readonly #known = new Map<string, readonly SecretFile[]>();

  /** Whether another request may be asked; it is counted. */
  mayAsk(): boolean {
    return ++this.#asked <= MAX_ASKED;
  }

  /** Some files of each kind that are in a folder, at any depth. */
  in(folder: string): readonly SecretFile[] {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    const found: SecretFile[] = [];
    for (const path of this.#walk(folder, 0)) {
      const what = secretKind(path);
      if (what === undefined) continue;
      const count = (counts.get(what) ?? 0) + 1;
      counts.set(what, count);
      if (count <= MAX_OF_KIND) found.push({ path, what });
    }
    this.#known.set(folder, found);
    return found;
  }

  /**
   * The files in a folder; links to folders are not followed. Of what a
   * version control keeps only what lies at the top.
   */
  *#walk(folder: string, depth: number): Generator<string> {
    const folders: string[] = [];
    for (const entry of entriesOf(folder)) {
      if (this.#names-- <= 0 || performance.now() > this.#end) return;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory && !SKIPPED.has(entry.name)) folders.push(path);
      else if (entry.isFile) yield path;
    }
    if (depth === MAX_DEPTH || /\/\.(?:git|svn|hg|bzr)$/.test(folder)) return;
    for (const path of folders) yield* this.#walk(path, depth + 1);
  }
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
  [/\/\.(?:git|svn|hg|bzr)\/[^/]+$/, "the history of the source"],
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
function secretKind(path: string): string | undefined {
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
