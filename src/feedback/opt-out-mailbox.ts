// What mail to `unsubscribe+…@` is: the wish itself, whatever it says, unless it is a bounce (RFC 2369 §3.2).
import { isAppleButton, isAutoReply } from "./auto-reply.ts";
import { readStatusReport } from "./delivery-status.ts";
import type { Signal, SignalSubject } from "./learn.ts";
import { readOptOut, type OptOutReading } from "./opt-out.ts";
import { fieldText, fieldValue, type ReturnedMessage } from "./returned-message.ts";
import type { Reading } from "./reading.ts";

/** What tells a program's mail from a person's, beside the kind that a returned message is of. */
export interface Signs {
  /** multipart/report that is no complaint (RFC 6522), or fields that only a delivery report has. */
  readonly report: boolean;
  /** Marks or words of an automatic answer. */
  readonly automatic: boolean;
  /** Whether what the writer wrote asks to stop. A report's words are not read for that. */
  readonly wish: OptOutReading;
}

/** `text`: the running text, decoded. */
export function readSigns(message: ReturnedMessage, text: string): Signs {
  const { fields, type, reportType } = message;
  const formal = type === "multipart/report" && reportType !== "feedback-report";
  const written = message.parts.map((part) => part.text).join("\n\n");
  const asked = isAppleButton(fields)
    ? "opt-out"
    : readOptOut({ subject: fieldText(fields, "subject"), text });
  return {
    report:
      formal ||
      fieldValue(fields, "x-failed-recipients") !== undefined ||
      readStatusReport(written).found,
    automatic: isAutoReply(fields, text),
    wish: formal ? "none" : asked,
  };
}

/**
 * Auto-Submitted and words of absence do not count: mail programs set them where a person presses a button, and an
 * automatic answer never comes here, as no mail bears this address in From (特定電子メール法 3条3項). What is neither surely
 * a person's nor surely a program's is told to one.
 */
export function signalAtOptOut(
  about: SignalSubject,
  mail: { readonly reading: Reading; readonly fromNull: boolean },
  at: Date,
): Signal {
  const { returned, signs, excerpt } = mail.reading;
  const isBounce = returned.kind === "bounce";
  if (returned.kind === "complaint" || (!mail.fromNull && !signs.report && !isBounce))
    return { kind: "opt-out", about, at, wish: "topic", method: "mailto" };
  const isProgram = signs.report || (mail.fromNull && (signs.automatic || isBounce));
  return isProgram && signs.wish === "none"
    ? { kind: "auto-reply", about, at }
    : {
        kind: "unclear",
        about,
        at,
        why: "mail to an opt-out mailbox that may be a wish to stop",
        excerpt,
      };
}
