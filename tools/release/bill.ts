/**
 * The bill of materials of an executable, as CycloneDX: the packages that its
 * source imports, with the checksums of the lock file, and Deno.
 */

import { join } from "@std/path";
import { run } from "../compile/process.ts";

/** A package of npm that is in the executable. */
export interface Material {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** SHA-512 of its archive, in hexadecimal. */
  readonly sha512: string;
  /** Its licence, an SPDX expression. */
  readonly license: string;
  /** The packages that it imports, as `name@version`. */
  readonly dependencies: readonly string[];
}

/** What `deno info --json` says, as far as it matters here. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly kind?: string;
    readonly npmPackage?: string;
  }[];
  readonly npmPackages: Readonly<
    Record<string, {
      readonly name: string;
      readonly version: string;
      readonly dependencies: readonly string[];
      readonly localPath: string;
    }>
  >;
}

/** What `deno.lock` says, as far as it matters here. */
interface LockFile {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

/** SHA-512 of an `integrity` of npm, in hexadecimal. */
function hexOf(integrity: string): string {
  return Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex();
}

/**
 * The packages that the programs of a project import, themselves or through
 * others, in the order of their names.
 *
 * @throws {Error} when they are not known
 */
export async function materialsOf(
  project: string,
  entries: readonly string[],
): Promise<readonly Material[]> {
  const lock: LockFile = JSON.parse(
    Deno.readTextFileSync(join(project, "deno.lock")),
  );
  const found = new Map<string, Material>();
  for (const entry of entries) {
    const { code, stdout, stderr } = await run(
      Deno.execPath(),
      ["info", "--json", "--frozen", entry],
      { cwd: project },
    );
    if (code !== 0) throw new Error(`deno info failed:\n${stderr}`);
    const graph: ModuleGraph = JSON.parse(stdout);
    const waiting = graph.modules.flatMap(({ npmPackage }) =>
      npmPackage === undefined ? [] : [npmPackage]
    );
    for (let id; (id = waiting.pop()) !== undefined;) {
      const used = graph.npmPackages[id];
      if (used === undefined || found.has(id)) continue;
      const { name, version, dependencies, localPath } = used;
      const { license } = JSON.parse(
        Deno.readTextFileSync(join(localPath, "package.json")),
      );
      found.set(id, {
        name,
        version,
        sha512: hexOf(lock.npm[id]!.integrity),
        license,
        dependencies,
      });
      waiting.push(...dependencies);
    }
  }
  return [...found].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([, material]) => material);
}

/** What a bill is for. */
export interface BillOptions {
  /** The version of webserv. */
  readonly version: string;
  /** The name of the executable. */
  readonly file: string;
  /** SHA-256 of the executable, in hexadecimal. */
  readonly sha256: string;
  /** The version of the Deno in it. */
  readonly deno: string;
  /** The packages in it. */
  readonly materials: readonly Material[];
  /** When it was made. */
  readonly at: Date;
}

/** The address of a package ("package URL"): a scope is a part of its own. */
function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** How one licence, or an expression of several, is written. */
function licenses(license: string): unknown[] {
  return /\s/.test(license)
    ? [{ expression: license }]
    : [{ license: { id: license } }];
}

/** The bill, as text. */
export function billOf(options: BillOptions): string {
  const { version, file, sha256, deno, materials, at } = options;
  const own = `pkg:generic/webserv@${version}`;
  const runtime = `pkg:github/denoland/deno@v${deno}`;
  const byId = new Map(
    materials.map((one) => [`${one.name}@${one.version}`, one]),
  );
  const referenceOf = (id: string) => {
    const one = byId.get(id);
    return one === undefined ? [] : [packageUrl(one.name, one.version)];
  };
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      component: {
        "bom-ref": own,
        type: "application",
        name: "webserv",
        version,
        purl: own,
        licenses: licenses("MIT"),
        hashes: [{ alg: "SHA-256", content: sha256 }],
        properties: [{ name: "webserv:file", value: file }],
      },
    },
    components: [
      {
        "bom-ref": runtime,
        type: "platform",
        name: "deno",
        version: deno,
        purl: runtime,
        licenses: licenses("MIT"),
        description: "The runtime, with V8 and what else it is made of.",
      },
      ...materials.map((one) => {
        const url = packageUrl(one.name, one.version);
        return {
          "bom-ref": url,
          type: "library",
          name: one.name,
          version: one.version,
          purl: url,
          licenses: licenses(one.license),
          hashes: [{ alg: "SHA-512", content: one.sha512 }],
        };
      }),
    ],
    dependencies: [
      {
        ref: own,
        dependsOn: [runtime, ...[...byId.keys()].flatMap(referenceOf)],
      },
      ...materials.map((one) => ({
        ref: packageUrl(one.name, one.version),
        dependsOn: one.dependencies.flatMap(referenceOf),
      })),
    ],
    // What Deno is made of is not listed here.
    compositions: [{ aggregate: "incomplete", assemblies: [runtime] }],
  };
  return JSON.stringify(bill, undefined, 2) + "\n";
}
