/** What the lines of one `geo` block say. */

import type { ParseContext } from "../../config/directive.ts";
import {
  ConfigError,
  placeBeside,
  type SourcePlace,
} from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import { STATEMENTS_PER_STEP, type Steps } from "../../config/steps.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { byteString, textOf } from "../../http/byte_string.ts";
import {
  type AddressBytes,
  mappedIpv4,
  NetworkRange,
  parseAddress,
} from "../../http/addresses/network_range.ts";
import { AddressTable, compare, OverlapError } from "./address_table.ts";

/** nginx's address of what has none, such as a client of a Unix socket. */
const NO_ADDRESS: AddressBytes = [255, 255, 255, 255];

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

/** What `default` is for, unless the block has ranges. */
const EVERYBODY: readonly NetworkRange[] = ["0.0.0.0/0", "::/0"]
  .flatMap((all) => NetworkRange.parse(all) ?? []);

/** A line for some addresses. */
interface Line {
  /** The addresses, as they were written. */
  readonly written: string;
  readonly place: SourcePlace;
  readonly first: AddressBytes;
  readonly last: AddressBytes;
  /** What the variable is for them, a byte string. */
  readonly value: string;
}

/** A `geo` block, as it is read and then looked up in. */
export class Networks {
  /** Networks of proxies whose `X-Forwarded-For` is believed. */
  readonly proxies: NetworkRange[] = [];
  /** Whether the last address counts that is none of these proxies. */
  recursive = false;
  /** Whether the value is found anew each time it is read. */
  isVolatile = false;
  readonly #lines = new Map<string, Line>();
  #ranges = false;
  #default: string | undefined;
  #ipv4: AddressTable<string> | undefined;
  #ipv6: AddressTable<string> | undefined;

  /**
   * Reads the lines of a block.
   *
   * @throws {ConfigError} in nginx's words, when lines are wrong
   */
  static *read(
    entries: readonly Statement[],
    context: ParseContext,
  ): Steps<Networks> {
    const networks = new Networks();
    const faults = new FaultList();
    for (let i = 0; i < entries.length; i++) {
      if (i % STATEMENTS_PER_STEP === 0) yield;
      faults.attempt(() => networks.#read(entries[i]!, context));
    }
    yield* faults.attemptSteps(networks.#compile());
    faults.throwIfFound();
    return networks;
  }

  /** The value of the client at `address`; empty if there is none. */
  find(address: string): string {
    const bytes = parseAddress(address) ?? NO_ADDRESS;
    const ipv4 = bytes.length === IPV4_BYTES ? bytes : mappedIpv4(bytes);
    const value = ipv4 === undefined && !this.#ranges
      ? this.#ipv6?.find(bytes)
      : this.#ipv4?.find(ipv4 ?? NO_ADDRESS);
    return value ?? this.#default ?? "";
  }

  /** @throws {ConfigError} when the line is wrong */
  #read({ name, args, place }: Statement, context: ParseContext): void {
    const written = args[0];
    if (args.length === 0 && this.#readFlag(name, place)) return;
    if (written === undefined || args.length > 1) {
      throw new ConfigError(
        "invalid number of the geo parameters",
        place,
        'expected a network and its value, "default" and a value, "delete" ' +
          'or "proxy" and a network, "ranges", "proxy_recursive" or "volatile"',
      );
    }
    if (name === "proxy") {
      this.proxies.push(networkOf(written, place, context));
    } else if (name === "delete") this.#delete(written, place, context);
    else if (name === "default") this.#setDefault(written, place, context);
    else this.#add(name, written, place, context);
  }

  #readFlag(name: string, place: SourcePlace): boolean {
    if (name === "volatile") this.isVolatile = true;
    else if (name === "proxy_recursive") this.recursive = true;
    else if (name === "ranges") {
      if (this.#lines.size > 0 || this.#default !== undefined) {
        throw new ConfigError(
          'the "ranges" directive must be the first directive inside "geo" ' +
            "block",
          place,
          "move it up",
        );
      }
      this.#ranges = true;
    } else return false;
    return true;
  }

  /** As in nginx the default is a network of its own, unless there are ranges. */
  #setDefault(value: string, place: SourcePlace, context: ParseContext): void {
    let before: string | undefined;
    if (this.#ranges) {
      before = this.#default;
      this.#default = byteString(value);
    } else {
      for (const { first, last } of EVERYBODY) {
        const line = { written: "default", place, first, last, value };
        before = this.#put(line) ?? before;
      }
    }
    if (before === undefined) return;
    const what = this.#ranges
      ? "duplicate default geo range value:"
      : 'duplicate network "default", value:';
    context.warn(`${what} "${value}", old value: "${textOf(before)}"`, place);
  }

  #add(
    written: string,
    value: string,
    place: SourcePlace,
    context: ParseContext,
  ): void {
    const { first, last } = this.#addressesOf(written, place, context);
    const before = this.#put({ written, place, first, last, value });
    if (before === undefined) return;
    context.warn(
      `duplicate ${this.#ranges ? "range" : "network"} "${written}", ` +
        `value: "${value}", old value: "${textOf(before)}"`,
      place,
    );
  }

  /** Puts a line, whose value is still a text, in the place of another one. */
  #put({ written, place, first, last, value }: Line): string | undefined {
    const key = keyOf(first, last);
    const before = this.#lines.get(key)?.value;
    const line = { written, place, first, last, value: byteString(value) };
    this.#lines.set(key, line);
    return before;
  }

  #delete(written: string, place: SourcePlace, context: ParseContext): void {
    const { first, last } = this.#addressesOf(written, place, context);
    if (this.#lines.delete(keyOf(first, last))) return;
    context.warn(
      `no ${this.#ranges ? "address range" : "network"} "${written}" to delete`,
      place,
    );
  }

  #addressesOf(
    written: string,
    place: SourcePlace,
    context: ParseContext,
  ): Pick<Line, "first" | "last"> {
    return this.#ranges
      ? rangeOf(written, place)
      : networkOf(written, place, context);
  }

  /** @throws {ConfigError} when ranges overlap */
  *#compile(): Steps<void> {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    const ordered = this.#ranges;
    function tableOf(length: number): Steps<AddressTable<string>> {
      const own = lines.filter(({ first }) => first.length === length);
      return AddressTable.of(own, length, { ordered });
    }
    try {
      this.#ipv4 = yield* tableOf(IPV4_BYTES);
      this.#ipv6 = yield* tableOf(IPV6_BYTES);
    } catch (error) {
      if (!(error instanceof OverlapError)) throw error;
      throw overlap(lines, error.one as Line, error.other as Line);
    }
  }
}

/** The same for two lines that are for the same addresses. */
function keyOf(first: AddressBytes, last: AddressBytes): string {
  return String.fromCharCode.apply(undefined, first.concat(last));
}

/** @throws {ConfigError} when `written` is no network */
function networkOf(
  written: string,
  place: SourcePlace,
  { warn }: ParseContext,
): NetworkRange {
  const network = NetworkRange.parse(written);
  if (network === undefined) {
    throw new ConfigError(
      `invalid network "${written}"`,
      place,
      "expected an address, or a network such as 192.0.2.0/24",
    );
  }
  if (network.hasMeaninglessBits) {
    warn(`low address bits of ${written} are meaningless`, place);
  }
  return network;
}

/** @throws {ConfigError} when `written` is no range of IPv4 addresses */
function rangeOf(written: string, place: SourcePlace) {
  const [first, last] = written.split("-").map(parseAddress);
  if (
    first?.length !== IPV4_BYTES || last?.length !== IPV4_BYTES ||
    compare(first, last) > 0 || written.split("-").length !== 2
  ) {
    throw new ConfigError(
      `invalid range "${written}"`,
      place,
      "expected two IPv4 addresses, the lower one first: 192.0.2.0-192.0.2.9",
    );
  }
  return { first, last };
}

/** The later of two lines overlaps the earlier one. */
function overlap(lines: readonly Line[], one: Line, other: Line): ConfigError {
  const [earlier, later] = lines.indexOf(one) < lines.indexOf(other)
    ? [one, other]
    : [other, one];
  return new ConfigError(
    `range "${later.written}" overlaps "${earlier.written}"`,
    later.place,
    `that one is in ${placeBeside(earlier.place, later.place)}: a range may ` +
      "be within an earlier one, or beside it",
  );
}
