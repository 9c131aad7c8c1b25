/**
 * Ports for a server that is told which. They are below those that systems give
 * to outgoing connections (Linux: from 32,768, macOS: from 49,152), and to whoever
 * asks for any port: one of those is soon in the way of a listener.
 */

const FIRST = 20_000;
const COUNT = 12_000;

/**
 * What was given away: who was given a port may not listen on it yet when the
 * next one asks.
 */
const given = new Set<number>();

/** How many ports are tried before it is given up. */
const MAX_TRIES = 200;

/**
 * Different ports of 127.0.0.1 that nobody listens on now.
 *
 * @throws {Error} when too few are found
 */
export function freePorts(count: number): number[] {
  const found = new Set<number>();
  for (let n = 0; n < MAX_TRIES && found.size < count; n++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (given.has(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      given.add(port);
      found.add(port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  if (found.size < count) throw new Error("there are no free ports");
  return [...found];
}

/** A port of 127.0.0.1 that nobody listens on now. */
export function freePort(): number {
  return freePorts(1)[0]!;
}
