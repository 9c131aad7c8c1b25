/** The library of certificates, loaded by whoever needs it first. */

/** It takes a tenth of a second, and most servers need none of it. */
export function loadX509(): Promise<typeof import("@peculiar/x509")> {
  return import("@peculiar/x509");
}
