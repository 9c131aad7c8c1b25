/** A certificate authority for tests, made by openssl. */

import { assert } from "@std/assert";

async function openssl(
  folder: string,
  args: readonly string[],
): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [...args],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** An authority in a folder of its own, `ca.crt` in it. */
export class Authority implements Disposable {
  /** Where its files are. */
  readonly folder: string = Deno.makeTempDirSync();

  private constructor() {}

  /** Makes a new one. */
  static async create(): Promise<Authority> {
    const authority = new Authority();
    await openssl(authority.folder, [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
      ...["ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-subj", "/CN=webserv test authority"],
      ...["-keyout", "ca.key", "-out", "ca.crt"],
    ]);
    return authority;
  }

  /** The path of a file of it. */
  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  /**
   * Issues `file.crt` and `file.key` for `name`, for some days. The serial
   * number tells two certificates for one name apart.
   */
  async issue(
    file: string,
    name: string,
    serial: number,
    days = 2,
  ): Promise<void> {
    await openssl(this.folder, [
      ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      ...["-nodes", "-subj", `/CN=${name}`],
      ...["-keyout", `${file}.key`, "-out", `${file}.csr`],
    ]);
    Deno.writeTextFileSync(
      this.path(`${file}.ext`),
      `subjectAltName=DNS:${name}\n`,
    );
    await openssl(this.folder, [
      ...["x509", "-req", "-in", `${file}.csr`, "-days", String(days)],
      ...["-CA", "ca.crt", "-CAkey", "ca.key", "-set_serial", String(serial)],
      ...["-extfile", `${file}.ext`, "-out", `${file}.crt`],
    ]);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
