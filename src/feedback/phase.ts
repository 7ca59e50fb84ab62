// At which SMTP command a report says that the remote refused.
import type { SmtpPhase } from "./reply-rules.ts";

const signs: readonly (readonly [SmtpPhase, RegExp])[] = [
  [
    "rcpt",
    /in reply to RCPT TO|after RCPT TO|in response to (?:the )?RCPT TO|RCPT TO response|\[RCPT_TO\]|(?:did not like|does not like) (?:our )?(?:recipient|RCPT)|SMTP:RCPT|for RCPT (?:TO )?command|(?:command|phase|stage)\W{1,4}RCPT|RCPT TO:?<[^>]*>:? ?[45]\d\d|rejected all recipients|\(state 1[34]\)|following RCPT command|>>> ?RCPT TO:? ?<?[^>\s]{1,300}>? (?:received )?<<< ?[45]/i,
  ],
  [
    "data",
    /in reply to (?:end of )?DATA|after (?:end of )?(?:DATA|message|content)\b|end of data|failed after I sent the message|for (?:TEXT|DATA) command|SMTP:DATA|\[(?:END_)?DATA\]|(?:command|phase|stage)\W{1,4}(?:end of )?DATA|in response to (?:the )?(?:end of )?DATA|failed on DATA command|\(state 1[78]\)|following (?:end of )?DATA|>>> ?DATA (?:received )?<<< ?[45]/i,
  ],
  [
    "mail",
    /in reply to MAIL FROM|after MAIL FROM|SMTP:MAIL|for MAIL (?:FROM )?command|\[MAIL_FROM\]|(?:did not like|does not like) (?:our )?MAIL|in response to (?:the )?MAIL|sender was rejected|following MAIL/i,
  ],
  [
    "helo",
    /in reply to (?:HELO|EHLO)|after (?:HELO|EHLO)|my name was rejected|SMTP:(?:HELO|EHLO)/i,
  ],
  [
    "connect",
    /refused to talk to me|after initial connection|initial server greeting|SMTP:CONN|while connecting|but greeting failed|in reply to (?:initial )?connection/i,
  ],
];

/** The phase that the report names; undefined where it names none, or where a pipelined transcript leaves it open. */
export function phaseIn(text: string): SmtpPhase | undefined {
  const words = text.replace(/\s+/g, " ");
  return isTranscript(text)
    ? phaseOfTranscript(text)
    : signs.find(([, pattern]) => pattern.test(words))?.[0];
}

function isTranscript(text: string): boolean {
  return /^(?:> ?)*<<< /m.test(text);
}

const recipientRefused =
  /^(?:> ?)*<<< (?:503|554).{0,40}(?:need rcpt|rcpt first|no valid recipient|need recipient|no recipients)/im;

/**
 * Sendmail shows the command before the first `<<<`. It pipelines, so that an answer shown behind DATA may be RCPT's: a
 * later complaint that no recipient is left says so, but a filter's refusal looks the same. Then the status must tell.
 */
function phaseOfTranscript(text: string): SmtpPhase | undefined {
  const command = /^(?:> ?)*>>> *(\w+)[^\n]*\n(?:[^\n]*\n)?(?:> ?)*<<< [45]/im.exec(text)?.[1];
  switch (command?.toUpperCase() ?? "") {
    case "RCPT":
      return "rcpt";
    case "DATA":
    case "BDAT":
      return recipientRefused.test(text) ? undefined : "data";
    case "MAIL":
      return "mail";
    case "HELO":
    case "EHLO":
      return "helo";
    default:
      return undefined;
  }
}
