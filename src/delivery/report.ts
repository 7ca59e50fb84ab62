// Writes the delivery report that a failed recipient owes to the client's MAIL FROM (RFC 3464, RFC 6522, RFC 3461).
import type { AddressIndex } from "../consent/address-index.ts";
import type { Address } from "../mail/address.ts";
import { base64Lines, encodedWords } from "../mail/encoded-text.ts";
import { splitMessage } from "../mail/header.ts";
import { formatReply, type Reply } from "../mail/reply.ts";
import { decodeXtext } from "../mail/xtext.ts";
import type { Lease, NewMessage, NewRecipient } from "../queue/store.ts";
import { formatDate } from "./date.ts";
import { reportText } from "./report-text.ts";

/** Why it came to this: one text for each kind. */
export type ReportKind = "failed" | "expired" | "dropped" | "uncertain" | "delayed" | "relayed";

export interface ReportFacts {
  readonly lease: Lease;
  readonly kind: ReportKind;
  /** The remote's words, or ours. */
  readonly reply: Reply;
  /** Host that spoke; absent where none was reached. */
  readonly remoteHost?: string;
  /** The stored content; undefined where it is gone. */
  readonly content: Buffer | undefined;
  readonly hostname: string;
  readonly language: "ja" | "en";
  readonly now: Date;
  /** Name of the report in the queue. */
  readonly messageId: string;
  readonly subject: (address: Address) => AddressIndex;
  /** Of a delayed copy: until when it is tried. */
  readonly giveUpAt: Date;
}

export interface Report {
  readonly message: NewMessage;
  readonly recipient: NewRecipient;
}

const returnedMaxOctets = 102_400; // RET=FULL of a larger message gives its header: a report must not bounce for its size
const headerMaxOctets = 65_536;

/**
 * Not where the message has no sender to tell (`<>`) or is itself a report, so that no report ever causes another; and
 * not what NOTIFY leaves out (RFC 3461 §4.1): without NOTIFY, failures and delays are told, successes are not.
 */
export function isReportDue(lease: Lease, kind: ReportKind): boolean {
  if (lease.envelope.mailFrom === null || lease.notification) return false;
  const notify = lease.dsn?.notify ?? [];
  if (kind === "relayed") return notify.includes("SUCCESS");
  return notify.length === 0 || notify.includes(kind === "delayed" ? "DELAY" : "FAILURE");
}

/** undefined where none is due. */
export function writeReport(facts: ReportFacts): Report | undefined {
  const { lease } = facts;
  const { mailFrom } = lease.envelope;
  if (mailFrom === null || !isReportDue(lease, facts.kind)) return undefined;
  return {
    message: {
      messageId: facts.messageId,
      stream: lease.stream,
      sender: lease.sender,
      envelope: {
        mailFrom: null,
        eightBit: false,
        smtpUtf8: false,
        ...(lease.envelope.requireTls === true ? { requireTls: true } : {}),
      },
      content: Buffer.from(reportContent(facts, mailFrom)),
      // The message's own domain signs: it is sure to have a key, and the report goes back to its sender.
      fromDomain: lease.fromDomain,
      receivedAt: facts.now,
      trace: { helo: facts.hostname, protocol: "LOCAL" },
      notification: true,
      // Told once: the store knows it again for a day.
      ...(facts.kind === "delayed" ? { fingerprint: `delayed ${lease.recipientId}` } : {}),
    },
    recipient: {
      recipientId: `${facts.messageId}-1`,
      address: mailFrom,
      subject: facts.subject(mailFrom),
      destination: mailFrom.domain,
    },
  };
}

function reportContent(facts: ReportFacts, mailFrom: Address): string {
  const boundary = `=_${facts.messageId}`;
  const returned = returnedPart(facts);
  return [
    `Date: ${formatDate(facts.now)}`,
    `From: MAILER-DAEMON <MAILER-DAEMON@${facts.hostname}>`,
    `To: <${mailFrom.text}>`,
    `Message-ID: <${facts.messageId}@${facts.hostname}>`,
    `Subject: ${encodedWords(subjectOf(facts.kind)[facts.language])}`,
    "Auto-Submitted: auto-replied", // RFC 3834 §5
    "MIME-Version: 1.0",
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    "",
    "This is a delivery report in MIME format.",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    base64Lines(Buffer.from(explanation(facts))),
    `--${boundary}`,
    "Content-Type: message/delivery-status",
    "",
    statusPart(facts),
    `--${boundary}`,
    ...returned,
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

function subjectOf(kind: ReportKind): { readonly ja: string; readonly en: string } {
  switch (kind) {
    case "delayed":
      return reportText.delayedSubject;
    case "relayed":
      return reportText.relayedSubject;
    case "failed":
    case "expired":
    case "dropped":
    case "uncertain":
      return reportText.subject;
  }
}

/** RFC 3464 §2.3.3. */
function actionOf(kind: ReportKind): "failed" | "delayed" | "relayed" {
  return kind === "delayed" || kind === "relayed" ? kind : "failed";
}

/** RFC 3464 §2.3.4: its class says whether more attempts follow. */
function statusOf({ kind, reply }: ReportFacts): string {
  const status = reply.enhanced ?? (reply.code >= 500 ? "5.0.0" : "4.0.0");
  return status.replace(/^\d/, kind === "delayed" ? "4" : kind === "relayed" ? "2" : "5");
}

function explanation(facts: ReportFacts): string {
  const { lease, reply } = facts;
  const text = reportText[facts.kind];
  const perhaps =
    lease.uncertain && actionOf(facts.kind) === "failed" && facts.kind !== "uncertain";
  const lines = (language: "ja" | "en"): string =>
    [
      text[language],
      "",
      `  ${lease.address.text}`,
      `  ${formatReply(reply)}`,
      ...(facts.remoteHost === undefined ? [] : [`  (${facts.remoteHost})`]),
      "",
      ...(perhaps ? [reportText.perhaps[language], ""] : []),
      `${reportText.reference[language]}: ${lease.recipientId}`,
      "",
    ].join("\r\n");
  return facts.language === "ja" ? `${lines("ja")}\r\n${lines("en")}` : lines("en");
}

/** RFC 3464 §2.2, §2.3. */
function statusPart(facts: ReportFacts): string {
  const { lease, reply } = facts;
  const field = (name: string, value: string): string => `${name}: ${asciiOnly(value)}`;
  // As the client meant them: what carried them encoded is SMTP (RFC 3461 §4), and a report is none.
  const given = (name: string, xtext: string): string => field(name, decodeXtext(xtext) ?? xtext);
  return [
    ...(lease.envelope.dsn?.envid === undefined
      ? []
      : [given("Original-Envelope-Id", lease.envelope.dsn.envid)]),
    `Reporting-MTA: dns; ${facts.hostname}`,
    `Arrival-Date: ${formatDate(lease.receivedAt)}`,
    "",
    ...(lease.dsn?.orcpt === undefined ? [] : [given("Original-Recipient", lease.dsn.orcpt)]),
    field("Final-Recipient", `rfc822; ${lease.address.text}`),
    `Action: ${actionOf(facts.kind)}`,
    `Status: ${statusOf(facts)}`,
    ...(facts.remoteHost === undefined ? [] : [field("Remote-MTA", `dns; ${facts.remoteHost}`)]),
    ...fold(`Diagnostic-Code: smtp; ${asciiOnly(formatReply(reply))}`),
    `Last-Attempt-Date: ${formatDate(facts.now)}`,
    ...(facts.kind === "delayed" ? [`Will-Retry-Until: ${formatDate(facts.giveUpAt)}`] : []),
    "",
  ].join("\r\n");
}

/** The message where RET=FULL asks for it and it fits, else its header (RFC 3461 §4.3). */
function returnedPart(facts: ReportFacts): readonly string[] {
  const { content, lease } = facts;
  if (content === undefined) return ["Content-Type: text/rfc822-headers", "", "", ""];
  const { fields, bodyOffset } = splitMessage(content);
  const header = fields
    .filter(({ key }) => key !== "bcc" && key !== "resent-bcc" && !key.startsWith("x-sekisho-"))
    .map(({ raw }) => asciiKeepingLines(raw))
    .join("")
    .slice(0, headerMaxOctets);
  const body = content.subarray(bodyOffset);
  const full =
    actionOf(facts.kind) === "failed" && // RFC 3461 §4.3: RET is about failures
    lease.envelope.requireTls !== true && // RFC 8689 §5: as if RET=HDRS had been asked for
    lease.envelope.dsn?.ret === "FULL" &&
    content.length <= returnedMaxOctets &&
    body.every((octet) => octet < 128);
  return full
    ? ["Content-Type: message/rfc822", "", `${header}\r\n${body.toString("latin1")}`]
    : ["Content-Type: text/rfc822-headers", "", header];
}

function fold(line: string): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > 76) {
    const space = rest.lastIndexOf(" ", 76);
    const cut = space > 20 ? space : rest.indexOf(" ", 77);
    if (cut === -1) break;
    lines.push(rest.slice(0, cut));
    rest = `\t${rest.slice(cut + 1)}`;
  }
  return [...lines, rest];
}

function asciiOnly(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function asciiKeepingLines(text: string): string {
  return text.replace(/[^\t\r\n\x20-\x7e]/g, "?");
}
