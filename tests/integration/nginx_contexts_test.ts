/**
 * Where a directive may stand, and with how many arguments, is asked of nginx
 * itself. Left out, with a word, where there is no nginx.
 */

import { assertEquals } from "@std/assert";
import { type ContextName, isContext } from "../../src/config/directive.ts";
import { FOREIGN_CONTEXTS } from "../../src/config/unsupported/foreign_contexts.ts";
import { DIRECTIVES } from "../../src/server/setup/registry.ts";

/** A directive, as far as it stands somewhere. */
interface Standing {
  readonly name: string;
  readonly contexts: readonly ContextName[];
  readonly body?: "none" | "scope" | "entries";
}

/** Those of modules, and those that have no effect. */
const ALL: readonly Standing[] = [
  ...DIRECTIVES,
  ...[...FOREIGN_CONTEXTS].map(([name, contexts]): Standing => ({
    name,
    contexts,
    body: name === "upstream" ? "scope" : "none",
  })),
];

/** A configuration with a statement in each context. */
const AROUND: Readonly<Record<ContextName, readonly [string, string]>> = {
  main: ["", "events { } http { server { } }"],
  events: ["events { ", "} http { server { } }"],
  http: ["events { } http { ", "server { } }"],
  server: ["events { } http { server { ", "} }"],
  location: ["events { } http { server { location / { ", "} } }"],
  if: ["events { } http { server { if ($arg_a) { ", "} } }"],
  "if in location": [
    "events { } http { server { location / { if ($arg_a) { ",
    "} } } }",
  ],
  limit_except: [
    "events { } http { server { location / { limit_except GET { ",
    "} } } }",
  ],
};

/** Directives whose differences are known, and what is different. */
const KNOWN: Readonly<Record<string, string>> = {
  // The blocks of `if` may hold others here.
  if: "+if +if in location",
  // It means nothing there, and nginx's reference does not have it there.
  secure_link_secret: "-http -server",
};

/** What nginx says of a configuration; `undefined` where there is none. */
async function nginxSays(
  folder: string,
  text: string,
): Promise<string | undefined> {
  const file = await Deno.makeTempFile({ dir: folder });
  await Deno.writeTextFile(file, text);
  try {
    const { stderr } = await new Deno.Command("nginx", {
      args: ["-t", "-q", "-p", folder, "-c", file],
      stdin: "null",
    }).output();
    return new TextDecoder().decode(stderr);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The contexts that nginx lets a directive stand in; `undefined`: none. */
async function nginxContexts(
  folder: string,
  { name, body }: Standing,
): Promise<string[] | undefined> {
  const statement = `${name} a b c d e f g h${body === "none" ? ";" : " { }"} `;
  const contexts: string[] = [];
  for (const [context, [before, after]] of Object.entries(AROUND)) {
    const said = await nginxSays(folder, before + statement + after);
    if (said === undefined || said.includes("unknown directive")) {
      return undefined;
    }
    if (!said.includes("is not allowed here")) contexts.push(context);
  }
  return contexts;
}

const folder = Deno.makeTempDirSync({ prefix: "webserv_nginx_" });
Deno.mkdirSync(`${folder}/logs`);
const NGINX = await nginxSays(folder, "") !== undefined;
if (!NGINX) {
  console.log("nginx is not installed: contexts are not compared with it");
}

Deno.test({
  name: "every directive may stand where it may in nginx" +
    (NGINX ? "" : " (left out: no nginx)"),
  ignore: !NGINX,
  async fn() {
    const differing: Record<string, string> = {};
    let compared = 0;
    await Promise.all(ALL.map(async (directive) => {
      const theirs = await nginxContexts(folder, directive);
      if (theirs === undefined) return;
      compared++;
      const ours = Object.keys(AROUND).filter((context) =>
        directive.contexts.some((kind) => isContext(context, kind))
      );
      const signs = [
        ...ours.filter((each) => !theirs.includes(each)).map((c) => `+${c}`),
        ...theirs.filter((each) => !ours.includes(each)).map((c) => `-${c}`),
      ];
      if (signs.length > 0) differing[directive.name] = signs.join(" ");
    }));
    Deno.removeSync(folder, { recursive: true });
    assertEquals(differing, KNOWN);
    assertEquals(compared > 200, true, `${compared} directives were compared`);
  },
});
