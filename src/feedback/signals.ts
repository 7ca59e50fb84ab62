// What a returned message says, by the mailbox it came to: signals to learn from, or a call for a person.
import type { BouncedRecipient } from "./bounce.ts";
import type { Signal, SignalSubject } from "./learn.ts";
import { signalAtOptOut } from "./opt-out-mailbox.ts";
import type { Reading } from "./reading.ts";
import type { ReturnPurpose } from "./return-path.ts";

/** Mail to an address that names one recipient's copy: only that person is meant, whoever the report speaks of. */
export function signalsOfToken(
  { copy, purpose }: { readonly copy: SignalSubject; readonly purpose: ReturnPurpose },
  mail: { readonly reading: Reading; readonly fromNull: boolean },
  at: Date,
): Signal {
  const { subject, messageId, recipientId, sender, stream, topic } = copy;
  const about: SignalSubject = {
    subject,
    ...(messageId === undefined ? {} : { messageId }),
    ...(recipientId === undefined ? {} : { recipientId }),
    ...(sender === undefined ? {} : { sender }),
    ...(stream === undefined ? {} : { stream }),
    ...(topic === undefined ? {} : { topic }),
  };
  if (purpose === "unsubscribe") return signalAtOptOut(about, mail, at);
  const { returned, excerpt } = mail.reading;
  switch (returned.kind) {
    case "bounce":
      return bounceSignal(about, returned.recipients, at);
    case "complaint":
      return { kind: "complaint", about, at, feedbackType: returned.feedbackType ?? "abuse" };
    case "unsubscribe":
      return { kind: "opt-out", about, at, wish: "topic", method: "reply" };
    case "auto-reply":
      return { kind: "auto-reply", about, at };
    case "unclear":
      return {
        kind: "unclear",
        about,
        at,
        why: "mail to a return path that is no report",
        excerpt,
      };
  }
}

/** A report on one copy may name a forwarding address; the last word is a failure, if there is one. */
function bounceSignal(
  about: SignalSubject,
  recipients: readonly BouncedRecipient[],
  at: Date,
): Signal {
  const told = recipients.find((recipient) => recipient.final) ?? recipients[0];
  return {
    kind: "bounce",
    about,
    at,
    reason: told?.reason ?? "other",
    permanent: told?.permanent ?? false,
    final: told?.final ?? false,
    ...(told?.status === undefined ? {} : { status: told.status }),
    diagnostic: told?.diagnostic ?? "",
  };
}

/**
 * Mail to a mailbox that anybody knows: acted on only where it carries a token of ours (`abouts`), or `prove` tells that
 * its From is who wrote it. `alarm`: a person must read it.
 */
export async function signalsOfRole(mail: {
  readonly reading: Reading;
  readonly abouts: readonly SignalSubject[];
  readonly prove: () => Promise<SignalSubject | undefined>;
  readonly at: Date;
}): Promise<{ readonly signals: readonly Signal[]; readonly alarm?: string }> {
  const { abouts, at } = mail;
  const { returned } = mail.reading;
  switch (returned.kind) {
    case "bounce":
    case "auto-reply":
      return { signals: [] };
    case "unclear":
      return {
        signals: [],
        alarm: "mail to a mailbox of ours that is no report and no clear wish",
      };
    case "complaint": {
      const feedbackType = returned.feedbackType ?? "abuse";
      const signals = abouts.map((about): Signal => ({
        kind: "complaint",
        about,
        at,
        feedbackType,
      }));
      return signals.length > 0
        ? { signals }
        : { signals, alarm: "a complaint that carries no token of ours" };
    }
    case "unsubscribe": {
      const [quoted, ...others] = abouts;
      if (quoted !== undefined && others.length === 0)
        return {
          signals: [{ kind: "opt-out", about: quoted, at, wish: "topic", method: "reply" }],
        };
      const about = await mail.prove();
      return about === undefined
        ? { signals: [], alarm: "somebody asks to stop, and it is not proved who" }
        : { signals: [{ kind: "opt-out", about, at, wish: "all", method: "reply" }] };
    }
  }
}
