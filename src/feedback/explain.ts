// Says what a returned message is and of whom it speaks: bounce, complaint, opt-out, automatic answer, or unclear.
import { parseMailboxes } from "../mail/mailbox.ts";
import { hasAutoReplyMark, isAppleButton, isAutoReply } from "./auto-reply.ts";
import { type BouncedRecipient, readBounce } from "./bounce.ts";
import { addressesIn, originalFields, readComplaint } from "./complaint.ts";
import { readStatusReport } from "./delivery-status.ts";
import { isOptOutAddress, readOptOut } from "./opt-out.ts";
import type { ReplyClassifier } from "./reply-class.ts";
import { cutOriginal, roughText } from "./report-text.ts";
import {
  fieldText,
  fieldValue,
  readReturnedMessage,
  type ReturnedField,
  type ReturnedMessage,
  readText,
  splitHeader,
} from "./returned-message.ts";

/** The `kind` of `sekisho feedback explain --json`: scripts rely on these five words. */
export const returnedKinds = [
  "bounce",
  "complaint",
  "unsubscribe",
  "auto-reply",
  "unclear",
] as const;
export type ReturnedKind = (typeof returnedKinds)[number];

export interface Returned {
  readonly kind: ReturnedKind;
  readonly recipients: readonly BouncedRecipient[];
  /** Message-ID of the returned mail, with its angle brackets. */
  readonly originalMessageId?: string;
  /** Of a complaint: abuse, opt-out, not-spam, auth-failure … */
  readonly feedbackType?: string;
}

const nestingMax = 2; // a bounce forwarded inside a bounce is read; deeper is nobody's mail

/** Pure and bounded; never throws. */
export function explainReturned(raw: Buffer, classifier: ReplyClassifier): Returned {
  return explain(readReturnedMessage(raw), classifier, 0);
}

function explain(message: ReturnedMessage, classifier: ReplyClassifier, depth: number): Returned {
  const texts = textsOf(message);
  const { report, rest } = cutOriginal(texts.readable);
  const statusReport = readStatusReport(texts.all);
  const returnedId = messageIdOf(message, rest);
  const id = returnedId === undefined ? {} : { originalMessageId: returnedId };

  const complaint = readComplaint(message, report);
  if (complaint !== undefined) {
    return {
      kind: "complaint",
      feedbackType: complaint.feedbackType,
      // A report that hides the recipient still is one complaint: `address` is then empty.
      recipients: (complaint.recipients.length === 0 ? [""] : complaint.recipients).map((address) =>
        person(address, `feedback type ${complaint.feedbackType}`),
      ),
      ...id,
    };
  }
  const outcome = statusReport.blocks.map((block) => block.action);
  if (
    message.parts.some((part) => part.type === "message/disposition-notification") ||
    (outcome.length > 0 &&
      outcome.every((action) => /^(?:delivered|relayed|expanded)$/.test(action ?? "")))
  ) {
    return { kind: "auto-reply", recipients: senders(message.fields), ...id };
  }
  const failedRecipients = addressesIn(fieldValue(message.fields, "x-failed-recipients") ?? "");
  if (statusReport.found || failedRecipients.length > 0 || isBounce(message, report)) {
    const nested = nestedBounce(
      message,
      rest,
      statusReport.blocks.length > 0,
      report,
      classifier,
      depth,
    );
    if (nested !== undefined) return nested;
    const recipients = readBounce(
      {
        report: statusReport,
        text: report,
        failedRecipients,
        originalRecipients: originalRecipients(message, rest),
        delayed: isDelay(message, report),
      },
      classifier,
    );
    return { kind: "bounce", recipients, ...id };
  }
  return answer(message, texts.readable, id, classifier, depth);
}

function answer(
  message: ReturnedMessage,
  text: string,
  id: { readonly originalMessageId?: string },
  classifier: ReplyClassifier,
  depth: number,
): Returned {
  const subject = fieldText(message.fields, "subject");
  const from = senders(message.fields);
  const toOptOut = ["to", "delivered-to", "x-original-to"].some((key) =>
    addressesIn(fieldText(message.fields, key)).some(isOptOutAddress),
  );
  // Mail to an opt-out mailbox is the wish, however it is marked (opt-out-mailbox.ts); not from the null sender.
  const isWish = toOptOut && fieldValue(message.fields, "return-path")?.startsWith("<>") !== true;
  if (!isWish && isAutoReply(message.fields, text))
    return { kind: "auto-reply", recipients: from, ...id };
  if (toOptOut || isAppleButton(message.fields) || readOptOut({ subject, text }) === "opt-out")
    return { kind: "unsubscribe", recipients: from, ...id };
  for (const original of depth < nestingMax ? message.originals : []) {
    const inner = explain(readText(original.replace(/^\n+/, "")), classifier, depth + 1);
    if (inner.kind === "bounce" || inner.kind === "complaint") return inner;
  }
  return { kind: "unclear", recipients: from, ...id };
}

/** What a report that names nobody carries may itself be the report, forwarded by a postmaster. */
function nestedBounce(
  message: ReturnedMessage,
  rest: string,
  hasBlocks: boolean,
  report: string,
  classifier: ReplyClassifier,
  depth: number,
): Returned | undefined {
  if (
    hasBlocks ||
    depth >= nestingMax ||
    /[45]\d\d|@/.test(report.replace(/<?(?:support|postmaster|help)\S*@\S+/gi, ""))
  )
    return undefined;
  const inner = [...message.originals, rest.replace(/^[^\n]*\n(?:From [^\n]*\n)?/, ""), rest];
  for (const text of inner) {
    const nested = readText(text.replace(/^\n*(?:From [^\n]*\n)?/, ""));
    if (nested.fields.length === 0 || !isBounce(nested, textsOf(nested).readable)) continue;
    const returned = explain(nested, classifier, depth + 1);
    if (returned.kind === "bounce") return returned;
  }
  return undefined;
}

interface Texts {
  /** What a person reads: plain parts, or HTML where there are none. */
  readonly readable: string;
  /** Everything that is not the returned mail, reports included. */
  readonly all: string;
}

function textsOf(message: ReturnedMessage): Texts {
  const plain = message.parts.filter((part) => part.type === "text/plain").map((part) => part.text);
  const html = message.parts
    .filter((part) => part.type === "text/html")
    .map((part) => roughText(part.text));
  const readable = (plain.some((text) => text.trim() !== "") ? plain : html).join("\n\n");
  const reports = message.parts
    .filter((part) => !part.type.startsWith("text/"))
    .map((part) => part.text);
  return {
    readable,
    all: [...reports, cutOriginal(readable).report, tailReport(readable)].join("\n\n"),
  };
}

/** A report written into one text behind a boundary line, as broken relays do. */
function tailReport(readable: string): string {
  const index = readable.search(/^(?:> ?)*Reporting-MTA[ \t]*:/im);
  return index === -1 ? "" : cutOriginal(readable.slice(index)).report;
}

const daemon =
  /mailer-?daemon|postmaster|mail (?:delivery|administrator|system)|mail\.delivery|delivery (?:subsystem|system|agent|status)|mdaemon|mail ?er|^\s*<>\s*$|^\s*$|no-?reply|メール(?:システム|サーバ|配送)/i;
const bounceSubjects =
  /undeliver|delivery (?:status notification|failure|failed|error|report|has failed|problem|notification)|(?:mail|message|delivery)[^a-z]{0,3}(?:delivery )?(?:failed|failure|system error|error|could not be delivered)|failure notice|returned mail|returned to sender|returning (?:message )?to sender|non-?deliver|could not (?:be delivered|send)|not delivered|warning: (?:could not|message)|delayed mail|delay(?:ed)? \d+ hours|mail delivery|considered unsolicited|postmaster notify|nondelivery|rejected mail|mail (?:system )?error|unzustellbar|не ?доставлен|配信(?:不能|エラー|失敗|できません)|配送(?:不能|エラー|失敗)|送信(?:エラー|失敗|できません)|不達|エラーメール|宛先不明|届けられません/i;
const bounceWords =
  /could not be delivered|(?:was|were|has) not (?:been )?(?:yet )?delivered|unable to deliver|undeliverable|(?:delivery|deliver)[^.\n]{0,60}(?:failed|has been delayed|was aborted|problem)|delivery failed|failed to deliver|(?:following|these) (?:recipient|address)[^.\n]{0,80}(?:fail|reject|reach|delivery problems|delivered|fatal|receive)|did not reach the following|error (?:has )?occurred while (?:attempting|trying)|error delivering your mail|couldn't be delivered|wasn't (?:able to deliver|delivered)|mailbox is full|permanent (?:fatal )?error|trouble delivering|has not been delivered|i'm sorry to have to inform you|could not be sent|(?:mail|message) (?:was|has been) (?:returned|rejected)|considered unsolicited|transcript of session|non-?deliverable|non-deliver|no valid recipients|returned (?:mail|message)|failure reasons|配信できません|配信されません|送信できません|送信でき(?:ませ|なかっ)|届け(?:でき|られ)ません|お届けでき|宛先(?:が|に)|不達/i;

function isBounce(message: ReturnedMessage, report: string): boolean {
  if (message.reportType === "delivery-status") return true;
  const from = fieldText(message.fields, "from");
  // A vacation program uses the null sender too, and its owner may write of a full mailbox.
  if (!daemon.test(from) && hasAutoReplyMark(message.fields)) return false;
  const returnPath = fieldValue(message.fields, "return-path") ?? "";
  const byDaemon = daemon.test(from) || /^<>$|mailer-daemon/i.test(returnPath);
  const bySubject = bounceSubjects.test(fieldText(message.fields, "subject"));
  const byWords = bounceWords.test(report);
  const googleGroups = /^mailer-daemon@googlemail|mailer-daemon@google/i.test(
    addressesIn(from)[0] ?? "",
  );
  return [byDaemon, bySubject, byWords].filter(Boolean).length >= 2 || googleGroups;
}

function isDelay(message: ReturnedMessage, report: string): boolean {
  return (
    /\bdelay|^warning:|still being retried/i.test(fieldText(message.fields, "subject")) ||
    /warning (?:message )?only|not yet been delivered|temporary failure report|will be retried/i.test(
      report,
    )
  );
}

function originalRecipients(message: ReturnedMessage, rest: string): readonly string[] {
  const tail = rest === "" ? [] : headerInTail(rest);
  for (const fields of [originalFields(message), tail]) {
    for (const key of ["x-actual-recipient", "to", "delivered-to", "x-original-to", "cc"]) {
      const addresses = addressesIn(fieldText(fields, key));
      if (addresses.length > 0) return addresses;
    }
  }
  return [];
}

/** Fields of the mail in the tail of a text: its first line is often a separator. */
function headerInTail(rest: string): readonly ReturnedField[] {
  const start = rest.search(/^(?:> ?)*[A-Za-z][A-Za-z-]{1,60}:[ \t]/m);
  if (start === -1) return [];
  return splitHeader(rest.slice(start).replace(/^> ?/gm, "")).fields;
}

function messageIdOf(message: ReturnedMessage, rest: string): string | undefined {
  const value =
    fieldValue(originalFields(message), "message-id") ??
    fieldValue(headerInTail(rest), "message-id");
  return value === undefined ? undefined : /<[^<>\s]{1,990}>/.exec(value)?.[0];
}

/** A name may look like another address; only where From is not well formed is it searched for one. */
function senders(fields: readonly ReturnedField[]): readonly BouncedRecipient[] {
  const mailboxes = parseMailboxes(fieldValue(fields, "from") ?? "");
  const addresses =
    mailboxes.kind === "ok"
      ? mailboxes.value.map(({ address }) => address.text)
      : addressesIn(fieldText(fields, "from"));
  return addresses.slice(0, 1).map((address) => person(address, ""));
}

function person(address: string, diagnostic: string): BouncedRecipient {
  return { address, reason: "other", permanent: false, final: false, diagnostic };
}
