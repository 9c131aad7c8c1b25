/** `$connections_active` and the like: what `stub_status` shows. */

import {
  ascii,
  type Variable,
  type VariableTable,
  variableTable,
} from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Statistics, StatisticsSnapshot } from "../../core/statistics.ts";

type Connections = StatisticsSnapshot["connections"];

/** For how long a snapshot is good, in ms: every line of a log may want one. */
const GOOD_FOR_MS = 10;

/** What was found last, and when. */
interface Known {
  at: number;
  connections: Connections;
}

/** What is known before anybody has asked. */
const NONE: Connections = { reading: 0, writing: 0, waiting: 0 };

const KNOWN = new WeakMap<Statistics, Known>();

/**
 * The connections now. Other workers have to be asked first, so that theirs
 * are those of the last time somebody wanted to know.
 */
function connectionsOf(statistics: Statistics): Connections {
  const known = KNOWN.get(statistics) ??
    { at: -Infinity, connections: NONE };
  KNOWN.set(statistics, known);
  const now = performance.now();
  if (now - known.at < GOOD_FOR_MS) return known.connections;
  known.at = now;
  const keep = (snapshot: StatisticsSnapshot) => {
    known.connections = snapshot.connections;
  };
  const snapshot = statistics.snapshot();
  if (!(snapshot instanceof Promise)) keep(snapshot);
  // A worker that ends meanwhile answers nothing, and no one waits for it.
  else snapshot.then(keep, () => {});
  return known.connections;
}

function count(of: (connections: Connections) => number): Variable<Exchange> {
  return ascii(({ server }) => {
    return String(of(connectionsOf(server.environment.statistics)));
  });
}

/**
 * nginx's variables of connections. Whoever asks is one of them, whatever was
 * known a moment ago.
 */
export const CONNECTION_VARIABLES: VariableTable<Exchange> = variableTable({
  connections_active: count(({ reading, writing, waiting }) =>
    Math.max(1, reading + writing + waiting)
  ),
  connections_reading: count(({ reading }) => reading),
  connections_writing: count(({ writing }) => Math.max(1, writing)),
  connections_waiting: count(({ waiting }) => waiting),
});
