// Writes the daily TLS report of one domain, as JSON and as the mail that carries it (RFC 8460 §4.4, §5.3). Pure.
import { gzipSync } from "node:zlib";

import { formatDate } from "../date.ts";
import type { PolicyCounts } from "./tls-counts.ts";

export interface TlsReportFacts {
  readonly domain: string;
  /** UTC, `2026-11-25`. */
  readonly day: string;
  readonly counts: readonly PolicyCounts[];
  /** Who reports: the domain that signs. */
  readonly organisation: string;
  readonly contact: string;
  readonly reportId: string;
}

export interface ReportPlace {
  readonly kind: "mail" | "https";
  /** An address, or a URL. */
  readonly to: string;
}

/** Where a domain wants its reports; empty where it wants none. RFC 8460 §3. */
export function readRua(texts: readonly string[]): readonly ReportPlace[] {
  const records = texts.filter((text) => /^v=TLSRPTv1\s*;/.test(text));
  const [record] = records;
  if (records.length !== 1 || record === undefined) return [];
  const value = /;\s*rua\s*=\s*([^;]+)/.exec(record)?.[1] ?? "";
  return value
    .split(",")
    .slice(0, ruaMax)
    .flatMap((part): readonly ReportPlace[] => {
      const text = part.trim();
      if (/^mailto:/i.test(text)) {
        const [address = ""] = text.slice("mailto:".length).split("?");
        return [{ kind: "mail", to: decode(address) }];
      }
      return /^https:\/\//i.test(text) && URL.canParse(text) ? [{ kind: "https", to: text }] : [];
    });
}

const ruaMax = 5; // of one domain: reports are a courtesy

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The report, compressed (`application/tlsrpt+gzip`). */
export function tlsReportFile(facts: TlsReportFacts): Buffer {
  const report = {
    "organization-name": facts.organisation,
    "date-range": {
      "start-datetime": `${facts.day}T00:00:00Z`,
      "end-datetime": `${facts.day}T23:59:59Z`,
    },
    "contact-info": facts.contact,
    "report-id": facts.reportId,
    policies: facts.counts.map((counts) => ({
      policy: {
        "policy-type": counts.policy,
        ...(counts.policyLines.length === 0 ? {} : { "policy-string": counts.policyLines }),
        "policy-domain": facts.domain,
        ...(counts.mxHosts.length === 0 ? {} : { "mx-host": counts.mxHosts }),
      },
      summary: {
        "total-successful-session-count": counts.successes,
        "total-failure-session-count": counts.failures,
      },
      "failure-details": counts.details.map(({ result, host, address, count }) => ({
        "result-type": result,
        ...(host === undefined ? {} : { "receiving-mx-hostname": host }),
        ...(address === undefined ? {} : { "receiving-ip": address }),
        "failed-session-count": count,
      })),
    })),
  };
  return gzipSync(JSON.stringify(report));
}

/** The whole message but for what the queue adds. */
export function tlsReportMail(
  facts: TlsReportFacts,
  options: {
    readonly from: string;
    readonly to: string;
    readonly file: Buffer;
    readonly now: Date;
  },
): Buffer {
  const boundary = `=_${facts.reportId}`;
  const start = Date.parse(`${facts.day}T00:00:00Z`) / 1000;
  const name = `${facts.organisation}!${facts.domain}!${start}!${start + 86_399}!${facts.reportId}.json.gz`;
  return Buffer.from(
    [
      `Date: ${formatDate(options.now)}`,
      `From: <${options.from}>`,
      `To: <${options.to}>`,
      `Message-ID: <${facts.reportId}@${facts.organisation}>`,
      `Subject: Report Domain: ${facts.domain}\r\n Submitter: ${facts.organisation}\r\n Report-ID: <${facts.reportId}@${facts.organisation}>`,
      `TLS-Report-Domain: ${facts.domain}`,
      `TLS-Report-Submitter: ${facts.organisation}`,
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      `Content-Type: multipart/report; report-type="tlsrpt";\r\n\tboundary="${boundary}"`,
      "",
      `--${boundary}`,
      "Content-Type: text/plain; charset=us-ascii",
      "",
      `This is the TLS report of ${facts.organisation} about mail to ${facts.domain}`,
      `on ${facts.day} (UTC).`,
      "",
      `--${boundary}`,
      "Content-Type: application/tlsrpt+gzip",
      "Content-Transfer-Encoding: base64",
      `Content-Disposition: attachment;\r\n\tfilename="${name}"`,
      "",
      options.file.toString("base64").replace(/.{76}/g, "$&\r\n"),
      `--${boundary}--`,
      "",
    ].join("\r\n"),
  );
}
