// What Prometheus reads: counts of events, the queue, connections, the process. No address ever stands in a label.
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

import { eventTypes } from "../audit/event.ts";
import { dnsGauges } from "./dns-metrics.ts";
import type { HttpParts } from "./parts.ts";

export interface Metrics {
  readonly contentType: string;
  /** The text of one scrape. Throws where storage cannot be read: a scrape that fails is seen, false zeros are not. */
  readonly read: () => Promise<string>;
}

export function createMetrics(
  parts: Pick<
    HttpParts,
    | "audit"
    | "queue"
    | "connections"
    | "replies"
    | "observed"
    | "returns"
    | "dns"
    | "senders"
    | "reloads"
  >,
  askReady: HttpParts["ready"],
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: "sekisho_events_total",
    help: "Events recorded, by type: those of sekisho log search --type.",
    labelNames: ["type"],
    registers,
  });
  const recipients = new Gauge({
    name: "sekisho_queue_recipients",
    help: "Recipients in the queue, by state.",
    labelNames: ["state"],
    registers,
  });
  const content = new Gauge({
    name: "sekisho_queue_content_bytes",
    help: "Octets of message content kept.",
    registers,
  });
  const connections = new Gauge({
    name: "sekisho_connections",
    help: "Connections open now, by kind.",
    labelNames: ["kind"],
    registers,
  });
  const ready = new Gauge({
    name: "sekisho_ready",
    help: "1 where the part is ready.",
    labelNames: ["part"],
    registers,
  });
  const updates = [...inMemory(registry, parts), dnsGauges(registry, parts)];
  return {
    contentType: registry.contentType,
    read: async () => {
      const [counts, queue, readiness] = await Promise.all([
        parts.audit.counts(),
        parts.queue.counts(),
        askReady(),
      ]);
      events.reset();
      for (const type of eventTypes) events.inc({ type }, counts[type] ?? 0);
      for (const [state, count] of Object.entries(queue.states)) recipients.set({ state }, count);
      content.set(queue.contentBytes);
      for (const update of updates) update();
      for (const [kind, count] of Object.entries(parts.connections()))
        connections.set({ kind }, count);
      for (const { name, ok } of readiness.checks) ready.set({ part: name }, ok ? 1 : 0);
      return registry.metrics();
    },
  };
}

/** Counters that parts keep in memory. */
function inMemory(
  registry: Registry,
  parts: Pick<HttpParts, "replies" | "returns" | "observed" | "reloads">,
): readonly (() => void)[] {
  const current = new Gauge({
    name: "sekisho_config_current",
    help: "1 where everything in the configuration file is in force; 0 after a refused reload, until a restart, while a change waits for two people, or while a listener is not open.",
    registers: [registry],
  });
  return [
    () => {
      current.set(parts.reloads?.isCurrent() === false ? 0 : 1);
    },
    mirror(registry, parts.replies, {
      name: "sekisho_replies_total",
      help: "Replies to clients since the start, by reason; accepted and held are reasons too. See docs/reference/replies.md.",
      label: "reason",
    }),
    mirror(registry, parts.observed, {
      name: "sekisho_observed_total",
      help: "Messages since the start that a rule in shadow would have refused, by rule; `sekisho log search --type Observed` lists them.",
      label: "rule",
    }),
    mirror(registry, parts.reloads?.counts, {
      name: "sekisho_reloads_total",
      help: "Reloads of the configuration since the start, by result: applied or refused.",
      label: "result",
    }),
    mirror(registry, parts.returns, {
      name: "sekisho_returned_total",
      help: "What came to the feedback listener since the start, by kind; forged, stale and foreign are recipients refused. See docs/feedback.md.",
      label: "kind",
    }),
  ];
}

function mirror(
  registry: Registry,
  counts: (() => Readonly<Record<string, number>>) | undefined,
  { name, help, label }: { readonly name: string; readonly help: string; readonly label: string },
): () => void {
  const counter = new Counter({ name, help, labelNames: [label], registers: [registry] });
  return () => {
    counter.reset();
    for (const [value, count] of Object.entries(counts?.() ?? {}))
      counter.inc({ [label]: value }, count);
  };
}
