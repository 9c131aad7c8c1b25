/** `Content-Security-Policy` of a page that is to load its script, too (CSP3). */

import { isSourceOf } from "./source_match.ts";

/** What a directive must say so that the page's own origin may be asked. */
const SELF = "'self'";

/** What says already that it may be. */
const ALLOWING: ReadonlySet<string> = new Set([SELF, "*"]);

/** The directives that are asked for a script, and for its events, in order. */
const ASKED = [
  ["script-src-elem", "script-src", "default-src"],
  ["connect-src", "default-src"],
] as const;

/** The directives of one policy by name, with their sources. */
function directivesOf(policy: string): Map<string, string[]> {
  const directives = new Map<string, string[]>();
  for (const directive of policy.split(";")) {
    const [name, ...sources] = directive.trim().split(/\s+/);
    // Of two of one name the first one counts.
    const key = name!.toLowerCase();
    if (key !== "" && !directives.has(key)) directives.set(key, sources);
  }
  return directives;
}

/** One policy that allows its own origin, too. */
function withSelf(policy: string): string {
  const directives = directivesOf(policy);
  for (const names of ASKED) {
    const said = names.find((name) => directives.has(name));
    if (said === undefined) continue;
    const sources = directives.get(said)!;
    if (sources.some((source) => ALLOWING.has(source.toLowerCase()))) continue;
    // What all others fall back to stays as strict as it was.
    directives.set(said === "default-src" ? names[0] : said, [
      ...sources.filter((source) => source.toLowerCase() !== "'none'"),
      SELF,
    ]);
  }
  return [...directives].map((words) => words.flat().join(" ")).join("; ");
}

/** The policies in a field's value, each of which then allows its own origin. */
export function allowingSelf(value: string): string {
  return value.split(",").map(withSelf).join(", ");
}

/**
 * What in a policy keeps a page from loading from its own origin, whatever
 * sources of it say: nothing but nonces and hashes counts for scripts beside
 * `'strict-dynamic'` (CSP3 §8.2), and none run in a sandbox.
 */
function isStrict(directives: ReadonlyMap<string, string[]>): boolean {
  const sandbox = directives.get("sandbox");
  const scripts = sourcesOf(directives, ASKED[0]) ?? [];
  return scripts.includes("'strict-dynamic'") ||
    sandbox !== undefined && !sandbox.includes("allow-scripts");
}

/** What is said of something; `undefined` where nothing is. */
function sourcesOf(
  directives: ReadonlyMap<string, string[]>,
  names: readonly string[],
): string[] | undefined {
  const said = names.find((name) => directives.has(name));
  return said === undefined
    ? undefined
    : directives.get(said)!.map(inLowerCase);
}

/** The case of a path counts, that of all before it does not. */
function inLowerCase(source: string): string {
  return source.replace(
    /^(?:[a-z][^:/]*:\/\/)?[^/]*/i,
    (part) => part.toLowerCase(),
  );
}

/**
 * Whether one of the policies in a value keeps a page from loading `script`,
 * which is of the page's own origin, or its events, which are at the same path.
 */
export function forbidsSelf(value: string, script: URL): boolean {
  return value.split(",").map(directivesOf).some((directives) =>
    isStrict(directives) ||
    ASKED.some((names) =>
      sourcesOf(directives, names)?.every((source) =>
        !ALLOWING.has(source) && !isSourceOf(source, script)
      )
    )
  );
}

/** A `<meta>` that says one, with what it says in double or single quotes. */
const META =
  /<meta\s(?=[^>]*\bhttp-equiv\s*=\s*["']?content-security-policy(?![\w-]))[^>]*?\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;

/** The policies that a document begins with, beside those of its head. */
export function policiesIn(html: string): string[] {
  return [...html.replaceAll(/<!--[^]*?-->/g, "").matchAll(META)]
    .map(([, double, single]) => double ?? single ?? "")
    .map((policy) => policy.replaceAll(/&#39;|&apos;/g, "'"));
}
