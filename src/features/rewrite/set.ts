/** `set`, and what is said of variables that nobody has set. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { onOffDirective } from "../../config/values.ts";
import { ascii, type Variable, variableName } from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import { contextOf } from "../../core/request_log.ts";
import { textOf } from "../../http/byte_string.ts";
import { log } from "../../logging/logger.ts";
import { trace } from "../../core/trace.ts";
import type { OrderedStep } from "./script.ts";

/** `uninitialized_variable_warn on | off`. */
export const uninitializedVariableWarn: Directive<boolean> = onOffDirective({
  name: "uninitialized_variable_warn",
  contexts: ["http", "server", "location", "if"],
  default: true,
  summary: "Whether it is logged when a variable is used that was not set.",
});

/** What a variable is that a `set` elsewhere would have set: empty. */
function unset(name: string): Variable<Exchange> {
  return ascii((exchange) => {
    const { scope, errorLog } = exchange.location;
    if (log.enabled("warn", errorLog) && scope.get(uninitializedVariableWarn)) {
      log.warn(`using uninitialized "${name}" variable`, contextOf(exchange));
    }
    return "";
  });
}

/** `set $variable value`. */
export const setDirective: Directive<readonly OrderedStep[]> = defineDirective<
  readonly OrderedStep[]
>({
  name: "set",
  contexts: ["server", "location", "if"],
  args: [2, 2],
  inherit: false,
  repeatable: true,
  default: [],
  summary: "Gives a variable a value for the rest of the request.",
  syntax: "$variable value",
  parse({ args: [written = "", text = ""], place }, previous = [], context) {
    const { variables, index: order } = context;
    const name = variableName(written, place);
    const write = variables.settable(name, unset(name), place);
    const value = variables.byteTemplate(text, place);
    return appended(previous, [{
      order,
      step(exchange) {
        const evaluated = value.evaluate(exchange);
        trace.steps?.push({
          kind: "set",
          text: `${written} is "${textOf(evaluated)}"`,
          place,
        });
        write(exchange, evaluated);
        return undefined;
      },
    }]);
  },
});
