/**
 * How long V8 can take for a pattern at most. It tries one way after the
 * other, so what counts is how many ways there are: each loop that can end at
 * any place multiplies them.
 */

import {
  ANY_BYTE,
  type CharSet,
  NO_BYTE,
  overlap,
  union,
} from "../syntax/char_set.ts";
import { beginsWithAnything, firstBytes, isAnchored } from "./first_bytes.ts";
import { minLength } from "./lengths.ts";
import { type Node, partsOf, someNode } from "../syntax/syntax.ts";

/** Most steps where their number grows with the text: a few ms. */
const MOST_LINEAR = 4_000_000;

/** Most steps where it grows with a power of it: less than a ms. */
const MOST_POLYNOMIAL = 1_000_000;

/** Longest text that is ever asked about. */
const MAX_LENGTH = 1 << 20;

/** Largest power that is counted with; above it, it is not worth it. */
const MAX_POWER = 8;

/**
 * A number that grows with the length of the text: `factor` times the number
 * of ways to choose `power` places in it, one after the other.
 */
interface Growth {
  readonly factor: number;
  readonly power: number;
}

/** What a part costs. */
interface Cost {
  /** In how many ways it can match at one place. */
  readonly ways: Growth;
  /** How many steps it takes to try them all. */
  readonly steps: Growth;
}

const ONE: Growth = { factor: 1, power: 0 };
const ENDLESS: Cost = {
  ways: { factor: Infinity, power: 0 },
  steps: { factor: Infinity, power: 0 },
};

function plus(a: Growth, b: Growth): Growth {
  return { factor: a.factor + b.factor, power: Math.max(a.power, b.power) };
}

function times(a: Growth, b: Growth): Growth {
  return { factor: a.factor * b.factor, power: a.power + b.power };
}

function larger(a: Growth, b: Growth): Growth {
  return {
    factor: Math.max(a.factor, b.factor),
    power: Math.max(a.power, b.power),
  };
}

function linear(factor: number): Growth {
  return { factor, power: 1 };
}

/** The longest text for which the pattern is quick; -1 if there is none. */
export function quickLength(node: Node): number {
  const { steps } = costOf(node, NO_BYTE);
  const all = isAnchored(node) || beginsWithAnything(node)
    ? steps
    : times(steps, linear(1));
  const most = all.power <= 1 ? MOST_LINEAR : MOST_POLYNOMIAL;
  if (!Number.isFinite(all.factor) || all.power > MAX_POWER) return -1;
  let length = -1;
  for (let step = MAX_LENGTH; step >= 1; step /= 2) {
    if (at(all, length + step) <= most) length += step;
  }
  return length;
}

/**
 * Whether trying one way after the other takes exponential time for some text:
 * a loop without end goes round over parts that it can cut in several ways.
 * PCRE gives up then; the machine of this program does not need to, as long as
 * there are no back references.
 */
export function isExponential(node: Node): boolean {
  return someNode(
    node,
    (part) =>
      part.kind === "repeat" && part.greed !== "possessive" &&
      part.max === Infinity && !someNode(part.body, isOpaque) &&
      costOf(part, NO_BYTE) === ENDLESS,
  );
}

/** Whether nothing is known of the ways of a part. */
function isOpaque({ kind }: Node): boolean {
  return kind === "atomic" || kind === "reference" || kind === "conditional" ||
    kind === "fail";
}

/** The number for a text of `length`. */
function at({ factor, power }: Growth, length: number): number {
  let number = factor;
  for (let place = 1; place <= power; place++) {
    number *= (length + place) / place;
  }
  return number;
}

/** What `node` costs where one of `then` comes behind it, or success. */
function costOf(node: Node, then: CharSet): Cost {
  switch (node.kind) {
    case "set":
    case "assertion":
      return { ways: ONE, steps: ONE };
    case "group":
      return costOf(node.body, then);
    case "sequence":
      return sequenceCost(node.items, then);
    case "alternatives":
      return alternativesCost(node.items, then);
    case "look":
      return {
        ways: ONE,
        steps: node.branches.map(({ node }) => costOf(node, NO_BYTE).steps)
          .reduce(plus, ONE),
      };
    case "repeat":
      return repeatCost(node, then);
    case "atomic":
    case "reference":
    case "conditional":
    case "fail":
      return ENDLESS;
  }
}

/** What must come first; looks around can take long before they tell. */
function first(node: Node, then: CharSet): CharSet {
  return someNode(node, ({ kind }) => kind === "look")
    ? ANY_BYTE
    : firstBytes(node, then);
}

/** How many parts a part has, itself included. */
function size(node: Node): number {
  return partsOf(node).reduce((sum, part) => sum + size(part), 1);
}

function isEndless(node: Node): boolean {
  return node.kind === "repeat" && node.max === Infinity;
}

function sequenceCost(items: readonly Node[], then: CharSet): Cost {
  let cost: Cost = { ways: ONE, steps: ONE };
  let next = then;
  let sizeBehind = 1;
  for (const item of items.toReversed()) {
    const { ways, steps } = costOf(item, next);
    cost = {
      ways: times(ways, cost.ways),
      steps: plus(steps, times(ways, cost.steps)),
    };
    // A loop is also left where nothing behind it fits, if only for a look.
    if (someNode(item, isEndless)) {
      cost = { ...cost, steps: plus(cost.steps, linear(sizeBehind)) };
    }
    next = first(item, next);
    sizeBehind += size(item);
  }
  return cost;
}

function alternativesCost(items: readonly Node[], then: CharSet): Cost {
  let ways: Growth = { factor: 0, power: 0 };
  let steps = ONE;
  let seen = NO_BYTE;
  for (const item of items) {
    const cost = costOf(item, then);
    const begins = first(item, then);
    ways = overlap(seen, begins)
      ? plus(ways, cost.ways)
      : larger(ways, cost.ways);
    steps = plus(steps, cost.steps);
    seen = union(seen, begins);
  }
  return { ways, steps };
}

function repeatCost(
  { body, min, max }: Extract<Node, { readonly kind: "repeat" }>,
  then: CharSet,
): Cost {
  const begins = first(body, then);
  const cost = costOf(body, union(begins, then));
  /** Whether the next byte tells if the loop goes on. */
  const isDecided = minLength(body) > 0 && !overlap(begins, then);
  if (max === 1) {
    const { ways, steps } = cost;
    if (min === 1) return cost;
    return { ways: isDecided ? larger(ways, ONE) : plus(ways, ONE), steps };
  }
  const hasOneWay = cost.ways.power === 0 && cost.ways.factor <= 1;
  if (max !== Infinity) {
    const count = max - min + 1;
    const steps = { ...cost.steps, factor: cost.steps.factor * max };
    if (hasOneWay) {
      return { ways: isDecided ? ONE : { factor: count, power: 0 }, steps };
    }
    const { factor, power } = cost.ways;
    const ways = {
      factor: count * Math.max(1, factor) ** max,
      power: power * max,
    };
    return { ways, steps: times(ways, steps) };
  }
  if (!hasOneWay || minLength(body) === 0) return ENDLESS;
  // All iterations together go through the text once.
  const looks = someNode(body, ({ kind }) => kind === "look");
  const { factor, power } = cost.steps;
  return {
    ways: isDecided ? ONE : linear(1),
    steps: { factor, power: looks ? power + 1 : Math.max(1, power) },
  };
}
