import { assertEquals } from "@std/assert";
import { shellWord } from "../../../src/cli/folder/shell_word.ts";
import { isInstalled } from "../../support/programs.ts";

/** Texts, and how they are written. */
const ROWS: readonly (readonly [text: string, word: string])[] = [
  ["/srv/site-1/www_2.org", "/srv/site-1/www_2.org"],
  ["a@b+c,d=e:f", "a@b+c,d=e:f"],
  ["", "''"],
  ["a b", "'a b'"],
  ["it's", `'it'\\''s'`],
  ['"$HOME" `id` \\ !x', `'"$HOME" \`id\` \\ !x'`],
  ["#x", "'#x'"],
  ["-x", "'-x'"],
  ["=x", "'=x'"],
  ["~", "'~'"],
  ["*?[a];{}|&<>()%41^", "'*?[a];{}|&<>()%41^'"],
  ["ümlaut 😀", "'ümlaut 😀'"],
  ["new\nline's \\n", `$'new\\012line\\'s \\\\n'`],
  ["\x1b[31m7", `$'\\033[31m7'`],
  ["\u2028\x9b", `$'\\342\\200\\250\\302\\233'`],
];

Deno.test("shellWord() is quoted where it has to be", () => {
  for (const [text, word] of ROWS) assertEquals(shellWord(text), word);
});

for (const shell of ["bash", "zsh"]) {
  Deno.test({
    name: `shellWord() is what ${shell} takes for the text`,
    ignore: !isInstalled(shell),
    async fn() {
      const words = ROWS.map(([text]) => shellWord(text)).join(" ");
      const { stdout } = await new Deno.Command(shell, {
        args: ["-c", `printf '%s\\0' ${words}`],
      }).output();
      const texts = new TextDecoder().decode(stdout).split("\0").slice(0, -1);
      assertEquals(texts, ROWS.map(([text]) => text));
    },
  });
}
