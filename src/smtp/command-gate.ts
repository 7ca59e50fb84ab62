// What stands before every command of a connection: which verbs there are here, how long a line may be, how many go by
// without mail.
import type { ProtocolReply } from "./answer.ts";

const commandOctetsMax = 2048; // RFC 5321 §4.5.3.1.4 asks for 512; DSN parameters add up to 800
const commandsWithoutMailMax = 100; // Postfix's junk command limit
const answered = new Set(
  "EHLO HELO MAIL RCPT DATA RSET NOOP HELP VRFY QUIT STARTTLS AUTH".split(" "),
);
const refused = new Set(
  "EXPN ETRN TURN ATRN BDAT BURL SEND SOML SAML WIZ SHELL KILL DEBUG XCLIENT XFORWARD LHLO".split(
    " ",
  ),
);
const ofMail = new Set(["MAIL", "RCPT", "DATA", "QUIT"]);

const verbOctetsMax = 16; // more than any verb has

/** The letters that a command begins with, in upper case. */
export function verbOf(command: Buffer): string {
  let end = 0;
  while (end < verbOctetsMax && isLetter(command[end] ?? 0)) end += 1;
  return command.toString("latin1", 0, end).toUpperCase();
}

function isLetter(octet: number): boolean {
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** unknown: smtp-server's own answer to a verb that it never heard of. */
export function verbKind(verb: string): "answered" | "not-implemented" | "unknown" {
  if (answered.has(verb)) return "answered";
  return refused.has(verb) ? "not-implemented" : "unknown";
}

export interface CommandGate {
  /** Why this line may not be looked at any further. `draining`: no transaction may begin any more. */
  readonly stops: (
    command: Buffer,
    about: { readonly verb: string; readonly inLogin: boolean; readonly draining: boolean },
  ) => ProtocolReply | undefined;
  /** One more command that brought no mail; true where there were too many. */
  readonly countIdle: () => boolean;
  /** A message came, or a client's recipient was asked about: the client is not idle. */
  readonly forgive: () => void;
}

export function createCommandGate(): CommandGate {
  let withoutMail = 0;
  const countIdle = (): boolean => {
    withoutMail += 1;
    return withoutMail > commandsWithoutMailMax;
  };
  return {
    countIdle,
    forgive: () => {
      withoutMail = 0;
    },
    stops: (command, { verb, inLogin, draining }) => {
      if (!inLogin && verb !== "AUTH" && command.length > commandOctetsMax)
        return "command-too-long";
      if (draining && verb !== "QUIT") return "shutting-down";
      if (!ofMail.has(verb) && countIdle()) return "too-many-commands";
      return hasControlCharacter(command) ? "control-character" : undefined;
    },
  };
}

function hasControlCharacter(command: Buffer): boolean {
  for (const octet of command) if (octet < 32 || octet === 127) return true;
  return false;
}
