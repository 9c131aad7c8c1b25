import { assertEquals } from "@std/assert";
import { requestFraming } from "../../../src/http/http1/framing.ts";
import { failureStatus } from "../../support/feeder.ts";
import { headOf } from "../../support/heads.ts";

/** `none`, a length, `chunked`, or the status of the refusal. */
function framing(fields: readonly string[], version = "1.1"): string {
  try {
    const framing = requestFraming(headOf(`POST / HTTP/${version}`, ...fields));
    return framing.kind === "length" ? String(framing.length) : framing.kind;
  } catch (error) {
    return failureStatus(error);
  }
}

const CL = "Content-Length: ";
const TE = "Transfer-Encoding: ";
const CHUNKED = `${TE}chunked`;

Deno.test("requestFraming() reads Content-Length (RFC 9112 §6.2)", () => {
  const rows: [string[], string][] = [
    [[], "none"],
    [[`${CL}0`], "none"],
    [[`${CL}00`], "none"],
    [[`${CL}5`], "5"],
    [[`${CL}  5\t`], "5"],
    [["CONTENT-LENGTH:5"], "5"],
    [[`${CL}0005`], "5"],
    [[`${CL}${"0".repeat(40)}5`], "5"],
    [[`${CL}999999999999999`], "999999999999999"],
    [["Content-Lengths: 5"], "none"],
    [[`${CL}1000000000000000`], "400"], // 16 digits
    [[`${CL}9007199254740993`], "400"], // 2^53 + 1
    [[`${CL}18446744073709551621`], "400"], // 2^64 + 5
    [[`${CL}${"9".repeat(400)}`], "400"],
    [[CL], "400"],
    [[`${CL}+5`], "400"],
    [[`${CL}-5`], "400"],
    [[`${CL}-0`], "400"],
    [[`${CL}5 5`], "400"],
    [[`${CL}5,5`], "400"],
    [[`${CL}5, 5`], "400"],
    [[`${CL}5,`], "400"],
    [[`${CL},5`], "400"],
    [[`${CL}5;`], "400"],
    [[`${CL}5.0`], "400"],
    [[`${CL}5e1`], "400"],
    [[`${CL}0x5`], "400"],
    [[`${CL}5h`], "400"],
    [[`${CL}a`], "400"],
    [[`${CL}1_000`], "400"],
    [[`${CL}"5"`], "400"],
    [[`${CL}\xb2`], "400"],
    [[`${CL}5`, `${CL}5`], "400"], // equal ones too
    [[`${CL}5`, `${CL}6`], "400"],
    [[`${CL}5`, "content-length:"], "400"],
    [[`${CL}0`, "A: b", `${CL}0`], "400"],
  ];
  for (const [fields, expected] of rows) {
    assertEquals(framing(fields), expected, fields.join("|"));
    assertEquals(framing(fields, "1.0"), expected, fields.join("|"));
  }
});

Deno.test("requestFraming() reads Transfer-Encoding (RFC 9112 §6.1)", () => {
  const rows: [string[], string][] = [
    [[CHUNKED], "chunked"],
    [[`${TE}CHUNKED`], "chunked"],
    [[`${TE} \tChunked\t `], "chunked"],
    [["transfer-encoding:chunked"], "chunked"],
    [[TE], "400"],
    [[`${TE},`], "400"],
    [[`${TE}chunked,`], "400"],
    [[`${TE},chunked`], "400"],
    [[`${TE}chunked, chunked`], "400"],
    [[CHUNKED, CHUNKED], "400"],
    [[CHUNKED, TE], "400"],
    [[TE, CHUNKED], "400"],
    [[`${TE}chunked, gzip`], "400"],
    [[`${TE}chunked, identity`], "400"],
    [[CHUNKED, `${TE}gzip`], "400"],
    [[`${TE}gzip`], "501"],
    [[`${TE}identity`], "501"],
    [[`${TE}gzip, chunked`], "501"],
    [[`${TE}gzip`, CHUNKED], "501"],
    [[`${TE}chunke`], "501"],
    [[`${TE}chunkedx`], "501"],
    [[`${TE}xchunked`], "501"],
    [[`${TE}"chunked"`], "501"],
    [[`${TE}chunked;a=b`], "501"],
    [[`${TE}chunked gzip`], "501"],
    [[`${TE}\x80chunked`], "501"],
    [[`${TE}chunked\xa0`], "501"], // no-break space is no whitespace
    [[CHUNKED, `${CL}5`], "400"], // §6.3: never two opinions
    [[`${CL}5`, CHUNKED], "400"],
    [[`${CL}0`, CHUNKED], "400"],
    [[`${CL}x`, CHUNKED], "400"],
    [[`${CL}5`, `${TE}gzip`], "400"],
    [[`${CL}5`, TE], "400"],
  ];
  for (const [fields, expected] of rows) {
    assertEquals(framing(fields), expected, fields.join("|"));
    assertEquals(framing(fields, "1.0"), "400", `1.0 ${fields.join("|")}`);
  }
});
