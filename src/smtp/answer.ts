// Turns what intake decided, and what the protocol itself says, into replies: every word a client reads is made here.
import type { Answer, No } from "../intake/answer.ts";
import type { Reply } from "../mail/reply.ts";

const textMaxOctets = 480; // RFC 5321 §4.5.3.1.5: 512 for the line with code, enhanced code and CRLF

/** Everything the listener says by itself. Codes by RFC 5321 §4.2, enhanced codes by RFC 3463 and IANA's registry. */
export const protocolReplies = {
  "begin-data": { code: 354, text: "end data with <CR><LF>.<CR><LF>" },
  reset: { code: 250, enhanced: "2.0.0", text: "reset" },
  noop: { code: 250, enhanced: "2.0.0", text: "ok" },
  help: {
    code: 214,
    enhanced: "2.0.0",
    text: "EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP VRFY HELP QUIT",
  },
  "cannot-verify": {
    code: 252,
    enhanced: "2.5.0",
    text: "cannot verify; send the mail and see the reply to RCPT",
  },
  "not-implemented": { code: 502, enhanced: "5.5.1", text: "command not implemented" },
  "command-too-long": { code: 500, enhanced: "5.5.2", text: "command line too long" },
  "bare-line-feed": {
    code: 500,
    enhanced: "5.5.2",
    text: "line-ends: end each command with CR LF; the connection is closed",
  },
  "control-character": { code: 501, enhanced: "5.5.4", text: "control character in a command" },
  "bad-greeting": { code: 501, enhanced: "5.5.4", text: "give a host name: EHLO name" },
  "bad-mail-syntax": { code: 501, enhanced: "5.5.4", text: "syntax: MAIL FROM:<address>" },
  "bad-rcpt-syntax": { code: 501, enhanced: "5.5.4", text: "syntax: RCPT TO:<address>" },
  "bad-sender": { code: 501, enhanced: "5.1.7", text: "the sender's address is not valid" },
  "bad-parameter": { code: 501, enhanced: "5.5.4", text: "a parameter is not valid" },
  "unknown-parameter": { code: 555, enhanced: "5.5.4", text: "a parameter is not known here" },
  "no-arguments": { code: 501, enhanced: "5.5.4", text: "this command takes no argument" },
  "tls-needed": { code: 530, enhanced: "5.7.0", text: "issue STARTTLS first" },
  "auth-needed": { code: 530, enhanced: "5.7.0", text: "authentication required" },
  "auth-not-here": { code: 503, enhanced: "5.5.1", text: "AUTH is not offered here" },
  "auth-again": { code: 503, enhanced: "5.5.1", text: "already authenticated, or mail under way" },
  "auth-failed": { code: 535, enhanced: "5.7.8", text: "user name or password is wrong" },
  "auth-later": { code: 454, enhanced: "4.7.0", text: "authentication not possible now" },
  "auth-throttled": {
    code: 454,
    enhanced: "4.7.0",
    text: "too many failed logins; try again after some minutes",
  },
  "auth-exhausted": { code: 421, enhanced: "4.7.0", text: "too many failed logins" },
  "mail-again": { code: 503, enhanced: "5.5.1", text: "MAIL was given before" },
  "mail-first": { code: 503, enhanced: "5.5.1", text: "MAIL comes first" },
  "no-recipients": { code: 554, enhanced: "5.5.1", text: "no recipient was accepted" },
  "not-allowed": { code: 554, enhanced: "5.7.1", text: "your address may not send mail here" },
  timeout: { code: 421, enhanced: "4.4.2", text: "timeout" },
  "too-slow": { code: 421, enhanced: "4.4.2", text: "the message came too slowly" },
  "too-many-commands": { code: 421, enhanced: "4.7.0", text: "too many commands without mail" },
  "too-many-connections": {
    code: 421,
    enhanced: "4.7.0",
    text: "too many connections; try again later",
  },
  "shutting-down": { code: 421, enhanced: "4.3.2", text: "going down; try again later" },
  fault: { code: 451, enhanced: "4.3.0", text: "not possible now; try again later" },
} as const satisfies Record<string, Reply>;

export type ProtocolReply = keyof typeof protocolReplies;

export function protocolReply(name: ProtocolReply, detail?: string): Reply {
  const reply: Reply = protocolReplies[name];
  return detail === undefined ? reply : { ...reply, text: fit(`${reply.text}: ${detail}`) };
}

/** `publicUrl` has no slash at its end; with it each refusal ends in the address of the page that explains it. */
export function createToReply(publicUrl?: string): (answer: Answer) => Reply {
  return (answer) => {
    switch (answer.kind) {
      case "sender-ok":
        return { code: 250, enhanced: "2.1.0", text: "sender ok" };
      case "recipient-ok":
        return { code: 250, enhanced: "2.1.5", text: "recipient ok" };
      case "accepted":
        return { code: 250, enhanced: "2.0.0", text: `accepted id=${answer.messageId}` };
      case "held": {
        const text = explain(`held id=${answer.messageId}: `, answer.no, publicUrl);
        return { code: 250, enhanced: "2.0.0", text };
      }
      case "refused": {
        const { code, enhanced } = answer.no.row;
        return { code, enhanced, text: explain("", answer.no, publicUrl) };
      }
    }
  };
}

/** Enhanced codes for what smtp-server says by itself; texts lose its "Error:" (libraries.md 1.1, 28). */
export function fromLibrary(code: number, text: string): Reply {
  const enhanced = libraryTexts[text] ?? libraryCodes[code];
  const plain = text.replace(/^Error: /, "");
  return enhanced === undefined ? { code, text: fit(plain) } : { code, enhanced, text: fit(plain) };
}

/** Where the code alone does not tell: 220 is the greeting's as well, which has none (RFC 2034 §3). */
const libraryTexts: Readonly<Record<string, string>> = {
  "Ready to start TLS": "2.0.0",
  "Error: invalid userdata": "5.5.2", // RFC 4954 §4: what is no base64
};

const libraryCodes: Readonly<Record<number, string>> = {
  221: "2.0.0",
  235: "2.7.0",
  421: "4.7.0",
  451: "4.3.0",
  454: "4.7.0",
  500: "5.5.2",
  501: "5.5.4",
  503: "5.5.1",
  504: "5.5.4",
  530: "5.7.0",
  535: "5.7.8",
  538: "5.7.11",
};

function explain(lead: string, no: No, publicUrl: string | undefined): string {
  const page = publicUrl === undefined ? "" : `; see ${publicUrl}/r/${no.reason}`;
  const detail = no.detail === undefined || no.detail === "" ? "" : ` (${no.detail})`;
  const words = ascii(`${lead}${no.reason}: ${no.row.text.en}${detail}`);
  return words.slice(0, textMaxOctets - page.length) + page;
}

function fit(text: string): string {
  return ascii(text).slice(0, textMaxOctets);
}

/** Reply texts are ASCII (RFC 5321 §4.2): what is not is left out, and its place is shown. */
function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, "...");
}
