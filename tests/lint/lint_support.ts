import { dirname } from "@std/path";
import { lint } from "../../src/lint/lint.ts";
import type { Example } from "../../src/lint/rule.ts";
import type { Selection } from "../../src/lint/selection.ts";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import { Authority } from "../support/certificates.ts";

/** A folder with the files of an example; the configuration is `x.conf`. */
export async function writeExample(example: Example): Promise<string> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "lint_" }));
  Deno.writeTextFileSync(`${folder}/x.conf`, example.text);
  for (const [path, text] of Object.entries(example.files ?? {})) {
    Deno.mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, text);
  }
  const certificates = Object.entries(example.certificates ?? {});
  if (certificates.length === 0) return folder;
  using authority = await Authority.create();
  for (const [name, { names, days }] of certificates) {
    await authority.issue(name, names.join(",DNS:"), 1, days);
    for (const end of ["crt", "key"]) {
      Deno.copyFileSync(
        authority.path(`${name}.${end}`),
        `${folder}/${name}.${end}`,
      );
    }
  }
  return folder;
}

/** What the lint says of the `x.conf` in a folder. */
export async function lintFolder(
  folder: string,
  selection: Selection,
): Promise<string[]> {
  const source = { file: `${folder}/x.conf`, prefix: folder };
  const found: string[] = [];
  await lint(
    readConfiguration(source, () => {}),
    selection,
    (message) => void found.push(message.replaceAll(`${folder}/`, "")),
  );
  return found;
}

/** What the lint says of an example, by the rules that are meant. */
export async function lintExample(
  example: Example,
  selection: Selection,
): Promise<string[]> {
  const folder = await writeExample(example);
  try {
    return await lintFolder(folder, selection);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
