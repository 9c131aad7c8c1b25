/**
 * A configuration from an open descriptor: the standard input, or what a shell
 * makes of `<(command)`. It can be read once only, while a reload reads the
 * configuration again, so it is remembered. The standard input is not opened
 * by its name, because Deno refuses that without `--allow-all`.
 */

/** The names of the standard input. */
const STANDARD_INPUT: ReadonlySet<string> = new Set([
  "-",
  "/dev/stdin",
  "/dev/fd/0",
  "/proc/self/fd/0",
]);

/** What shells call a descriptor. */
const DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/\d+$/;

/** How much is read at a time, in bytes. */
const CHUNK_BYTES = 64 * 1024;

const remembered = new Map<string, string>();

/** Whether `path` names the standard input. */
export function isStandardInput(path: string): boolean {
  return STANDARD_INPUT.has(path);
}

/** Whether `path` names an open descriptor, which is in no folder. */
export function isDescriptor(path: string): boolean {
  return isStandardInput(path) || DESCRIPTOR.test(path);
}

/**
 * All of what a descriptor gives, also when it was read before.
 *
 * @throws {Error} what the system says
 */
export function readDescriptor(path: string): string {
  const name = isStandardInput(path) ? "-" : path;
  let text = remembered.get(name);
  if (text === undefined) {
    text = name === "-" ? readStandardInput() : Deno.readTextFileSync(path);
    remembered.set(name, text);
  }
  return text;
}

function readStandardInput(): string {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(CHUNK_BYTES);
  let text = "";
  for (;;) {
    const count = Deno.stdin.readSync(chunk);
    if (count === null) return text + decoder.decode();
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
  }
}
