import { finish } from "../../src/config/steps.ts";
import { assertEquals, assertThrows } from "@std/assert";
import {
  type ValueHolder,
  Variables,
} from "../../src/config/configured_variables.ts";
import {
  ascii,
  bytes,
  settable,
  text,
  variableTable,
} from "../../src/config/variables.ts";
import { HttpError } from "../../src/http/errors.ts";
import { failure, PLACE } from "./config_support.ts";

interface Request extends ValueHolder {
  args: string;
}

const TABLE = variableTable<Request>({
  host: text(() => "a.example"),
  uri: text(() => "/é"),
  args: settable(bytes(({ args }) => args), (request, value) => {
    request.args = value;
  }),
  cipher: { ...ascii(() => "AES"), changeable: true },
}, { http_: (suffix) => bytes(() => `field:${suffix}`) });

const UNSET = ascii<Request>(() => "unset");

/** A table, a request, and what a text comes to in the end. */
function setUp() {
  const variables = new Variables(TABLE);
  const request: Request = { args: "a=1", values: undefined };
  return {
    variables,
    request,
    valueOf(source: string): string {
      finish(variables.link((error) => {
        throw error;
      }));
      return variables.byteTemplate(source, PLACE).evaluate(request);
    },
  };
}

Deno.test("Variables: a name may be used before it is defined", () => {
  const { variables, request } = setUp();
  const template = variables.textTemplate("[$later]", PLACE);
  assertThrows(() => template.evaluate(request), TypeError, "not been read");
  variables.define("Later", text(() => "é"), PLACE);
  finish(variables.link(() => {}));
  assertEquals(template.evaluate(request), "[é]");
});

Deno.test("Variables.read() knows names that a request brings", () => {
  const { variables, request, valueOf } = setUp();
  const set = variables.settable("own", UNSET, PLACE);
  valueOf("");
  const rows: [name: string, value: string | undefined][] = [
    ["uri", "/\xc3\xa9"],
    ["args", "a=1"],
    ["http_x", "field:x"],
    ["http_", undefined],
    ["nosuch", undefined],
    ["own", "unset"],
  ];
  for (const [name, value] of rows) {
    assertEquals(variables.read(name, request), value, name);
  }
  set(request, "set");
  assertEquals(variables.read("own", request), "set");
});

Deno.test("Variables.link() says where every unknown name is used", () => {
  const variables = new Variables(TABLE);
  for (const [i, source] of ["$nobody", "$uri", "$urii"].entries()) {
    variables.textTemplate(source, { file: "x.conf", line: i + 1 });
  }
  const messages: string[] = [];
  finish(variables.link(({ message }) => messages.push(message)));
  assertEquals(messages, [
    'unknown "nobody" variable in x.conf:1',
    'unknown "urii" variable in x.conf:3',
  ]);
  // What is compiled later says so at once.
  assertEquals(
    failure(() => variables.textTemplate("$nobody", PLACE)).what,
    'unknown "nobody" variable',
  );
});

Deno.test("Variables: what the program has may be changed if it says so", () => {
  const rows: [name: string, isRefused: boolean][] = [
    ["host", true],
    ["Host", true],
    ["args", false],
    ["cipher", false],
    ["http_x", false],
    ["own", false],
  ];
  for (const [name, isRefused] of rows) {
    const attempts = [
      (all: Variables<Request>) => all.define(name, UNSET, PLACE),
      (all: Variables<Request>) => void all.settable(name, UNSET, PLACE),
      (all: Variables<Request>) => void all.group(name, PLACE),
    ];
    for (const attempt of attempts) {
      const { variables } = setUp();
      if (!isRefused) attempt(variables);
      else {
        assertEquals(
          failure(() => attempt(variables)).message,
          `the duplicate "${name}" variable in x.conf:7`,
        );
      }
    }
  }
});

Deno.test("Variables.define(): the last definition counts, as in nginx", () => {
  const { variables, valueOf } = setUp();
  variables.define("a", ascii(() => "first"), PLACE);
  variables.define("A", text(() => "é"), PLACE);
  variables.define("http_x", ascii(() => "own"), PLACE);
  assertEquals(valueOf("$a $http_x $http_y"), "\xc3\xa9 own field:y");
});

Deno.test("Variables.define(): a value is kept unless it is volatile", () => {
  const { variables, request, valueOf } = setUp();
  let count = 0;
  variables.define("kept", ascii(() => `${++count}`), PLACE);
  variables.define("fresh", ascii(() => `${++count}`), PLACE, {
    volatile: true,
  });
  variables.define("none", ascii(() => undefined), PLACE);
  assertEquals(request.values, undefined);
  assertEquals(valueOf("$kept $kept $fresh $fresh$none"), "1 1 2 3");
});

Deno.test("Variables.define() ends a value that is made of itself", () => {
  const { variables, valueOf } = setUp();
  const template = variables.byteTemplate("$b", PLACE);
  variables.define("a", bytes((x) => template.evaluate(x)), PLACE);
  const other = variables.byteTemplate("$a", PLACE);
  variables.define("b", bytes((x) => other.evaluate(x)), PLACE);
  variables.define("c", ascii(() => "c"), PLACE);
  const cycle = "cycle while evaluating variable";
  assertThrows(() => valueOf("$a"), HttpError, cycle);
  assertThrows(() => valueOf("$b"), HttpError, cycle);
  // What failed is no part of the next value.
  assertEquals(valueOf("$c"), "c");
});

Deno.test("a template may have something instead of an error", () => {
  const { variables, request } = setUp();
  const fail = (): string => {
    throw new TypeError("broken");
  };
  variables.define("a", ascii(fail), PLACE);
  variables.define("b", ascii(fail), PLACE, { volatile: true });
  finish(variables.link(() => {}));
  const errors: unknown[] = [];
  const template = variables.template("$a $b $host", PLACE, {
    missing: "-",
    failed(_request, error) {
      errors.push((error as Error).message);
      return errors.length === 1 ? undefined : "failed";
    },
  });
  assertEquals(template.evaluate(request), "- failed a.example");
  assertEquals(errors, ["broken", "broken"]);
});

Deno.test("Variables.settable(): a value stands in for another", () => {
  const rows: [name: string, before: string, after: string][] = [
    ["own", "unset", "new"],
    ["http_x", "field:x", "new"],
    ["cipher", "AES", "new"],
    ["mapped", "map", "new"],
  ];
  for (const [name, before, after] of rows) {
    const { variables, request, valueOf } = setUp();
    variables.define("mapped", ascii(() => "map"), PLACE);
    const set = variables.settable(name, UNSET, PLACE);
    assertEquals(valueOf(`$${name}`), before, name);
    if (name === "mapped") request.values = undefined;
    set(request, "new");
    assertEquals(valueOf(`$${name}`), after, name);
  }
  const { variables, request, valueOf } = setUp();
  variables.settable("args", UNSET, PLACE)(request, "b=2");
  assertEquals([valueOf("$args"), request.args], ["b=2", "b=2"]);
});

Deno.test("Variables.group(): one name has one slot, whoever fills it", () => {
  const { variables, request, valueOf } = setUp();
  const slot = variables.group("a", PLACE);
  assertEquals(variables.group("A", PLACE), slot);
  const missing = variables.template("$a", PLACE, { missing: "-" });
  assertEquals(valueOf("[$a]"), "[]");
  assertEquals(missing.evaluate(request), "-");
  request.values = [];
  request.values[slot] = "\xc3\xa9";
  assertEquals(valueOf("[$a]"), "[\xc3\xa9]");
  variables.settable("a", UNSET, PLACE)(request, "set");
  assertEquals(valueOf("[$a]"), "[set]");
});

Deno.test("a variable says whether an expression took its value", () => {
  const { variables } = setUp();
  variables.group("taken", PLACE);
  variables.group("both", PLACE);
  variables.settable("both", UNSET, PLACE);
  finish(variables.link(() => {}));
  const taken: [name: string, isTaken: boolean][] = [];
  variables.template("$taken$both$host", PLACE, {
    instead(name, variable) {
      taken.push([name, variable.taken === true]);
      return variable;
    },
  });
  assertEquals(taken, [["taken", true], ["both", false], ["host", false]]);
});

Deno.test("two tables know nothing of each other", () => {
  const first = setUp();
  const second = setUp();
  first.variables.define("a", ascii(() => "1"), PLACE);
  second.variables.group("b", PLACE);
  second.variables.define("a", ascii(() => "2"), PLACE);
  assertEquals([first.valueOf("$a"), second.valueOf("$a")], ["1", "2"]);
  assertEquals(
    failure(() => first.valueOf("$b")).what,
    'unknown "b" variable',
  );
});
