// What Prometheus reads: counts of events, the queue, connections, the process. No address ever stands in a label.
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

import { eventTypes } from "../audit/event.ts";
import type { HttpParts } from "./parts.ts";

export interface Metrics {
  readonly contentType: string;
  /** The text of one scrape. Throws where storage cannot be read: a scrape that fails is seen, false zeros are not. */
  readonly read: () => Promise<string>;
}

export function createMetrics(
  parts: Pick<
    HttpParts,
    "audit" | "queue" | "connections" | "ready" | "replies" | "dns" | "senders"
  >,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: "sekisho_events_total",
    help: "Events recorded, by type; see docs/audit.md.",
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
  const replies = new Counter({
    name: "sekisho_replies_total",
    help: "Replies to clients since the start, by reason; accepted and held are reasons too. See docs/reference/replies.md.",
    labelNames: ["reason"],
    registers,
  });
  const readDns = dnsGauges(registry, parts);
  return {
    contentType: registry.contentType,
    read: async () => {
      const [counts, queue, readiness] = await Promise.all([
        parts.audit.counts(),
        parts.queue.counts(),
        parts.ready(),
      ]);
      events.reset();
      for (const type of eventTypes) events.inc({ type }, counts[type] ?? 0);
      for (const [state, count] of Object.entries(queue.states)) recipients.set({ state }, count);
      content.set(queue.contentBytes);
      replies.reset();
      for (const [reason, count] of Object.entries(parts.replies?.() ?? {}))
        replies.inc({ reason }, count);
      readDns();
      for (const [kind, count] of Object.entries(parts.connections()))
        connections.set({ kind }, count);
      for (const { name, ok } of readiness.checks) ready.set({ part: name }, ok ? 1 : 0);
      return registry.metrics();
    },
  };
}

/** Findings of the last check-up by check and outcome, when it was, and which senders it holds. */
function dnsGauges(
  registry: Registry,
  { dns, senders }: Pick<HttpParts, "dns" | "senders">,
): () => void {
  if (dns === undefined) return () => undefined;
  const registers = [registry];
  const findings = new Gauge({
    name: "sekisho_dns_findings",
    help: "Findings of the last DNS check-up, by check and outcome.",
    labelNames: ["check", "outcome"],
    registers,
  });
  const checked = new Gauge({
    name: "sekisho_dns_checked_timestamp_seconds",
    help: "When DNS was last looked at.",
    registers,
  });
  const failing = new Gauge({
    name: "sekisho_dns_failing",
    help: "Findings that receivers refuse a sender's mail for, by sender.",
    labelNames: ["sender"],
    registers,
  });
  const held = new Gauge({
    name: "sekisho_sender_held",
    help: "1 where a sender's mail waits until its DNS is mended.",
    labelNames: ["sender"],
    registers,
  });
  return () => {
    findings.reset();
    const report = dns.report();
    for (const { check, outcome } of report?.findings ?? []) findings.inc({ check, outcome });
    if (report !== undefined) checked.set(report.at.getTime() / 1000);
    for (const { id } of senders) {
      failing.set({ sender: id }, dns.failing().get(id)?.length ?? 0);
      held.set({ sender: id }, dns.holds(id) === undefined ? 0 : 1);
    }
  };
}
