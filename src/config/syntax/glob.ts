/**
 * File name patterns as `glob(3)` reads them: `*`, `?`, `[a-z]`, `[!a-z]`,
 * `[[:alpha:]]` and a backslash that takes a character's meaning. No wildcard
 * matches `/` or a dot at the beginning of a name; braces mean nothing.
 */

// @ts-types="@types/picomatch"
import picomatch from "picomatch";

/** What picomatch has beyond `glob(3)`, off. */
const GLOB_3: picomatch.PicomatchOptions = {
  nobrace: true,
  noextglob: true,
  noglobstar: true,
  nonegate: true,
  posix: true,
};

/** The names in a directory; throws when it cannot be listed. */
type ListDirectory = (path: string) => readonly string[];

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
  // Parentheses and bars mean something to picomatch, but nothing here.
  const literal = segment.replace(
    /\\[^]|[()|]/g,
    (part) => part.length > 1 ? part : `\\${part}`,
  );
  const matches = picomatch(literal, GLOB_3);
  const isHidden = /^\\?\./.test(segment);
  let names: readonly string[];
  try {
    names = list(withoutSlash(directory));
  } catch {
    return [];
  }
  return names.filter((name) =>
    (isHidden || !name.startsWith(".")) && matches(name)
  );
}

/** A directory as the system wants it named. */
function withoutSlash(directory: string): string {
  if (directory === "") return ".";
  return directory === "/" ? directory : directory.slice(0, -1);
}
