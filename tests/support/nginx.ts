/** nginx as the tests run it, where it is installed. */

import { eventually } from "./server_process.ts";

/** Where Debian's packages put modules. */
const MODULES_FOLDER = "/usr/lib/nginx/modules";

/** Whether an nginx is installed that was built with all of `modules`. */
export function hasNginx(...modules: readonly string[]): boolean {
  try {
    const { stderr } = new Deno.Command("nginx", { args: ["-V"] }).outputSync();
    const text = new TextDecoder().decode(stderr);
    return modules.every((name) => text.includes(name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The path of a module that is loaded; `undefined` if it is not installed. */
export function nginxModule(name: string): string | undefined {
  const path = `${MODULES_FOLDER}/${name}.so`;
  try {
    Deno.statSync(path);
    return path;
  } catch {
    return undefined;
  }
}

/** What every configuration for {@linkcode startNginx} begins with. */
export function nginxHead(folder: string): string {
  // nginx as root gives up its rights, and with them the temporary folder.
  const user = Deno.statSync(folder).uid === 0 ? "user root;" : "";
  return `
${user}
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log info;
events { worker_connections 64; }
`;
}

/** Directives for `http` by which nginx leaves the system's folders alone. */
export function nginxTempPaths(folder: string): string {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${folder}/${name}_temp_path;\n`)
    .join("");
}

/** Runs nginx with the configuration at `file` until it is disposed of. */
export async function startNginx(
  { folder, file, port, args = [] }: {
    /** Its prefix. */
    readonly folder: string;
    /** Its configuration, which keeps it in the foreground. */
    readonly file: string;
    /** A port that it listens on. */
    readonly port: number;
    /** Further arguments. */
    readonly args?: readonly string[];
  },
): Promise<AsyncDisposable> {
  const child = new Deno.Command("nginx", {
    args: ["-p", folder, "-c", file, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let isThere = false;
  const knock = setInterval(async () => {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      isThere = true;
    } catch {
      // Not yet.
    }
  }, 20);
  try {
    await eventually(() => isThere, "nginx listens");
  } finally {
    clearInterval(knock);
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
