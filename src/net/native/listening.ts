/** What is asked of descriptors of which nothing is known yet. */

/** The call of the C library that asks. */
export const GETSOCKOPT = {
  parameters: ["i32", "i32", "i32", "buffer", "buffer"],
  result: "i32",
} as const satisfies Deno.ForeignFunction;

/** The level of options of all sockets: Linux, on x86-64 and aarch64. */
export const SOL_SOCKET = 1;

const SO_ACCEPTCONN = 30;

/** Whether a descriptor is a socket that is listened on. */
export function isListening(
  getsockopt: Deno.FromForeignFunction<typeof GETSOCKOPT>,
  fd: number,
): boolean {
  const value = new Int32Array(1);
  const result = getsockopt(
    fd,
    SOL_SOCKET,
    SO_ACCEPTCONN,
    new Uint8Array(value.buffer),
    new Uint8Array(new Uint32Array([value.byteLength]).buffer),
  );
  return result === 0 && value[0] === 1;
}
