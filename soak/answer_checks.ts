/** Whether an answer about a file that changes can be right. */

import type { Answer } from "./wire.ts";
import { versionOf } from "./content.ts";
import { type FileState, type SoakFile, stateText } from "./files.ts";
import type { History, Period } from "./history.ts";

/**
 * What two clocks, and times of which one was read a little before it counts,
 * may differ by, in ms.
 */
const CLOCK_SLACK_MS = 20;

/** How long nothing may be answered where a file has come, in ms. */
export const MISSING_VALID_MS = 100;

/** When what an answer tells may have been so. */
export function periodOf(
  { askedAt, endedAt }: Pick<Answer, "askedAt" | "endedAt">,
  validMs: number,
): Period {
  return { from: askedAt - validMs - CLOCK_SLACK_MS, to: endedAt };
}

/**
 * What is wrong with an answer about `file`, whose states may be `validMs` old;
 * `undefined` if nothing is. The body is as it is after decoding.
 */
export function fileProblem(
  file: SoakFile,
  answer: Answer,
  validMs: number,
): string | undefined {
  const period = periodOf(answer, validMs);
  const possible = file.history.during(period);
  switch (answer.status) {
    case 200:
      return bodyProblem(file, answer, period);
    case 206:
      return rangeProblem(file, answer, possible);
    case 304:
      return tagProblem(file, answer.field("etag"), possible);
    case 404: {
      const missing = file.history
        .during(periodOf(answer, Math.min(validMs, MISSING_VALID_MS)))
        .includes(undefined);
      return missing ? undefined : `${file.name}: 404, but it is there`;
    }
    case 416: {
      const total = /^bytes \*\/(\d+)$/
        .exec(answer.field("content-range") ?? "")?.[1];
      return possible.some((state) => state?.size === Number(total))
        ? undefined
        : `${file.name}: 416 of ${total} bytes, ${expected(possible)}`;
    }
    default:
      return `${file.name}: status ${answer.status}`;
  }
}

function bodyProblem(
  file: SoakFile,
  answer: Answer,
  period: Period,
): string | undefined {
  const possible = file.history.during(period);
  const { body } = answer;
  // While a file is written in place it is, for a moment, empty or shorter.
  const half = file.inPlace ? file.history.comingDuring(period) : [];
  if (body.length === 0) {
    return half.length > 0
      ? undefined
      : `${file.name}: empty, ${expected(possible)}`;
  }
  const version = versionOf(file.name, body);
  if (version === undefined) {
    return `${file.name}: ${body.length} bytes that are no version of it`;
  }
  const state = { version, size: body.length };
  if (possible.some((each) => isSame(each, state))) {
    const tag = answer.field("etag");
    return tag === undefined || file.tags.note(tag, state)
      ? undefined
      : `${file.name}: the tag ${tag} was that of ${file.tags.stateOf(tag)}, ` +
        `now of ${stateText(state)}`;
  }
  const isHalf = half.some((each) =>
    each?.version === version && each.size >= body.length
  );
  return isHalf
    ? undefined
    : `${file.name}: ${stateText(state)}, ${expected(possible)}`;
}

function rangeProblem(
  file: SoakFile,
  answer: Answer,
  possible: readonly FileState[],
): string | undefined {
  const range = answer.field("content-range") ?? "";
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? [];
  if (Number(end) - Number(start) + 1 !== answer.body.length) {
    return `${file.name}: ${answer.body.length} bytes as "${range}"`;
  }
  const version = versionOf(file.name, answer.body, Number(start));
  if (version === undefined) {
    return `${file.name}: "${range}" is of no version`;
  }
  const state = { version, size: Number(total) };
  return possible.some((each) => isSame(each, state))
    ? undefined
    : `${file.name}: range of ${stateText(state)}, ${expected(possible)}`;
}

/** A 304 says that the client's version, named by its tag, is still good. */
function tagProblem(
  file: SoakFile,
  tag: string | undefined,
  possible: readonly FileState[],
): string | undefined {
  const named = tag === undefined ? undefined : file.tags.stateOf(tag);
  return possible.some((each) => stateText(each) === named)
    ? undefined
    : `${file.name}: 304 for ${named} (${tag}), ${expected(possible)}`;
}

/** What is wrong with a listing of the names in `listed`. */
export function listingProblem(
  listed: ReadonlyMap<string, History<boolean>>,
  answer: Answer,
  text: string,
): string | undefined {
  if (answer.status !== 200) return `listing: status ${answer.status}`;
  if (!text.trimEnd().endsWith("</html>")) return "listing: it is cut";
  const period = periodOf(answer, 0);
  for (const [name, history] of listed) {
    const times = text.split(`href="${name}"`).length - 1;
    const was = history.during(period);
    if (times > 1) return `listing: ${name} is there ${times} times`;
    if (times === 0 && !was.includes(false)) return `listing: no ${name}`;
    if (times === 1 && !was.includes(true)) return `listing: gone ${name}`;
  }
  return undefined;
}

/** Whether a connection may end within an answer about `file`. */
export function mayBeCut(file: SoakFile, period: Period): boolean {
  return file.losesBytes && file.history.comingDuring(period).length > 0;
}

/**
 * Whether a body may be of two versions: where the system sends a file, it
 * sends what the file has when the bytes go out, and one that is written in
 * place may change when all of them are on their way.
 */
export function mayBeMixed(
  file: SoakFile,
  { status, body }: Pick<Answer, "status" | "body">,
  period: Period,
): boolean {
  return status === 200 && versionOf(file.name, body) === undefined &&
    mayBeCut(file, period) &&
    file.history.during(period).some((state) => state?.size === body.length);
}

function isSame(a: FileState, b: FileState): boolean {
  return a?.version === b?.version && a?.size === b?.size;
}

function expected(possible: readonly FileState[]): string {
  return `expected ${possible.map(stateText).join(" or ")}`;
}
