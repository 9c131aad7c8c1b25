/** A site's machine in a folder: other paths, other ports. */

import { dirname } from "@std/path";
import { bytesOf } from "../../support/latin1.ts";
import { DEBIAN, MIME_TYPES, type Site } from "./sites/site.ts";

/** The ports that stand for those of a configuration. */
export type Ports = ReadonlyMap<string, number>;

/** The ports that sites listen on. */
export const LISTENED = ["80", "443", "8080"] as const;

/** What begins the paths of a machine. */
const MACHINE_PATH = /(^|[\s"'=])\/(etc|run|srv|usr|var)\//g;

const LISTEN = /(\blisten\s+)(\[::\]:|\*:|)(80|443|8080)(?=[\s;])/g;

/** A text of the configuration as it stands in `folder`. */
function relocated(text: string, folder: string, ports: Ports): string {
  return text
    .replace(MACHINE_PATH, `$1${folder}/$2/`)
    .replace(/ ipv6only=on/g, "")
    .replace(LISTEN, (_, listen: string, address: string, port: string) => {
      const host = address.startsWith("[") ? "127.0.0.2" : "127.0.0.1";
      return `${listen}${host}:${ports.get(port)}`;
    });
}

/** The main file of a site in `folder`. */
export function mainFile(folder: string): string {
  return `${folder}/etc/nginx/nginx.conf`;
}

/** The folder that is its prefix. */
export function prefixOf(folder: string): string {
  return `${folder}/usr/share/nginx`;
}

/**
 * When its files were changed, in s: a whole second would say less, and
 * webserv makes entity tags of the content then.
 */
const MODIFIED = 1709210096.25;

/** Puts a site into `folder`; `changes` is done to its main file. */
export function writeMachine(
  { files }: Site,
  folder: string,
  ports: Ports,
  changes: (main: string) => string = (main) => main,
): void {
  const all: Record<string, string> = {
    "etc/nginx/mime.types": MIME_TYPES,
    "etc/nginx/nginx.conf": DEBIAN,
    ...files,
  };
  for (
    const path of [
      "etc/nginx/modules-enabled",
      "run",
      "usr/share/nginx/logs",
      "var/cache",
      "var/log/nginx",
      "var/run",
    ]
  ) Deno.mkdirSync(`${folder}/${path}`, { recursive: true });
  for (const [name, text] of Object.entries(all)) {
    const path = `${folder}/${name}`;
    Deno.mkdirSync(dirname(path), { recursive: true });
    if (name.startsWith("etc/")) {
      const placed = relocated(text, folder, ports);
      const isMain = path === mainFile(folder);
      Deno.writeTextFileSync(path, isMain ? changes(placed) : placed);
    } else {
      Deno.writeFileSync(path, bytesOf(text));
      Deno.utimeSync(path, MODIFIED, MODIFIED);
    }
  }
}

/** Puts what its `ssl_…` directives name where they say it is. */
export function writeCertificates(
  { files }: Site,
  folder: string,
  sources: { readonly certificate: string; readonly key: string },
): void {
  const names =
    /\bssl_(certificate|certificate_key|trusted_certificate)\s+\/([^\s;]+)/g;
  for (const text of Object.values(files)) {
    for (const [, kind, path] of text.matchAll(names)) {
      const target = `${folder}/${path}`;
      Deno.mkdirSync(dirname(target), { recursive: true });
      Deno.copyFileSync(
        kind === "certificate_key" ? sources.key : sources.certificate,
        target,
      );
    }
    for (const [, path] of text.matchAll(/\bssl_dhparam\s+\/([^\s;]+)/g)) {
      new Deno.Command("openssl", {
        args: [
          ...["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt"],
          ...["group:ffdhe2048", "-out", `${folder}/${path}`],
        ],
      }).outputSync();
    }
  }
}
