/** Programs that tests ask: curl, openssl. */

/** Output, of both kinds, and exit status of a program that reads `input`. */
export async function runCommand(
  command: string,
  args: readonly string[],
  input = "",
): Promise<{ code: number; text: string }> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  writer.write(new TextEncoder().encode(input)).catch(() => {});
  writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}
