// The section `feedback` settled: domains parsed, senders found, and what opt-out links and mailboxes need in place.
import { parseAddress } from "../mail/address.ts";
import { parseDomain, type Domain } from "../mail/domain.ts";
import type { ConfigProblem } from "./config-error.ts";
import type { GatewayFile } from "./schema/gateway.ts";

export interface FeedbackConfig {
  /** Of return paths and opt-out mailboxes; absent where no listener takes mail that comes back. */
  readonly domain?: Domain;
  /** Sender id → the domain of its return paths, where it has one of its own. */
  readonly bounceDomains: Readonly<Record<string, Domain>>;
  readonly passOn: boolean;
  readonly mailboxes: readonly { readonly address: string; readonly sender?: string }[];
}

export function settleFeedback(file: GatewayFile, problems: ConfigProblem[]): FeedbackConfig {
  const listens = file.smtp.listeners.some((listener) => listener.role === "feedback");
  const bounceDomains: Record<string, Domain> = {};
  for (const [index, { id, bounce_domain: name }] of file.senders.entries()) {
    if (name === undefined) continue;
    const domain = domainAt(name, `senders[${index}].bounce_domain`, problems);
    if (domain !== undefined) bounceDomains[id] = domain;
  }
  const { domain, mailboxes } = file.feedback;
  const path = domain === undefined ? "hostname" : "feedback.domain";
  const settled = listens ? domainAt(domain ?? file.hostname, path, problems) : undefined;
  checkOptOuts(file, problems);
  return {
    ...(settled === undefined ? {} : { domain: settled }),
    bounceDomains,
    passOn: file.feedback.pass_on,
    mailboxes: mailboxes.map(({ address, sender }, index) => {
      const parsed = parseAddress(address);
      if (parsed.kind === "bad")
        problems.push({
          path: `feedback.mailboxes[${index}].address`,
          found: JSON.stringify(address),
          problem: parsed.problem,
          remedy: "Write an address such as fbl@gw.example.jp.",
        });
      if (sender !== undefined && !file.senders.some((known) => known.id === sender))
        problems.push({
          path: `feedback.mailboxes[${index}].sender`,
          found: JSON.stringify(sender),
          problem: "names no sender",
          remedy: `Use one of: ${file.senders.map((each) => each.id).join(", ")}.`,
        });
      return { address: address.toLowerCase(), ...(sender === undefined ? {} : { sender }) };
    }),
  };
}

/** A stream that promises opt-out links of ours needs an address for them. */
function checkOptOuts(file: GatewayFile, problems: ConfigProblem[]): void {
  const { public_url: url } = file.http;
  for (const [index, stream] of file.streams.entries()) {
    const needs = [
      ...(stream.list_unsubscribe === "keep" ? [] : ["list_unsubscribe"]),
      ...(stream.placeholder ? ["placeholder"] : []),
    ];
    if (url !== undefined) continue;
    for (const key of needs)
      problems.push({
        path: `streams[${index}].${key}`,
        problem: "needs opt-out links, and recipients cannot reach this gateway",
        remedy: "Set http.public_url to the https address that leads to it.",
      });
  }
}

function domainAt(name: string, path: string, problems: ConfigProblem[]): Domain | undefined {
  const parsed = parseDomain(name);
  if (parsed.kind === "ok") return parsed.value;
  problems.push({
    path,
    found: JSON.stringify(name),
    problem: parsed.problem,
    remedy: "Write a full domain name such as bounce.example.jp.",
  });
  return undefined;
}
