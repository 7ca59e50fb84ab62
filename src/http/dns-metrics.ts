// What Prometheus reads of the DNS check-up: findings, when it was, and which senders are held.
import { Gauge, type Registry } from "prom-client";

import type { HttpParts } from "./parts.ts";

/** Findings of the last check-up by check and outcome, when it was, and which senders it holds. */
export function dnsGauges(
  registry: Registry,
  parts: Pick<HttpParts, "dns" | "senders">,
): () => void {
  const { dns } = parts;
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
    failing.reset();
    held.reset();
    for (const { id } of parts.senders) {
      failing.set({ sender: id }, dns.failing().get(id)?.length ?? 0);
      held.set({ sender: id }, dns.holds(id) === undefined ? 0 : 1);
    }
  };
}
