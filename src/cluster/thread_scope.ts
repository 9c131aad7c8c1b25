/** The global scope of a worker's thread, and what happens in it. */

import { isStray } from "../net/tls/tls_guard.ts";
import type { Module } from "../core/module.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { ServingThread } from "./serving_thread.ts";

/** What a thread has that the program's own has not. */
interface ThreadScope extends EventTarget {
  /** The name that the master gave: its number. */
  readonly name: string;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  close(): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

/** Serves on this thread what the master says. */
export function serveOnThread(modules?: readonly Module[]): void {
  const scope = globalThis as unknown as ThreadScope;
  const thread = new ServingThread(
    {
      post: (message, transfer = []) => scope.postMessage(message, transfer),
      close: () => scope.close(),
    },
    Number(scope.name),
    modules,
  );
  function failed(event: Event, error: unknown): void {
    // The trouble of one TLS connection, which its guard logs.
    if (isStray(error)) return;
    event.preventDefault();
    thread.failed(error);
  }
  scope.addEventListener(
    "error",
    (event) => failed(event, (event as ErrorEvent).error),
  );
  scope.addEventListener(
    "unhandledrejection",
    (event) => failed(event, (event as PromiseRejectionEvent).reason),
  );
  scope.onmessage = ({ data }) => thread.heard(data);
}
