/**
 * Finds the commands in a page, `<!--#name parameter="value" -->`, wherever it
 * is cut into pieces. What is a command and what is a mistake is nginx's
 * (`ngx_http_ssi_parse()`).
 */

import { bytesOf } from "../../http/byte_string.ts";

/** A command as it is written. All texts are byte strings. */
export interface Command {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** A part of a page: bytes as they are, a command, or a wrong one. */
export type Token =
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "mistake"; readonly message: string };

/** Longest name of a command or a parameter, in bytes (nginx). */
const MAX_NAME_BYTES = 32;

const PREFIX = bytesOf("<!--#");

const LESS_THAN = PREFIX[0]!;

type State =
  | "text"
  | "before command"
  | "command"
  | "before parameter"
  | "parameter"
  | "before equals"
  | "before value"
  | "value"
  | "escaped"
  | "after value"
  | "end 0"
  | "end 1"
  | "mistake"
  | "mistake end 0"
  | "mistake end 1";

/** Takes one page apart. */
export class Scanner {
  readonly #maxValueBytes: number;
  #state: State = "text";
  /** How many bytes of {@linkcode PREFIX} have come. */
  #matched = 0;
  #name = "";
  #parameters: [name: string, value: string][] = [];
  #quote = "";
  #mistake = "";

  /** Values may have so many bytes (`ssi_value_length`). */
  constructor(maxValueBytes: number) {
    this.#maxValueBytes = maxValueBytes;
  }

  /** The parts that `bytes` bring; their texts stand in the same memory. */
  *add(bytes: Uint8Array): Generator<Token, void, void> {
    let from = 0;
    let at = 0;
    // Where the prefix begins; it may have begun before these bytes.
    let tag = 0;
    while (at < bytes.length) {
      if (this.#state !== "text") {
        const token = this.#step(String.fromCharCode(bytes[at++]!));
        if (token !== undefined) yield token;
        from = at;
      } else if (this.#matched === 0) {
        tag = bytes.indexOf(LESS_THAN, at);
        if (tag < 0) break;
        at = tag + 1;
        this.#matched = 1;
      } else if (bytes[at] !== PREFIX[this.#matched]) {
        // It is none. If it began before, it has not been given yet.
        if (at < this.#matched) {
          yield text(PREFIX.subarray(0, this.#matched - at));
        }
        this.#matched = 0;
      } else {
        at++;
        if (++this.#matched < PREFIX.length) continue;
        if (tag > from) yield text(bytes.subarray(from, tag));
        this.#matched = 0;
        this.#state = "before command";
        from = at;
      }
    }
    if (this.#state !== "text") return;
    const end = Math.max(0, bytes.length - this.#matched);
    if (end > from) yield text(bytes.subarray(from, end));
  }

  /** What was held because it could have been a command. */
  *end(): Generator<Token, void, void> {
    if (this.#matched > 0) yield text(PREFIX.subarray(0, this.#matched));
  }

  /** Takes the next character of a command, which may be its last one. */
  #step(character: string): Token | undefined {
    const isBlank = /[ \t\r\n]/.test(character);
    switch (this.#state) {
      case "before command":
        if (isBlank) return undefined;
        this.#name = character;
        this.#parameters = [];
        return this.#go("command");
      case "command":
        if (isBlank) return this.#go("before parameter");
        if (character === "-") return this.#go("end 0");
        if (this.#name.length === MAX_NAME_BYTES) {
          return this.#fail(
            `the "${this.#name}${character}..." SSI command is too long`,
          );
        }
        this.#name += character;
        return undefined;
      case "before parameter":
        if (isBlank) return undefined;
        if (character === "-") return this.#go("end 0");
        this.#parameters.push([character, ""]);
        return this.#go("parameter");
      case "parameter":
        if (isBlank) return this.#go("before equals");
        if (character === "=") return this.#go("before value");
        if (character === "-") {
          return this.#unexpected(
            character,
            `after "${this.#parameter[0]}" parameter in`,
          );
        }
        if (this.#parameter[0].length === MAX_NAME_BYTES) {
          return this.#fail(
            `too long "${this.#parameter[0]}${character}..." parameter in ` +
              `"${this.#name}" SSI command`,
          );
        }
        this.#parameter[0] += character;
        return undefined;
      case "before equals":
        if (isBlank) return undefined;
        if (character === "=") return this.#go("before value");
        return this.#unexpected(
          character,
          `after "${this.#parameter[0]}" parameter in`,
        );
      case "before value":
        if (isBlank) return undefined;
        if (character === '"' || character === "'") {
          this.#quote = character;
          return this.#go("value");
        }
        return this.#unexpected(
          character,
          `before value of "${this.#parameter[0]}" parameter in`,
        );
      case "value":
        if (character === this.#quote) return this.#go("after value");
        if (character === "\\") this.#state = "escaped";
        return this.#addToValue(character);
      case "escaped":
        this.#state = "value";
        return this.#addToValue(character);
      case "after value":
        if (isBlank) return this.#go("before parameter");
        if (character === "-") return this.#go("end 0");
        return this.#unexpected(
          character,
          `after "${this.#parameter[1]}" value of "${this.#parameter[0]}" ` +
            "parameter in",
        );
      case "end 0":
        if (character === "-") return this.#go("end 1");
        return this.#unexpected(character, "in");
      case "end 1":
        if (character !== ">") return this.#unexpected(character, "in");
        this.#state = "text";
        return {
          kind: "command",
          command: { name: this.#name, parameters: this.#parameters },
        };
      case "mistake":
        return character === "-" ? this.#go("mistake end 0") : undefined;
      case "mistake end 0":
        return this.#go(character === "-" ? "mistake end 1" : "mistake");
      case "mistake end 1":
        if (character !== ">") return this.#go("mistake");
        this.#state = "text";
        return { kind: "mistake", message: this.#mistake };
    }
    return undefined;
  }

  get #parameter(): [name: string, value: string] {
    return this.#parameters.at(-1)!;
  }

  #go(state: State): undefined {
    this.#state = state;
  }

  #addToValue(character: string): undefined {
    const [name, value] = this.#parameter;
    // As in nginx the last byte is never used.
    if (value.length + 1 >= this.#maxValueBytes) {
      return this.#fail(
        `too long "${value}${character}..." value of "${name}" parameter in ` +
          `"${this.#name}" SSI command`,
      );
    }
    this.#parameter[1] += character;
  }

  #unexpected(character: string, where: string): undefined {
    this.#fail(
      `unexpected "${character}" symbol ${where} "${this.#name}" SSI command`,
    );
    // It may be the first of those that end the command.
    if (character === "-" && this.#parameters.length > 0 && where !== "in") {
      this.#state = "mistake end 0";
    }
  }

  #fail(message: string): undefined {
    this.#mistake = message;
    this.#state = "mistake";
  }
}

function text(bytes: Uint8Array): Token {
  return { kind: "text", bytes };
}
