/** The tables of HPACK (RFC 7541 §2.3, appendix A). */

/**
 * A field as it travels: name and value are byte strings. One of a table is the
 * same object each time it is said, so what is worked out of it is kept in it.
 */
export class FieldLine {
  /** The name. */
  readonly name: string;
  /** The value. */
  readonly value: string;
  /** What it is in a request, once that is known; 0 before that. */
  kind = 0;
  /** Whether nothing about it is unusual, once its kind is known. */
  isPlain = false;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
  }
}

/** What a field takes beside its texts, in bytes (§4.1). */
const ENTRY_BYTES = 32;

/** How large a dynamic table is when nobody has said anything, in bytes. */
export const DEFAULT_TABLE_BYTES = 4096;

/** The static table; the first one has the number 1. */
export const STATIC_TABLE: readonly FieldLine[] = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`.split("\n").map((line) => {
  const space = line.indexOf(" ");
  return space < 0
    ? new FieldLine(line, "")
    : new FieldLine(line.slice(0, space), line.slice(space + 1));
});

/** What a field counts for (§4.1), in bytes. */
export function fieldSize({ name, value }: FieldLine): number {
  return name.length + value.length + ENTRY_BYTES;
}

/** What one side remembers of the fields that were said; the newest first. */
export class DynamicTable {
  /** The oldest first. */
  readonly #lines: FieldLine[] = [];
  #bytes = 0;
  #limit: number;

  /** An empty table of at most `limit` bytes. */
  constructor(limit: number = DEFAULT_TABLE_BYTES) {
    this.#limit = limit;
  }

  /** How many fields are in it. */
  get size(): number {
    return this.#lines.length;
  }

  /** How large it may be, in bytes. */
  get limit(): number {
    return this.#limit;
  }

  /** Makes it hold at most `limit` bytes. */
  resize(limit: number): void {
    this.#limit = limit;
    this.#evict(limit);
  }

  /** Adds a field; one that is larger than the table empties it (§4.4). */
  add(line: FieldLine): void {
    const size = fieldSize(line);
    this.#evict(this.#limit - size);
    if (size > this.#limit) return;
    this.#lines.push(line);
    this.#bytes += size;
  }

  /** The field with a number of both tables, if there is one (§2.3.3). */
  at(index: number): FieldLine | undefined {
    return index <= STATIC_TABLE.length
      ? STATIC_TABLE[index - 1]
      : this.#lines[this.#lines.length - (index - STATIC_TABLE.length)];
  }

  /** The number of a field, or -1. */
  indexOf(name: string, value: string): number {
    const lines = this.#lines;
    for (let i = lines.length - 1; i >= 0; i--) {
      const line = lines[i]!;
      if (line.name === name && line.value === value) {
        return STATIC_TABLE.length + lines.length - i;
      }
    }
    return -1;
  }

  #evict(limit: number): void {
    let count = 0;
    while (this.#bytes > limit && count < this.#lines.length) {
      this.#bytes -= fieldSize(this.#lines[count++]!);
    }
    this.#lines.splice(0, count);
  }
}
