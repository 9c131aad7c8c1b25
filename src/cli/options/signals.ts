/** The signals that mean something to the running program, in one table. */

/** What a signal may ask for. */
export type SignalAction = "stop" | "quit" | "reload" | "reopen" | "upgrade";

/** Signals that ask for the same. */
interface SignalRow {
  /** What they ask for. */
  readonly action: SignalAction;
  /** The signals; the first is what `-s` sends. */
  readonly signals: readonly [Deno.Signal, ...Deno.Signal[]];
  /** What happens, in a few words. */
  readonly text: string;
}

/** All of them. At `USR1` Deno opens a debugger too, so `URG` is sent. */
export const SIGNALS: readonly SignalRow[] = [
  { action: "stop", signals: ["SIGTERM", "SIGINT"], text: "stop now" },
  {
    action: "quit",
    signals: ["SIGQUIT"],
    text: "finish responses in flight, then stop",
  },
  {
    action: "reload",
    signals: ["SIGHUP"],
    text: "read the configuration again; go on with the old one if it is wrong",
  },
  {
    action: "reopen",
    signals: ["SIGURG", "SIGUSR1"],
    text: "open the log files again, after a rotation",
  },
  {
    action: "upgrade",
    signals: ["SIGUSR2"],
    text: "start the program anew, which takes the place of this one; go on " +
      "if it does not serve",
  },
];

/** What `-s` may say, as with nginx. */
export type SignalName = Exclude<SignalAction, "upgrade">;

/** All that `-s` may say. */
export const SIGNAL_NAMES: readonly SignalName[] = SIGNALS
  .map(({ action }) => action).filter((action) => action !== "upgrade");

/** What `-s` sends. */
export function signalOf(name: SignalName): Deno.Signal {
  return SIGNALS.find(({ action }) => action === name)!.signals[0];
}
