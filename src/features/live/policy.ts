/** `Content-Security-Policy` of a page that is to load its script, too (CSP3). */

/** What a directive must say so that the page's own origin may be asked. */
const SELF = "'self'";

/** What says already that it may be. */
const ALLOWING: ReadonlySet<string> = new Set([SELF, "*"]);

/** The directives that are asked for a script, and for its events, in order. */
const ASKED = [
  ["script-src-elem", "script-src", "default-src"],
  ["connect-src", "default-src"],
] as const;

/** One policy, its directives by name. */
function withSelf(policy: string): string {
  const directives = new Map<string, string[]>();
  for (const directive of policy.split(";")) {
    const [name, ...sources] = directive.trim().split(/\s+/);
    // Of two of one name the first one counts.
    const key = name!.toLowerCase();
    if (key !== "" && !directives.has(key)) directives.set(key, sources);
  }
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
