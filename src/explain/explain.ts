/**
 * What becomes of a request, and why: the plan that would serve it is asked,
 * and tells its steps.
 */

import type { SourcePlace } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";
import type { Statement } from "../config/syntax/parser.ts";
import type { TraceStep } from "../core/trace.ts";
import { addressText } from "../core/settings/listen_address.ts";
import { textOf } from "../http/byte_string.ts";
import { parseHost } from "../http/host.ts";
import type { NamedValue } from "../http/request_head.ts";
import { NO_RESPONSE } from "../http/semantics/status.ts";
import { nameOf, Subject, written } from "../lint/subject.ts";
import {
  askDry,
  type DryAddress,
  type DryAnswer,
  type DryRequest,
  sentFields,
  STRANGER,
} from "../server/dry_run.ts";
import type {
  Configuration,
  Generation,
} from "../server/setup/configuration.ts";
import type { ServerPlan } from "../server/setup/server_plan.ts";
import {
  type Choice,
  locationReason,
  otherLocations,
  serverChoice,
} from "./choices.ts";

/** A request to be explained. */
export interface ExplainedRequest extends DryRequest {
  /** Whether it comes by TLS. */
  readonly secure: boolean;
  /** The port it comes to. */
  readonly port: number;
}

/** One thing to tell. */
export interface ExplainedStep {
  /** What it is about. */
  readonly kind:
    | TraceStep["kind"]
    | "listener"
    | "server"
    | "handshake"
    | "rule"
    | "near";
  /** What it was. */
  readonly text: string;
  /** Where it is said, as `FILE:LINE`; `null` if nowhere. */
  readonly place: string | null;
}

/** All there is to tell of a request. */
export interface Explanation {
  /** What was decided, in its order. */
  readonly steps: readonly ExplainedStep[];
  /** The status; 444 stands for a connection that ends without an answer. */
  readonly status: number;
  /** The fields, as byte strings, and where they come from. */
  readonly fields: readonly {
    readonly name: string;
    readonly value: string;
    readonly place: string | null;
  }[];
  /** The file that is sent; `null` if none is. */
  readonly file: string | null;
}

/** Directives whose rules are not steps of their own, told where in force. */
const RULES = ["limit_req", "limit_conn", "auth_basic", "satisfy"] as const;

function text(place: SourcePlace | undefined): string | null {
  return place === undefined ? null : `${place.file}:${place.line}`;
}

function near({ name, why, place }: Choice): ExplainedStep {
  return { kind: "near", text: `not ${name}: ${why}`, place: text(place) };
}

/** Addresses that take the connections of all others of their port. */
const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "IPv4"],
  ["::", "IPv6"],
]);

/** The address that a request comes to, why, and which others nearly were it. */
interface ListenerChoice {
  readonly address: DryAddress;
  readonly steps: readonly ExplainedStep[];
}

/** Who comes to an address, and to none of the others of its port. */
function whoComes(
  { hostname }: DryAddress,
  addresses: readonly DryAddress[],
): string {
  const family = WILDCARDS.get(hostname);
  if (family === undefined) return "it is only for connections to that address";
  const wildcards = addresses.filter((one) => WILDCARDS.has(one.hostname));
  return "it is for the other addresses of the port" +
    (wildcards.length > 1 ? `, by ${family}` : "");
}

/** Where it is said that an address is listened on. */
function listenPlace({ group }: DryAddress): string | null {
  return text(group.members[0]?.address.place);
}

/**
 * The address that a request comes to: of its port, by TLS or not; the one that
 * the host of the URL is, or else that of all addresses of the client's family.
 *
 * @throws {RangeError} when there is none; says which there are
 */
function addressFor(
  addresses: readonly DryAddress[],
  { secure, port, host, from = STRANGER }: ExplainedRequest,
): ListenerChoice {
  const fitting = addresses.filter((one) =>
    one.port === port && one.secure === secure
  );
  const name = parseHost(host)?.host.replace(/^\[|\]$/g, "");
  const family = [name, from].some((text) => text?.includes(":"))
    ? ["::"]
    : ["0.0.0.0", "::"];
  const address = [name, ...family]
    .map((wanted) => fitting.find(({ hostname }) => hostname === wanted))
    .find((found) => found !== undefined) ?? fitting[0];
  if (address !== undefined) {
    const others = fitting.filter((one) => one !== address);
    return {
      address,
      steps: [
        {
          kind: "listener",
          text: addressText(address),
          place: listenPlace(address),
        },
        ...others.map((other): ExplainedStep => ({
          kind: "near",
          text: `not ${addressText(other)}: ` +
            whoComes(other, fitting),
          place: listenPlace(other),
        })),
      ],
    };
  }
  const scheme = (one: DryAddress) => one.secure ? "https" : "http";
  const list = addresses.map((one) => `${scheme(one)} at ${addressText(one)}`);
  throw new RangeError(
    `nothing listens for ${secure ? "https" : "http"} at port ${port}; ` +
      (list.length === 0
        ? "there is no server"
        : `there is ${list.join(", ")}`),
  );
}

/**
 * Explains a request.
 *
 * @throws {RangeError} when nothing listens where it comes to
 */
export async function explain(
  configuration: Configuration,
  generation: Generation,
  request: ExplainedRequest,
): Promise<Explanation> {
  const subject = new Subject(configuration, generation);
  const { address, steps: listener } = addressFor(subject.addresses, request);
  const answer = await askDry(address, request);
  const { exchange, response, refusal, steps } = answer;
  const server = address.group.members
    .find((member) => member.server === exchange.server)?.server ??
    address.group.fallback;
  const choice = refusal === undefined
    ? serverChoice(address, server, exchange.host)
    : undefined;
  const refused = choice === undefined || !request.secure
    ? undefined
    : inForce(subject, server.scope, "ssl_reject_handshake")
      .find(({ args }) => args[0] === "on");
  if (choice !== undefined && refused !== undefined) {
    return {
      steps: [...listener, ...serverSteps(choice), {
        kind: "handshake",
        text: `refused: ${written(refused)}`,
        place: text(refused.place),
      }],
      status: NO_RESPONSE,
      fields: [],
      file: null,
    };
  }
  // What a statement says is looked for where the request was then.
  let scope = server.scope;
  const toldSteps = steps.flatMap((step) => {
    scope = step.scope ?? scope;
    return told(subject, server, step, scope);
  });
  return {
    steps: [
      ...listener,
      // Whoever is refused before is told by the error.
      ...(choice === undefined ? [] : serverSteps(choice)),
      ...toldSteps,
    ],
    status: response.status,
    fields: sentFields(answer).map(({ name, value }) => ({
      name,
      value,
      place: text(fieldPlace(subject, answer, steps, { name, value })),
    })),
    file: sentFile(subject, answer) ?? null,
  };
}

/** The server that a request is for, and which others nearly were it. */
function serverSteps(
  { chosen, others }: ReturnType<typeof serverChoice>,
): ExplainedStep[] {
  return [
    {
      kind: "server",
      text: `${chosen.name}: ${chosen.why}`,
      place: text(chosen.place),
    },
    ...others.map(near),
  ];
}

/**
 * A step in a block; of a location, also which others nearly were it, and the
 * rules that are in force in it.
 */
function told(
  subject: Subject,
  server: ServerPlan,
  step: TraceStep,
  scope: Scope,
): ExplainedStep[] {
  const { kind, place } = step;
  switch (kind) {
    case "map":
      return [{
        kind,
        text: step.text,
        place: text(mapLine(subject, step) ?? place),
      }];
    case "error_page": {
      const said = inForce(subject, scope, "error_page")
        .find(({ args }) => args.at(-1)!.split("?")[0] === step.text);
      return [{ kind, text: step.text, place: text(said?.place) }];
    }
    case "location":
      return [
        {
          kind,
          text: `${
            scope.context === "server" ? "none" : nameOf(scope)
          } for "${step.text}": ${locationReason(scope)}`,
          place: text(place),
        },
        ...otherLocations(server, scope, step.text).map(near),
        ...rulesIn(subject, scope).map((rule): ExplainedStep => ({
          kind: "rule",
          text: written(rule),
          place: text(rule.place),
        })),
      ];
    default:
      return [{ kind, text: step.text, place: text(place) }];
  }
}

/** The line of a map that its value is from, if only one can be. */
function mapLine(
  subject: Subject,
  { text, place }: TraceStep,
): SourcePlace | undefined {
  for (const { statement } of subject.statements("map")) {
    if (statement.place !== place) continue;
    const lines = (statement.block ?? []).filter(({ args: [value] }) =>
      value !== undefined && !value.includes("$") &&
      text.startsWith(`${statement.args[1]} is "${value}" for "`)
    );
    return lines.length === 1 ? lines[0]!.place : undefined;
  }
  return undefined;
}

/** The statements of a directive that are in force in a block. */
function inForce(
  subject: Subject,
  scope: Scope,
  name: string,
): readonly Statement[] {
  const owner = scope.nearest((outer) =>
    subject.statementsIn(outer, name).length > 0
  );
  return owner === undefined ? [] : subject.statementsIn(owner, name);
}

function rulesIn(subject: Subject, scope: Scope): readonly Statement[] {
  return RULES.flatMap((name) => inForce(subject, scope, name))
    .filter(({ args }) => args[0] !== "off");
}

/** The file whose content is sent, if one is: a sibling, or the URI's own. */
function sentFile(subject: Subject, answer: DryAnswer): string | undefined {
  const own = subject.fileOf(answer);
  if (own === undefined) return undefined;
  const variant = answer.steps.findLast(({ file }) => file !== undefined)?.file;
  return variant?.startsWith(own) ? variant : own;
}

/** Directives that set a field of a fixed name. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  "cache-control": ["expires"],
  "expires": ["expires"],
  "content-type": ["types", "default_type", "charset"],
  "content-encoding": ["gzip", "gzip_static", "brotli", "brotli_static"],
  "vary": ["gzip_vary"],
  "www-authenticate": ["auth_basic"],
};

/** Whether a value, which may have variables, can have become `text`. */
function mayBe(value: string, text: string): boolean {
  const constant = value.split(/\$(?:\w+|\{\w+\})/);
  return new RegExp(
    `^${constant.map((part) => RegExp.escape(part)).join(".*")}$`,
  )
    .test(text);
}

/** Where it is said that a field is sent. */
function fieldPlace(
  subject: Subject,
  { exchange: { location: { scope } } }: DryAnswer,
  steps: readonly TraceStep[],
  { name, value }: NamedValue,
): SourcePlace | undefined {
  const key = name.toLowerCase();
  for (const directive of ["more_set_headers", "add_header"]) {
    // Of several fields of a name each has its own line.
    const found = inForce(subject, scope, directive).find(({ args }) =>
      args.some((arg, i) =>
        arg.toLowerCase() === key
          ? mayBe(args[i + 1] ?? "", textOf(value))
          : arg.toLowerCase().startsWith(`${key}:`) &&
            mayBe(arg.slice(key.length + 1).trim(), textOf(value))
      )
    );
    if (found !== undefined) return found.place;
  }
  if (key === "location") {
    return steps.findLast(({ kind }) => kind === "return" || kind === "rewrite")
      ?.place;
  }
  return SOURCES[key]?.map((directive) =>
    inForce(subject, scope, directive).at(-1)?.place
  ).find((place) => place !== undefined);
}
