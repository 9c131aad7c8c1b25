/** How urgent a response is (RFC 9218 §4). */

/** What a client has said of a response. */
export interface Priority {
  /** 0 comes first, 7 last. */
  readonly urgency: number;
  /** Whether a part of it is of use before all of it is there. */
  readonly incremental: boolean;
}

/** What holds if nothing is said. */
export const DEFAULT_PRIORITY: Priority = { urgency: 3, incremental: false };

/** The value of `priority`; what is not said or understood is as in `base`. */
export function parsePriority(
  value: string,
  base: Priority = DEFAULT_PRIORITY,
): Priority {
  let { urgency, incremental } = base;
  for (const member of value.split(",")) {
    const [, key, text = "?1"] =
      /^[ \t]*([a-z*][a-z0-9_.*-]*)(?:=([^;]*))?(?:;.*)?$/.exec(
        member.trimEnd(),
      ) ?? [];
    if (key === "u" && /^[0-7]$/.test(text)) urgency = Number(text);
    if (key === "i" && /^\?[01]$/.test(text)) incremental = text === "?1";
  }
  return { urgency, incremental };
}
