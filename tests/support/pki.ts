/** Authorities, the certificates they issue and the ones they take back. */

import { assert } from "@std/assert";

const CONFIGURATION = `
[ca]
default_ca = d
[d]
database = $ENV::NAME.index
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = $ENV::NAME.crt
private_key = $ENV::NAME.key
default_md = sha256
default_days = 300
default_crl_days = 30
unique_subject = no
policy = p
[p]
countryName = optional
organizationName = optional
organizationalUnitName = optional
emailAddress = optional
commonName = supplied
`;

/** A folder with certificates, made by openssl. */
export class Pki implements Disposable {
  /** Where they are: `NAME.crt`, `NAME.key` and `NAME.crl`. */
  readonly folder: string = Deno.makeTempDirSync();

  private constructor() {}

  /** Makes an empty one. */
  static async create(): Promise<Pki> {
    const pki = new Pki();
    await Deno.writeTextFile(`${pki.folder}/serial`, "1000");
    await Deno.writeTextFile(`${pki.folder}/crlnumber`, "01");
    await Deno.writeTextFile(`${pki.folder}/ca.cnf`, CONFIGURATION);
    return pki;
  }

  /** What openssl says. */
  async openssl(...args: string[]): Promise<string> {
    return await this.#run("", args);
  }

  async #run(name: string, args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("openssl", {
      args: [...args],
      cwd: this.folder,
      env: { NAME: name },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }

  /** The text of a file. */
  text(name: string): string {
    return Deno.readTextFileSync(`${this.folder}/${name}`);
  }

  /** Makes an authority. */
  async root(name: string, subject = `/CN=${name}`): Promise<void> {
    await this.openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
      ...["ec_paramgen_curve:P-256", "-nodes", "-utf8", "-days", "3000"],
      ...["-subj", subject, "-keyout", `${name}.key`, "-out", `${name}.crt`],
    );
    await Deno.writeTextFile(`${this.folder}/${name}.index`, "");
  }

  /** Has an authority issue a certificate with these extensions. */
  async issue(
    by: string,
    name: string,
    extensions: string,
    { key = "ec", digest = "sha256", until }: {
      key?: string;
      digest?: string;
      until?: string;
    } = {},
  ): Promise<void> {
    const curve = key === "ec" ? ["-pkeyopt", "ec_paramgen_curve:P-256"] : [];
    await this.openssl(
      ...["req", "-newkey", key, ...curve],
      ...["-nodes", "-subj", `/CN=${name}`, "-keyout", `${name}.key`],
      ...["-out", `${name}.csr`],
    );
    await Deno.writeTextFile(
      `${this.folder}/${name}.cnf`,
      `${CONFIGURATION}\n[x]\n${extensions}\n`,
    );
    await Deno.writeTextFile(`${this.folder}/${by}.index`, "", {
      append: true,
    });
    await this.#run(by, [
      ...["ca", "-batch", "-config", `${name}.cnf`, "-extensions", "x"],
      ...["-md", digest],
      ...(until === undefined ? [] : ["-enddate", until]),
      ...(until === undefined ? [] : ["-startdate", "20200101000000Z"]),
      ...["-in", `${name}.csr`, "-out", `${name}.crt`, "-notext"],
    ]);
  }

  /** Has an authority take certificates back, and say so in `BY.crl`. */
  async revoke(by: string, names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.#run(by, [
        ...["ca", "-config", "ca.cnf", "-revoke", `${name}.crt`],
      ]);
    }
    await this.#run(by, [
      ...["ca", "-config", "ca.cnf", "-gencrl", "-out", `${by}.crl`],
    ]);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
