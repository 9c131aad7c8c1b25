/**
 * Who waits for the runtime and not for a socket of the system: connections on
 * the runtime's sockets, and answers that need a file, a timer or a thread.
 * While there is nobody, whoever asks the system may keep the runtime's loop
 * waiting for some milliseconds; while there is somebody, that is their delay.
 */

/**
 * How many wait, on this thread. Whoever adds one takes it away again; a
 * promise in between would let others come first.
 */
export const RUNTIME_USE: { waiting: number } = { waiting: 0 };
