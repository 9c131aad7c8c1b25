/** Programs of others that some tests need, and leave themselves out without. */

/** Whether `program` is installed; `flag` has it say its version. */
export function isInstalled(program: string, flag = "--version"): boolean {
  try {
    return new Deno.Command(program, {
      args: [flag],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What a program prints on both outputs, one character per byte. */
export async function output(
  program: string,
  ...args: readonly string[]
): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
  }).output();
  const text = new TextDecoder("latin1");
  return text.decode(stdout) + text.decode(stderr);
}
