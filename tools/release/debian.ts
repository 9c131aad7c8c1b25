/** A Debian package, made by `dpkg-deb`. */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { dirname, join } from "@std/path";
import { elfLength } from "../compile/elf.ts";
import { run } from "../compile/process.ts";
import { type Entry, modeOf } from "./archive.ts";

/** The targets that there is a package for, by what Debian calls them. */
export const DEBIAN_ARCHITECTURES: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "amd64",
  "aarch64-unknown-linux-gnu": "arm64",
};

/** What is in a package, by what it is made of. */
export interface DebianOptions {
  /** The version. */
  readonly version: string;
  /** What Debian calls the processor. */
  readonly architecture: string;
  /** The executable. */
  readonly executable: Uint8Array;
  /** The page of the manual. */
  readonly manPage: string;
  /** Scripts that complete the command line. */
  readonly completions: Readonly<Record<"bash" | "zsh" | "fish", string>>;
  /** Documents: name and text. */
  readonly documents: readonly (readonly [name: string, text: string])[];
  /** Reads a file of the project. */
  read(path: string): string;
  /** When it was made. */
  readonly at: Date;
}

const UTF8 = new TextEncoder();

/** What the administrator may change: an upgrade asks before it does. */
const CONFFILES = ["etc/webserv/webserv.conf", "etc/logrotate.d/webserv"];

/**
 * The unit for a user that the package makes: files that it has written must
 * belong to somebody when it does not run.
 *
 * @throws {Error} when the unit has no user that exists while it runs
 */
export function unitOf(unit: string): string {
  const changed = unit.replace(
    /^# A user that exists while.*\nDynamicUser=yes$/m,
    "User=webserv\nGroup=webserv",
  );
  if (changed === unit) throw new Error("the unit has no DynamicUser=yes");
  // The package has done what these lines say.
  return changed.replace(/^#\n(?:# {3}.*\n)+/m, "");
}

/** The newest version of glibc that an executable asks for. */
export function glibcOf(executable: Uint8Array): string {
  const base = new TextDecoder("latin1")
    .decode(executable.subarray(0, elfLength(executable)));
  const minors = [...base.matchAll(/GLIBC_2\.(\d+)\0/g)]
    .map(([, minor]) => Number(minor));
  return `2.${Math.max(...minors)}`;
}

function gzipped(text: string): Uint8Array {
  return gzipSync(UTF8.encode(text), { level: 9 });
}

/** The files of a package. */
function filesOf(options: DebianOptions): Entry[] {
  const { version, executable, manPage, completions, documents, read, at } =
    options;
  const share = "usr/share";
  const doc = `${share}/doc/webserv`;
  const license = read("LICENSE").trim().split("\n");
  const copyright = license.find((line) => line.startsWith("Copyright"));
  const texts: [path: string, text: string | Uint8Array][] = [
    ["etc/webserv/webserv.conf", read("packaging/webserv.conf")],
    ["etc/logrotate.d/webserv", read("packaging/webserv.logrotate")],
    [
      "usr/lib/systemd/system/webserv.service",
      unitOf(read("packaging/webserv.service")),
    ],
    [`${share}/man/man8/webserv.8.gz`, gzipped(manPage)],
    [`${share}/bash-completion/completions/webserv`, completions.bash],
    [`${share}/zsh/vendor-completions/_webserv`, completions.zsh],
    [`${share}/fish/vendor_completions.d/webserv.fish`, completions.fish],
    [
      `${share}/lintian/overrides/webserv`,
      read("packaging/debian/lintian-overrides"),
    ],
    [
      `${doc}/copyright`,
      `${read("packaging/debian/copyright")}${
        copyright!.replace(/^Copyright (\([cC]\) )?/, "Copyright: ")
      }\nLicense: Expat\n${
        license.slice(license.indexOf(copyright!) + 1)
          .filter((line, i) => i > 0 || line !== "")
          .map((line) => line === "" ? " ." : ` ${line}`).join("\n")
      }\n`,
    ],
    [`${doc}/changelog.gz`, gzipped(changelog(version, at))],
    ...documents.map(([name, text]): [string, string | Uint8Array] =>
      // Policy 12.3: what is long is compressed.
      /\.md$/.test(name) && text.length > 4096
        ? [`${doc}/${name}.gz`, gzipped(text)]
        : [`${doc}/${name}`, text]
    ),
  ];
  return [
    { path: "usr/bin/webserv", bytes: executable, executable: true },
    ...texts.map(([path, text]) => ({
      path,
      bytes: typeof text === "string" ? UTF8.encode(text) : text,
    })),
  ];
}

/** Who answers for the package. */
const MAINTAINER = "webserv maintainers <webserv@localhost.localdomain>";

function changelog(version: string, at: Date): string {
  const date = at.toUTCString().replace("GMT", "+0000");
  return `webserv (${version}) unstable; urgency=medium

  * CHANGELOG.md says what is new.

 -- ${MAINTAINER}  ${date}
`;
}

function control(options: DebianOptions, files: readonly Entry[]): string {
  const { version, architecture, executable } = options;
  const kilobytes = files
    .reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 1024), 0);
  return `Package: webserv
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${kilobytes}
Depends: adduser, libc6 (>= ${glibcOf(executable)}), libgcc-s1
Suggests: logrotate
Section: httpd
Priority: optional
Description: web server for static sites, configured in the language of nginx
 webserv serves files over HTTP/1.1 and HTTP/2 with TLS, gets and renews its
 certificates, and reads the configuration of nginx as far as a static site
 needs it.
`;
}

/**
 * Makes the package as the file `output`.
 *
 * @throws {Error} when `dpkg-deb` is not there, or fails
 */
export async function makeDebian(
  options: DebianOptions,
  output: string,
): Promise<void> {
  const files = filesOf(options);
  const sums = files.map(({ path, bytes }) =>
    `${createHash("md5").update(bytes).digest("hex")}  ${path}\n`
  );
  const scripts = ["postinst", "prerm", "postrm"].map((name) => ({
    path: `DEBIAN/${name}`,
    bytes: UTF8.encode(options.read(`packaging/debian/${name}`)),
    executable: true,
  }));
  const all: Entry[] = [
    ...files,
    ...scripts,
    { path: "DEBIAN/control", bytes: UTF8.encode(control(options, files)) },
    {
      path: "DEBIAN/conffiles",
      bytes: UTF8.encode(CONFFILES.map((path) => `/${path}\n`).join("")),
    },
    { path: "DEBIAN/md5sums", bytes: UTF8.encode(sums.sort().join("")) },
  ];
  const folder = Deno.makeTempDirSync({ prefix: "webserv_deb_" });
  try {
    Deno.chmodSync(folder, 0o755);
    for (const entry of all) {
      const path = join(folder, entry.path);
      for (let at = folder, rest = entry.path.split("/"); rest.length > 1;) {
        at = join(at, rest[0]!);
        rest = rest.slice(1);
        Deno.mkdirSync(at, { recursive: true });
        Deno.chmodSync(at, 0o755); // whatever the umask is
      }
      Deno.writeFileSync(path, entry.bytes);
      Deno.chmodSync(path, modeOf(entry));
    }
    Deno.mkdirSync(dirname(output), { recursive: true });
    const { code, stderr } = await run("dpkg-deb", [
      "--root-owner-group",
      "-Zxz",
      "-z1", // a fifth of the time of the best, and 4 MB more
      "--threads-max=1", // how many there are shows in the bytes
      "--build",
      folder,
      output,
    ], {
      // Times of files are no later than that.
      env: { SOURCE_DATE_EPOCH: String(options.at.getTime() / 1000) },
    }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error(
        "dpkg-deb is not installed: Debian packages are made where it is",
      );
    });
    if (code !== 0) throw new Error(`dpkg-deb failed:\n${stderr}`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
