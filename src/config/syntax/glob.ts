/**
 * File name patterns as `glob(3)` reads them: `*`, `?`, `[a-z]`, `[!a-z]` and
 * a backslash that takes a character's meaning. No wildcard matches `/` or a
 * dot at the beginning of a name. Character classes (`[[:alpha:]]`) and
 * backslashes inside brackets are not part of it.
 */

/** The names in a directory; throws when it cannot be listed. */
export type ListDirectory = (path: string) => readonly string[];

/** Whether nginx takes `path` for a pattern and not for a name. */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

/**
 * The paths that `pattern` stands for, sorted. A directory that is missing or
 * closed to us has no matches; that is no error.
 */
export function expandGlob(pattern: string, list: ListDirectory): string[] {
  const segments = pattern.split("/");
  const firstMagic = segments.findIndex(isGlob);
  if (firstMagic === -1) return [];
  const fixed = segments.slice(0, firstMagic);
  let paths = [fixed.length === 0 ? "" : `${fixed.join("/")}/`];
  segments.slice(firstMagic).forEach((segment, index, rest) => {
    const end = index === rest.length - 1 ? "" : "/";
    paths = paths.flatMap((path) =>
      namesMatching(segment, path, list).map((name) => `${path}${name}${end}`)
    );
  });
  return paths.sort();
}

function namesMatching(
  segment: string,
  directory: string,
  list: ListDirectory,
): readonly string[] {
  if (segment === "" || segment === "." || segment === "..") return [segment];
  const matches = compileSegment(segment);
  let names: readonly string[];
  try {
    names = list(withoutSlash(directory));
  } catch {
    return [];
  }
  return names.filter((name) => matches.test(name));
}

/** A directory as the system wants it named. */
function withoutSlash(directory: string): string {
  if (directory === "") return ".";
  return directory === "/" ? directory : directory.slice(0, -1);
}

/** The regular expression for one name in a pattern. */
function compileSegment(segment: string): RegExp {
  let source = /^[*?[]/.test(segment) ? "(?!\\.)" : "";
  let position = 0;
  while (position < segment.length) {
    const set = /^\[(!|\^)?(\]?[^\]]*)\]/.exec(segment.slice(position));
    if (set !== null) {
      source += compileSet(set[2] ?? "", set[1] !== undefined);
      position += set[0].length;
      continue;
    }
    const char = segment[position++] ?? "";
    if (char === "*") source += "[^]*";
    else if (char === "?") source += "[^]";
    else if (char === "\\" && position < segment.length) {
      source += escape(segment[position++] ?? "");
    } else source += escape(char);
  }
  return new RegExp(`^${source}$`, "u");
}

/** A bracket expression; a range that runs backwards matches nothing. */
function compileSet(members: string, negated: boolean): string {
  let inside = "";
  for (const [range, from = "", to] of members.matchAll(/([^])-([^])|[^]/gu)) {
    if (to === undefined) inside += escapeMember(range);
    else if (from <= to) inside += `${escapeMember(from)}-${escapeMember(to)}`;
  }
  if (inside === "") return negated ? "[^]" : "[]";
  return negated ? `[^${inside}]` : `[${inside}]`;
}

function escape(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

/** As {@linkcode escape}, inside brackets, where a dash has a meaning too. */
function escapeMember(char: string): string {
  return char === "-" ? "\\-" : escape(char);
}
