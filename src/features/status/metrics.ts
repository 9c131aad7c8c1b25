/** `metrics`: what the server knows of itself, for Prometheus. */

import { defineDirective } from "../../config/directive.ts";
import type { Module } from "../../core/module.ts";
import { gaugesText, metricsText, processText } from "./metrics_text.ts";
import { processUsage } from "./process_usage.ts";
import { countersPageModule } from "./counters_page.ts";

const metricsDirective = defineDirective({
  name: "metrics",
  contexts: ["location"],
  args: [0, 0],
  inherit: "if",
  default: false,
  summary: "Answers with all counters, in the text format of Prometheus.",
  differs: "nginx has no such directive.",
  parse: () => true,
});

/** Counters for Prometheus. */
export const metricsModule: Module = countersPageModule(
  metricsDirective,
  "text/plain; version=0.0.4; charset=utf-8",
  (now, gauges) =>
    metricsText(now) + processText(processUsage(now)) + gaugesText(gauges),
);
