// Sends yesterday's TLS reports to the domains that ask for them, by mail through the queue or by HTTPS (RFC 8460).
import type { AddressIndex } from "../../consent/address-index.ts";
import type { Answer } from "../../dns/resolver.ts";
import { parseAddress, type Address } from "../../mail/address.ts";
import { createMessageId } from "../../mail/message-id.ts";
import type { QueueStore } from "../../queue/store.ts";
import type { Log } from "../log.ts";
import type { HttpsClient } from "./https.ts";
import type { TlsCounts } from "./tls-counts.ts";
import {
  readRua,
  tlsReportFile,
  tlsReportMail,
  type ReportPlace,
  type TlsReportFacts,
} from "./tls-report.ts";

/** In whose name reports go out. */
export interface TlsReportSender {
  /** From; its domain signs. */
  readonly from: Address;
  /** The queue files them under this stream and sender. */
  readonly stream: string;
  readonly sender: string;
}

export interface TlsReporterParts {
  readonly counts: TlsCounts;
  readonly queue: Pick<QueueStore, "accept">;
  readonly resolver: { readonly txt: (name: string) => Promise<Answer<string>> };
  readonly https: HttpsClient;
  readonly sender: TlsReportSender;
  readonly hostname: string;
  readonly subject: (address: Address) => AddressIndex;
  /** Whether no mail may go there. Rejects where nobody can say now. */
  readonly isSuppressed: (address: Address, from: TlsReportSender) => Promise<boolean>;
  readonly clock: () => Date;
  readonly log: Log;
  /** Empty at first: kept by the caller from one call to the next. */
  readonly refused: Map<string, Refused>;
}

/** A report that a web server did not take: asked again later, each time twice as late (RFC 8460 §5.5). */
export interface Refused {
  readonly at: number;
  readonly waitMs: number;
}

const firstWaitMs = 600_000;
const keptMs = 3 * 86_400_000; // a report that cannot be sent for so long is given up

/** Reports on each day that is over, once; what could not be asked or handed over stays for the next call. Never throws. */
export async function sendTlsReports(parts: TlsReporterParts): Promise<{ readonly sent: number }> {
  let sent = 0;
  const now = parts.clock();
  for (const { day, domain } of parts.counts.finished(now)) {
    const key = `${day} ${domain}`;
    const refused = parts.refused.get(key);
    if (refused !== undefined && now.getTime() - refused.at < refused.waitMs) continue;
    const done = await report(day, domain, parts).catch((error: unknown) => {
      parts.log.warn({ domain, err: error }, "TLS report not sent");
      return undefined;
    });
    if (done !== undefined || now.getTime() - Date.parse(day) > keptMs) {
      parts.counts.forget(day, domain);
      parts.refused.delete(key);
    }
    sent += done ?? 0;
  }
  parts.counts.flush();
  return { sent };
}

/** How many reports went out; undefined: to be tried again. */
async function report(
  day: string,
  domain: string,
  parts: TlsReporterParts,
): Promise<number | undefined> {
  const answer = await parts.resolver.txt(`_smtp._tls.${domain}`);
  if (answer.kind === "unavailable") return undefined;
  const wanted = answer.kind === "records" ? readRua(answer.records) : [];
  const allowed = await Promise.all(wanted.map((place) => mayGo(place, parts)));
  let sent = 0;
  let refused = false;
  for (const { kind, to } of wanted.filter((_place, index) => allowed[index])) {
    const facts: TlsReportFacts = {
      domain,
      day,
      counts: parts.counts.of(day, domain),
      organisation: parts.sender.from.domain,
      contact: parts.sender.from.text,
      reportId: createMessageId(parts.clock()),
    };
    if (kind === "mail") {
      if (await byMail(facts, to, parts)) sent += 1;
    } else if (await byHttps(facts, to, parts)) sent += 1;
    else refused = true;
  }
  if (!refused || sent > 0) return sent; // told on one way is told
  const { waitMs = firstWaitMs / 2 } = parts.refused.get(`${day} ${domain}`) ?? {};
  parts.refused.set(`${day} ${domain}`, { at: parts.clock().getTime(), waitMs: waitMs * 2 });
  return undefined;
}

/** A stranger's DNS names the address: it may be that of somebody who is to get no mail. */
async function mayGo({ kind, to }: ReportPlace, parts: TlsReporterParts): Promise<boolean> {
  const address = parseAddress(to);
  if (kind !== "mail" || address.kind === "bad") return true;
  return !(await parts.isSuppressed(address.value, parts.sender));
}

async function byMail(
  facts: TlsReportFacts,
  to: string,
  parts: TlsReporterParts,
): Promise<boolean> {
  const address = parseAddress(to);
  if (address.kind === "bad") return false;
  const { sender, hostname } = parts;
  const now = parts.clock();
  const content = tlsReportMail(facts, {
    from: sender.from.text,
    to: address.value.text,
    file: tlsReportFile(facts),
    now,
  });
  const recipientId = `${facts.reportId}-1`;
  await parts.queue.accept(
    {
      messageId: facts.reportId,
      stream: sender.stream,
      sender: sender.sender,
      envelope: { mailFrom: null, eightBit: false, smtpUtf8: false, tlsReport: true },
      content,
      fromDomain: sender.from.domain,
      receivedAt: now,
      trace: { helo: hostname, protocol: "LOCAL" },
      notification: true,
    },
    [
      {
        recipientId,
        address: address.value,
        subject: parts.subject(address.value),
        destination: address.value.domain,
      },
    ],
    [
      {
        type: "Report",
        at: now,
        messageId: facts.reportId,
        recipientId,
        stream: sender.stream,
        sender: sender.sender,
        subject: parts.subject(address.value),
        actor: "gateway",
        detail: { kind: "tls", about: facts.domain, day: facts.day },
      },
    ],
  );
  return true;
}

async function byHttps(
  facts: TlsReportFacts,
  to: string,
  parts: TlsReporterParts,
): Promise<boolean> {
  const url = new URL(to);
  const answer = await parts.https.ask({
    host: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: `${url.pathname}${url.search}`,
    body: { type: "application/tlsrpt+gzip", content: tlsReportFile(facts) },
  });
  // RFC 8460 §5.4: 200, 201 and 202 are success.
  const good = answer.kind === "answer" && answer.status >= 200 && answer.status < 300;
  if (!good)
    parts.log.warn(
      { domain: facts.domain, problem: answer.kind === "failed" ? answer.problem : answer.status },
      "TLS report not taken",
    );
  return good;
}
