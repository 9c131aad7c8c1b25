/**
 * What becomes of a request, and why: the plan that would serve it is asked,
 * and tells its steps.
 */

import type { SourcePlace } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";
import type { Statement } from "../config/syntax/parser.ts";
import type { TraceStep } from "../core/trace.ts";
import { NO_RESPONSE } from "../http/semantics/status.ts";
import { inForce, nameOf, Subject, written } from "../lint/subject.ts";
import {
  askDry,
  type DryAnswer,
  type DryRequest,
  sentFields,
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
import { addressFor, type Comer } from "./listener.ts";
import { FieldPlaces, mayBe } from "./field_places.ts";
import { foldRounds } from "./rounds.ts";
import { type ExplainedStep, placeText } from "./step.ts";

/** A request to be explained. */
export type ExplainedRequest = DryRequest & Comer;

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

/** Steps that say where a redirect within the server leads. */
const LEADING: ReadonlySet<ExplainedStep["kind"]> = new Set([
  ...["rewrite", "try_files", "error_page"] as const,
]);

/** Directives whose rules are not steps of their own, told where in force. */
const RULES = [
  ...["limit_req", "limit_conn", "limit_rate"],
  ...["auth_basic", "satisfy", "valid_referers", "secure_link"],
];

function near({ name, why, place }: Choice): ExplainedStep {
  return { kind: "near", text: `not ${name}: ${why}`, place: placeText(place) };
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
        place: placeText(refused.place),
      }],
      status: NO_RESPONSE,
      fields: [],
      file: null,
    };
  }
  // What a statement says is looked for where the request was then.
  let scope = server.scope;
  const toldSteps: ExplainedStep[] = [];
  for (const step of steps) {
    scope = step.scope ?? scope;
    const before = toldSteps.at(-1);
    toldSteps.push(...told(subject, step, { server, scope, before }));
  }
  const file = sentFile(subject, answer);
  const places = new FieldPlaces({
    subject,
    scope: exchange.location.scope,
    steps: toldSteps,
    hasFile: file !== undefined,
  });
  return {
    steps: [
      ...listener,
      // Whoever is refused before is told by the error.
      ...(choice === undefined ? [] : serverSteps(choice)),
      ...foldRounds(toldSteps),
    ],
    status: response.status,
    fields: sentFields(answer)
      .map((field) => ({ ...field, place: places.of(field) })),
    file: file ?? null,
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
      place: placeText(chosen.place),
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
  step: TraceStep,
  { server, scope, before }: {
    readonly server: ServerPlan;
    readonly scope: Scope;
    readonly before: ExplainedStep | undefined;
  },
): ExplainedStep[] {
  const { kind, place } = step;
  switch (kind) {
    case "map":
    case "geo":
    case "split_clients":
      return [{
        kind,
        text: step.text,
        place: placeText(valueLine(subject, step) ?? place),
      }];
    case "error_page": {
      const said = inForce(subject, scope, "error_page")
        .find(({ args }) => mayBe(args.at(-1)!.split("?")[0]!, step.text));
      return [{ kind, text: step.text, place: placeText(said?.place) }];
    }
    case "location":
      return [
        {
          kind,
          text: `${
            scope.context === "server" ? "none" : nameOf(scope)
          } for "${step.text}": ${locationReason(scope)}`,
          place: placeText(place),
        },
        ...otherLocations(server, scope, step.text).map(near),
        ...rulesIn(subject, scope).map((rule): ExplainedStep => ({
          kind: "rule",
          text: written(rule),
          place: placeText(rule.place),
        })),
      ];
    case "file": {
      const [said] = inForce(subject, scope, "alias", "root");
      return [{
        kind,
        text: step.text,
        place: placeText(place ?? said?.place),
      }];
    }
    case "redirect": {
      // What led there was told just before, but of an index only its file.
      const said = before !== undefined && LEADING.has(before.kind)
        ? before.place
        : placeText(indexLine(subject, scope));
      return [{ kind, text: step.text, place: said }];
    }
    default:
      return [{ kind, text: step.text, place: placeText(place) }];
  }
}

/** The line of what stands for a folder. */
function indexLine(subject: Subject, scope: Scope): SourcePlace | undefined {
  const isRandom = ({ args }: Statement) => args[0] === "on";
  return inForce(subject, scope, "random_index").find(isRandom)?.place ??
    inForce(subject, scope, "index").at(-1)?.place;
}

/** The line of a map or its like that a value is from, if only one can be. */
function valueLine(
  subject: Subject,
  { kind, text, place }: TraceStep,
): SourcePlace | undefined {
  for (const { statement } of subject.statements(kind)) {
    if (statement.place !== place) continue;
    const lines = (statement.block ?? []).filter(({ args: [value] }) =>
      value !== undefined && !value.includes("$") &&
      text.startsWith(`${statement.args.at(-1)} is "${value}" for "`)
    );
    return lines.length === 1 ? lines[0]!.place : undefined;
  }
  return undefined;
}

function rulesIn(subject: Subject, scope: Scope): readonly Statement[] {
  return RULES.flatMap((name) => inForce(subject, scope, name))
    .filter(({ args }) => args[0] !== "off" && args[0] !== "0");
}

/** The file whose content is sent, if one is: a sibling, or the URI's own. */
function sentFile(subject: Subject, answer: DryAnswer): string | undefined {
  const own = subject.fileOf(answer);
  if (own === undefined) return undefined;
  const variant = answer.steps.findLast(({ file }) => file !== undefined)?.file;
  return variant?.startsWith(own) ? variant : own;
}
