/** What is wrong with a command line. */

/** A command line that cannot be understood. */
export class UsageError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "UsageError";
}
