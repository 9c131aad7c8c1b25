/**
 * A configuration from the standard input. Deno refuses to open it by name
 * without `--allow-all`, and it can be read once only, while a reload reads
 * the configuration again: so it is read as what it is, and remembered.
 */

/** The names of the standard input. */
const NAMES: ReadonlySet<string> = new Set([
  "-",
  "/dev/stdin",
  "/dev/fd/0",
  "/proc/self/fd/0",
]);

/** How much is read at a time, in bytes. */
const CHUNK_BYTES = 64 * 1024;

let remembered: string | undefined;

/** Whether `path` names the standard input. */
export function isStandardInput(path: string): boolean {
  return NAMES.has(path);
}

/** All of the standard input, also when it was read before. */
export function readStandardInput(): string {
  return remembered ??= readToEnd();
}

function readToEnd(): string {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(CHUNK_BYTES);
  let text = "";
  for (;;) {
    const count = Deno.stdin.readSync(chunk);
    if (count === null) return text + decoder.decode();
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
  }
}
