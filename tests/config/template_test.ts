import { assertEquals, assertThrows } from "@std/assert";
import {
  ascii,
  bytes,
  text as textVariable,
  variableTable,
} from "../../src/config/variables.ts";
import {
  MAX_TEXT_LENGTH,
  type Template,
  type TemplateOptions,
} from "../../src/config/template.ts";
import { HttpError } from "../../src/http/errors.ts";
import { failure, linkedTemplate } from "./config_support.ts";

interface Request {
  readonly uri: string;
  readonly args?: string;
  readonly fields: Readonly<Record<string, string>>;
}

const TABLE = variableTable<Request>({
  uri: textVariable((request) => request.uri),
  args: bytes((request) => request.args),
  http_host: ascii(() => "exact"),
  "1": ascii(() => "one"),
  "2": ascii(() => "two"),
}, {
  http_: (suffix) => bytes((request) => request.fields[suffix]),
  sent_http_: (suffix) => ascii(() => `sent:${suffix}`),
  sent_: (suffix) => ascii(() => `short:${suffix}`),
  arg_: (suffix) => ascii(() => `arg:${suffix}`),
});

const REQUEST: Request = { uri: "/x", fields: { user_agent: "me", empty: "" } };

function compile(
  text: string,
  options?: TemplateOptions<Request>,
): Template<Request> {
  return linkedTemplate(text, TABLE, options);
}

Deno.test("a template puts values into the text", () => {
  const rows: [text: string, expected: string][] = [
    ["", ""],
    ["plain {text}", "plain {text}"],
    ["$uri", "/x"],
    ["${uri}", "/x"],
    ["a$uri", "a/x"],
    ["$uri-b", "/x-b"],
    ["a${uri}b", "a/xb"],
    ["$uri$uri", "/x/x"],
    ["a${uri}b${uri}c$uri.d", "a/xb/xc/x.d"],
    ["$uri}", "/x}"],
    ["${uri}}", "/x}"],
    ["$uri{", "/x{"],
    // case
    ["$URI ${Uri}", "/x /x"],
    ["$HTTP_User_Agent", "me"],
    // captures have one digit, in braces it is a name
    ["$1$2", "onetwo"],
    ["$10", "one0"],
    ["$1a", "onea"],
    ["${1}0", "one0"],
    // families
    ["$http_user_agent", "me"],
    ["$http_host", "exact"],
    ["$sent_http_etag", "sent:etag"],
    ["$sent_x", "short:x"],
    ["$arg_a1_B", "arg:a1_b"],
    // what is not there
    ["[$args]", "[]"],
    ["[$http_nothing]", "[]"],
    ["$args", ""],
    ["[$http_empty]", "[]"],
    // beyond ASCII
    ["é$urié", "é/xé"],
  ];
  for (const [text, expected] of rows) {
    assertEquals(compile(text).evaluate(REQUEST), expected, text);
  }
});

Deno.test("a template says where a variable is misspelt", () => {
  const invalid = ["$", "a$ b", "$$uri", "$-", "$é", "${", "${}"];
  for (const text of invalid) {
    const { message, hint } = failure(() => compile(text));
    assertEquals(message, "invalid variable name in x.conf:7", text);
    const expected = "begins no variable: expected $name or ${name}";
    assertEquals(hint, `"$" in "${text}" ${expected}`);
  }
  const open: [text: string, name: string][] = [
    ["${uri", "uri"],
    ["${Uri-x}", "Uri"],
    ["${{uri}", ""],
    ["${-}", ""],
  ];
  for (const [text, name] of open) {
    const { message, hint } = failure(() => compile(text));
    assertEquals(
      message,
      `the closing bracket in "${name}" variable is missing in x.conf:7`,
    );
    assertEquals(hint, `expected "\${${name}}" in "${text}"`);
  }
});

Deno.test("a template says in nginx's words what is unknown", () => {
  const rows: [text: string, message: string, hint?: string][] = [
    ["$foo", 'unknown "foo" variable'],
    ["${Foo}", 'unknown "foo" variable'],
    ["$urii", 'unknown "urii" variable', 'did you mean "$uri"?'],
    ["$0", 'unknown "0" variable'],
    ["$3", 'unknown "3" variable'],
    ["${10}", 'unknown "10" variable'],
    ["$http_", 'unknown "http_" variable'],
    ["$constructor", 'unknown "constructor" variable'],
    ["$__proto__", 'unknown "__proto__" variable'],
  ];
  for (const [text, message, hint] of rows) {
    const error = failure(() => compile(text));
    assertEquals(
      [error.message, error.hint],
      [`${message} in x.conf:7`, hint],
      text,
    );
  }
});

Deno.test("Template knows whether it is constant and what it uses", () => {
  const rows: [text: string, constant: string | undefined, names: string[]][] =
    [
      ["", "", []],
      ["a b", "a b", []],
      ["$uri", undefined, ["uri"]],
      ["$URI${uri}$1$http_X", undefined, ["uri", "1", "http_x"]],
    ];
  for (const [text, constant, names] of rows) {
    const template = compile(text);
    assertEquals(template.source, text);
    assertEquals(template.constant, constant, text);
    assertEquals(template.variables, names, text);
  }
});

Deno.test("a template tells what is empty from what is missing", () => {
  const options: TemplateOptions<Request> = {
    missing: "-",
    escape: (value) => `<${value}>`,
  };
  const rows: [text: string, expected: string][] = [
    ["$uri", "</x>"],
    ["$args", "-"],
    ["$http_empty", "<>"],
    ["a $uri b $args", "a </x> b -"],
    ["constant", "constant"],
  ];
  for (const [text, expected] of rows) {
    assertEquals(compile(text, options).evaluate(REQUEST), expected, text);
  }
  assertEquals(compile("$args", { missing: "-" }).evaluate(REQUEST), "-");
});

Deno.test("a template gives a text or a byte string, as is asked", () => {
  const request: Request = { uri: "/é€😀", args: "\xc3\xa9\xff", fields: {} };
  const rows: [text: string, asText: string, asBytes: string][] = [
    ["é", "é", "\xc3\xa9"],
    ["$uri", "/é€😀", "/\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"],
    ["$args", "é\udcff", "\xc3\xa9\xff"],
    ["$http_host", "exact", "exact"],
    ["é$args é", "éé\udcff é", "\xc3\xa9\xc3\xa9\xff \xc3\xa9"],
  ];
  for (const [text, asText, asBytes] of rows) {
    const [texts, bytes] = (["text", "bytes"] as const).map((form) =>
      compile(text, { form })
    );
    assertEquals(texts!.evaluate(request), asText, text);
    assertEquals(bytes!.evaluate(request), asBytes, text);
  }
  assertEquals(compile("é", { form: "bytes" }).constant, "\xc3\xa9");
  assertEquals(
    compile("$args|$uri", {
      form: "bytes",
      escape: (value) => `${value.length}`,
    }).evaluate(request),
    "3|10",
  );
});

Deno.test("a template makes a family's variable once", () => {
  let made = 0;
  const table = variableTable<null>({}, {
    arg_: () => {
      made++;
      return ascii(() => "x");
    },
  });
  const template = linkedTemplate("$arg_a", table);
  assertEquals(template.evaluate(null) + template.evaluate(null), "xx");
  assertEquals(made, 1);
});

Deno.test("a template takes other variables instead, if it is told to", () => {
  const instead: TemplateOptions<Request>["instead"] = (name, variable) =>
    name === "uri" ? ascii(() => "other") : variable;
  assertEquals(compile("$uri $1", { instead }).evaluate(REQUEST), "other one");
});

Deno.test("a text that gets too long has no value, but in a log", () => {
  const half = "x".repeat(MAX_TEXT_LENGTH / 2);
  const request: Request = { uri: half, fields: {} };
  assertEquals(compile("$uri$uri").evaluate(request).length, MAX_TEXT_LENGTH);
  for (const text of ["$uri$uri$1", "$uri-$uri", "$uri".repeat(200)]) {
    const { message } = assertThrows(
      () => compile(text).evaluate(request),
      HttpError,
    );
    assertEquals(
      message,
      `the value of a text with "$${text.endsWith("1") ? "1" : "uri"}" is ` +
        "longer than 1048576 characters",
    );
    const failed = () => "-";
    assertEquals(
      compile(text, { failed }).evaluate(request).length >= MAX_TEXT_LENGTH,
      true,
    );
  }
});
