/**
 * The one parameter by which the same tests run over sockets of the system:
 * `WEBSERV_TEST_EVENTS=epoll`.
 */

/** The method that servers of tests use. */
const METHOD = Deno.env.get("WEBSERV_TEST_EVENTS") ?? "deno";

/** Whether servers of tests use sockets of the system. */
export const usesEpoll: boolean = METHOD === "epoll";

/** `config` with the method in it, unless it says one; lines stay as they are. */
export function withEventMethod(config: string): string {
  if (!usesEpoll || /\buse\s+\w+\s*;/.test(config)) return config;
  const opened = config.replace(
    /\bevents\s*\{/,
    (text) => `${text} use epoll;`,
  );
  return opened === config ? `events { use epoll; } ${config}` : opened;
}
