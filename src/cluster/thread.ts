/** A thread of the system, as far as messages go to it and come from it. */

import type { FromWorker, ToWorker } from "./messages.ts";

/** What a thread tells. */
interface ThreadEvents {
  /** It has said something. */
  message(message: FromWorker): void;
  /** It is broken: it could not be loaded, or nobody caught an error. */
  failed(reason: string): void;
}

/** One thread, as whoever started it sees it. */
export interface Thread {
  /** Says something to it. */
  post(message: ToWorker): void;
  /** Ends it where it is. */
  terminate(): void;
}

/** Starts a thread with a number. */
export type StartThread = (id: number, events: ThreadEvents) => Thread;

/** Starts threads that run the module at `url`. */
export function threadsOf(url: string | URL): StartThread {
  return (id, events) => {
    const worker = new globalThis.Worker(url, {
      type: "module",
      name: String(id),
    });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) =>
      events.message(data);
    worker.onmessageerror = () =>
      events.failed("a message of it could not be read");
    worker.onerror = (event) => {
      // The error ends the worker, not the program.
      event.preventDefault();
      events.failed(event.message);
    };
    return {
      post: (message) => worker.postMessage(message),
      terminate: () => worker.terminate(),
    };
  };
}
