// Turns a checked file into the Config that parts use, and finds what the schema cannot: references, domains, clashes.
import { resolve } from "node:path";

import { parseDomain, type Domain } from "../mail/domain.ts";
import { timerMaxMs } from "../mail/timer-limit.ts";
import type { ConfigProblem } from "./config-error.ts";
import type { Config, RouteConfig, SenderConfig, StreamConfig } from "./config.ts";
import { crossProblems } from "./cross-checks.ts";
import { settleDelivery } from "./delivery.ts";
import { settlePattern } from "./domain-pattern.ts";
import { settleDkim, settleDns } from "./dns.ts";
import { parseDuration } from "./duration.ts";
import { settleFeedback } from "./feedback.ts";
import { listenerProblems } from "./listener-problems.ts";
import { settlePeople } from "./people.ts";
import { namedPacks } from "./rule-names.ts";
import type { GatewayFile } from "./schema/gateway.ts";

type Settled =
  | { readonly kind: "ok"; readonly config: Config }
  | { readonly kind: "bad"; readonly problems: readonly ConfigProblem[] };

export function settle(file: GatewayFile, folder: string, path: string): Settled {
  const problems: ConfigProblem[] = [];
  const senders = settleSenders(file, problems);
  const streams = settleStreams(file, senders, problems);
  problems.push(...listenerProblems(file));
  const routes = settleRoutes(file, problems);
  problems.push(...crossProblems(file));
  const publicUrl = settlePublicUrl(file.http.public_url, problems);
  const smtpTls = settleTls(file.smtp.tls, "smtp.tls", folder, problems);
  const httpTls = settleTls(file.http.tls, "http.tls", folder, problems);
  const feedback = settleFeedback(file, problems);
  const delivery = settleDelivery(file, routes, folder, problems);
  const people = settlePeople(file.people, folder, problems);
  const dns = settleDns(file, problems);
  if (problems.length > 0) return { kind: "bad", problems };
  const keysDir = resolve(folder, file.keys_dir);
  return {
    kind: "ok",
    config: {
      file: path,
      written: file,
      hostname: file.hostname,
      dataDir: resolve(folder, file.data_dir),
      keysDir,
      masterKeyCommand: file.master_key.command,
      masterKeyFile: resolve(folder, file.master_key.file ?? resolve(keysDir, "master.key")),
      storageUrl: file.storage.url,
      logLevel: file.log.level,
      smtp: {
        listeners: file.smtp.listeners,
        ...smtpTls,
        commandTimeoutMs: milliseconds(file.smtp.timeouts.command),
        transactionTimeoutMs: milliseconds(file.smtp.timeouts.transaction),
        maxMessageBytes: file.smtp.max_message_bytes,
        maxRecipients: file.smtp.max_recipients,
        maxConnections: file.smtp.max_connections,
        maxConnectionsPerAddress: file.smtp.max_connections_per_address,
        maxBytesInFlight: file.smtp.max_bytes_in_flight,
        bareLf: file.smtp.bare_lf,
        deduplicate: file.smtp.deduplicate,
      },
      http: {
        host: file.http.host,
        port: file.http.port,
        ...(publicUrl === undefined ? {} : { publicUrl }),
        ...httpTls,
        trustedProxies: file.http.trusted_proxies,
        requireIfMatch: file.http.require_if_match,
      },
      people,
      approval: {
        expiresSeconds: milliseconds(file.approval.expires) / 1000,
        campaignHeaders: file.approval.campaign_headers.map((name) => name.toLowerCase()),
      },
      senders,
      streams,
      pages: settlePages(file.pages),
      delivery,
      feedback,
      dkim: settleDkim(file),
      dns,
    },
  };
}

function settlePages(pages: GatewayFile["pages"]): Config["pages"] {
  return {
    timeoutMs: Math.min(milliseconds(pages.timeout), timerMaxMs),
    waitMs: Math.min(milliseconds(pages.wait), timerMaxMs),
    maxAgeMs: milliseconds(pages.max_age),
    maxStaleMs: milliseconds(pages.max_stale),
    allowPrivate: pages.allow_private,
  };
}

function settleTls(
  pair: GatewayFile["smtp"]["tls"],
  path: string,
  folder: string,
  problems: ConfigProblem[],
): { readonly tls?: { readonly certFile: string; readonly keyFile: string } } {
  const { cert_file: certFile, key_file: keyFile } = pair;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    problems.push({
      path,
      problem: "has only one of cert_file and key_file",
      remedy: "Give both, or neither.",
    });
  }
  return certFile === undefined || keyFile === undefined
    ? {}
    : { tls: { certFile: resolve(folder, certFile), keyFile: resolve(folder, keyFile) } };
}

function settleSenders(file: GatewayFile, problems: ConfigProblem[]): readonly SenderConfig[] {
  reportRepeats("senders", file.senders, problems);
  return file.senders.map((sender, index) => ({
    id: sender.id,
    legal: {
      names: sender.legal.names,
      addresses: sender.legal.addresses,
      contacts: sender.legal.contacts,
      optOutHosts: parseDomains(
        sender.legal.opt_out_hosts,
        `senders[${index}].legal.opt_out_hosts`,
        problems,
      ),
      pages: sender.legal.pages,
    },
    domains: parseDomains(sender.domains, `senders[${index}].domains`, problems),
    parkedDomains: parseDomains(
      sender.parked_domains,
      `senders[${index}].parked_domains`,
      problems,
    ),
    otherNames: file.senders
      .filter((other) => other.id !== sender.id)
      .flatMap((other) => other.legal.names),
    replyDomains: parseDomains(sender.reply_domains, `senders[${index}].reply_domains`, problems),
    approvals: sender.approvals,
    strictOptIn: sender.strict_opt_in,
    maxAges: Object.fromEntries(
      Object.entries(sender.max_age).map(([basis, text]) => [basis, milliseconds(text)]),
    ),
  }));
}

function settleStreams(
  file: GatewayFile,
  senders: readonly SenderConfig[],
  problems: ConfigProblem[],
): readonly StreamConfig[] {
  reportRepeats("streams", file.streams, problems);
  const streams: StreamConfig[] = [];
  for (const [index, stream] of file.streams.entries()) {
    const sender = senders.find((candidate) => candidate.id === stream.sender);
    if (sender === undefined) {
      problems.push({
        path: `streams[${index}].sender`,
        found: JSON.stringify(stream.sender),
        problem: "names no sender",
        remedy: `Use one of: ${senders.map((each) => each.id).join(", ") || "(none is configured)"}.`,
      });
      continue;
    }
    for (const [place, pack] of stream.rules.entries()) {
      if (!namedPacks.includes(pack)) {
        problems.push({
          path: `streams[${index}].rules[${place}]`,
          found: JSON.stringify(pack),
          problem: "names no rule pack",
          remedy: `Use one of: ${namedPacks.join(", ")}.`,
        });
      }
    }
    streams.push({
      id: stream.id,
      sender,
      class: stream.class,
      topic: stream.topic,
      rules: stream.rules,
      onViolation: stream.on_violation,
      observe: stream.observe,
      disabled: stream.disable,
      listUnsubscribe: stream.list_unsubscribe,
      placeholder: stream.placeholder,
      maxMessagesPerMinute: stream.max_messages_per_minute,
    });
  }
  return streams;
}

function settleRoutes(file: GatewayFile, problems: ConfigProblem[]): readonly RouteConfig[] {
  return file.delivery.routes.map((route, index) => {
    const domain = settlePattern(route.domain, `delivery.routes[${index}].domain`, problems);
    if (route.via === "mx") return { domain, via: { kind: "mx" } };
    const match = /^smtp:\/\/(\[[0-9a-fA-F:.]+\]|[^:/\s]+)(?::(\d{1,5}))?\/?$/.exec(route.via);
    if (match?.[1] === undefined) {
      problems.push({
        path: `delivery.routes[${index}].via`,
        found: JSON.stringify(route.via),
        problem: "is no route",
        remedy: "Use mx or smtp://host:port.",
      });
    }
    const host = (match?.[1] ?? "").replace(/^\[|\]$/g, "");
    const port = Number(match?.[2] ?? 25);
    if (port < 1 || port > 65_535)
      problems.push({
        path: `delivery.routes[${index}].via`,
        found: JSON.stringify(route.via),
        problem: "has no port that can be dialled",
        remedy: "Write a port from 1 to 65535, or none for 25.",
      });
    return { domain, via: { kind: "host", host, port } };
  });
}

function settlePublicUrl(url: string | undefined, problems: ConfigProblem[]): string | undefined {
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^https?:\/\/[A-Za-z0-9.:/_~[\]-]+$/.test(url)) {
    problems.push({
      path: "http.public_url",
      found: JSON.stringify(url),
      problem: "is no URL",
      remedy: "Use https://host (http only in a closed test network).",
    });
    return undefined;
  }
  return url.replace(/\/+$/, "");
}

function reportRepeats(
  section: string,
  items: readonly { readonly id: string }[],
  problems: ConfigProblem[],
): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (seen.has(item.id))
      problems.push({
        path: `${section}[${index}].id`,
        found: JSON.stringify(item.id),
        problem: "is used twice",
        remedy: "Give each its own id.",
      });
    seen.add(item.id);
  }
}

function parseDomains(
  names: readonly string[],
  path: string,
  problems: ConfigProblem[],
): readonly Domain[] {
  const domains: Domain[] = [];
  for (const [index, name] of names.entries()) {
    const parsed = parseDomain(name);
    if (parsed.kind === "ok") domains.push(parsed.value);
    else
      problems.push({
        path: `${path}[${index}]`,
        found: JSON.stringify(name),
        problem: parsed.problem,
        remedy: "Write a full domain name such as example.jp.",
      });
  }
  return domains;
}

function milliseconds(text: string): number {
  return parseDuration(text) ?? 0; // The schema's pattern has let through durations only.
}
