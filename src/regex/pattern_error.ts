/** Why a pattern is not taken. */

/** A pattern that is wrong, or that holds what is not supported. */
export class PatternError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "PatternError";
  /** What to write instead, if there is anything. */
  readonly advice: string | undefined;

  /** `message` says what is wrong, with the part of the pattern in quotes. */
  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** The error for a part of PCRE's language that is not supported here. */
export function unsupported(
  what: string,
  written: string,
  advice: string,
): PatternError {
  return new PatternError(
    `${what} "${written}" is not supported by webserv`,
    advice,
  );
}
