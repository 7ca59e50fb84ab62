// Hands one recipient's copy to one host over an open connection: MAIL, RCPT, DATA, the message, and the answer.
import assert from "node:assert/strict";

import { isAscii, type Address } from "../mail/address.ts";
import type { Envelope, RecipientDsn } from "../mail/envelope.ts";
import { formatReply, type Reply } from "../mail/reply.ts";
import type { Cleared } from "../policy/decide.ts";
import type { Connection } from "./connect.ts";
import type { Extensions } from "./extensions.ts";
import type { MailPhase, Transaction } from "./outcome.ts";
import type { Timeouts } from "./settings.ts";
import { unproven } from "./tls-evidence.ts";
import { ConnectionLost, nextTurn, type Wire } from "./wire.ts";
import type { WireMessage } from "./wire-message.ts";

/** One recipient an envelope: a refusal then is always about this one, and nobody learns who else got it. */
export interface Mail {
  readonly recipientId: string;
  readonly envelope: Envelope;
  readonly recipient: Address;
  readonly dsn?: RecipientDsn;
  readonly message: WireMessage;
}

const blockOctets = 65_536;

/**
 * Never throws for what the peer does. Afterwards the connection is good for more only where the outcome is `accepted`,
 * or `refused` and followed by RSET; it is destroyed where the outcome is `lost`.
 */
export async function transact(
  cleared: Cleared,
  connection: Connection,
  mail: Mail,
  timeouts: Timeouts,
): Promise<Transaction> {
  assert.equal(cleared.recipientId, mail.recipientId, "cleared for another recipient");
  const utf8 = needsUtf8(mail);
  const unfit = findUnfit(mail, utf8, connection.extensions);
  if (unfit !== undefined) return { kind: "unfit", reply: unfit };
  const untrusted = findUntrusted(mail, connection);
  if (untrusted !== undefined) return { kind: "unfit", reply: untrusted, triesOthers: true };

  const { wire, extensions } = connection;
  const deadline = performance.now() + timeouts.total;
  const within = (phaseMs: number): number => Math.min(phaseMs, deadline - performance.now());
  let phase: MailPhase = "mail";
  let written = false;
  try {
    const from = `MAIL FROM:<${mail.envelope.mailFrom?.text ?? ""}>${mailParameters(mail, utf8, extensions)}\r\n`;
    const to = `RCPT TO:<${mail.recipient.text}>${rcptParameters(mail, extensions)}\r\n`;
    const grouped = extensions.pipelining;
    wire.command(grouped ? `${from}${to}DATA\r\n` : from); // DATA ends a group (RFC 2920 §3.1)
    const mailReply = await wire.reply(within(timeouts.command));
    if (!isYes(mailReply)) {
      if (grouped) await abandon(wire, 2, () => within(timeouts.command));
      return refused(phase, mailReply);
    }
    phase = "rcpt";
    if (!grouped) wire.command(to);
    const rcptReply = await wire.reply(within(timeouts.command));
    if (!isYes(rcptReply)) {
      if (grouped) await abandon(wire, 1, () => within(timeouts.command));
      return refused(phase, rcptReply);
    }

    phase = "data";
    if (!grouped) wire.command("DATA\r\n");
    const go = await wire.reply(within(timeouts.dataStart));
    if (go.code !== 354) return refused(phase, go);

    phase = "body";
    // One turn of the event loop: what a liar sent right behind its 354 is read before our first octet.
    await nextTurn();
    let { octets } = mail.message;
    for (; octets.length > blockOctets; octets = octets.subarray(blockOctets))
      await wire.block(octets.subarray(0, blockOctets), within(timeouts.block));
    const answer = await wire.lastBlock(
      octets,
      { block: within(timeouts.block), reply: within(timeouts.finalDot) },
      () => {
        phase = "final-dot";
        written = true;
      },
    );
    return ended(wire, answer);
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    wire.destroy();
    return lost(phase, error, written);
  }
}

/**
 * The answers to what was sent along with a refused command say nothing, but must not be taken for another's. The last is
 * DATA's: a host that takes a message for nobody gets an empty one (RFC 2920 §3.1).
 */
async function abandon(wire: Wire, replies: number, within: () => number): Promise<void> {
  try {
    let last: Reply | undefined;
    for (let left = replies; left > 0; left -= 1) last = await wire.reply(within());
    if (last?.code !== 354) return;
    wire.command(".\r\n");
    await wire.reply(within());
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    wire.destroy();
  }
}

/** By the first digit alone (RFC 5321 §4.2): a message that was taken must not come again because of the other two. */
function isYes({ code }: Reply): boolean {
  return code >= 200 && code < 300;
}

function ended(wire: Wire, answer: Reply): Transaction {
  if (isYes(answer)) return { kind: "accepted", reply: answer };
  if (answer.code >= 400) return refused("final-dot", answer);
  wire.destroy(); // Neither yes nor no: what it waits for now, nobody knows.
  const problem = `unexpected answer: ${formatReply(answer)}`;
  return { kind: "lost", phase: "final-dot", loss: "protocol", problem, uncertain: true };
}

function refused(phase: MailPhase, reply: Reply): Transaction {
  return { kind: "refused", phase, reply };
}

function lost(phase: MailPhase, error: ConnectionLost, written: boolean): Transaction {
  const { reply } = error;
  // A refusal in the middle of the message is a refusal all the same; an early "yes" is a lie.
  if (!written && reply !== undefined && reply.code >= 400) return refused(phase, reply);
  return {
    kind: "lost",
    phase,
    loss: error.kind,
    problem: error.message,
    uncertain: written,
    ...(reply === undefined ? {} : { reply }),
  };
}

function mailParameters(mail: Mail, utf8: boolean, extensions: Extensions): string {
  const { message, envelope } = mail;
  let text = "";
  if (extensions.size) text += ` SIZE=${message.size}`;
  if (message.eightBit) text += " BODY=8BITMIME";
  if (utf8) text += " SMTPUTF8";
  if (envelope.requireTls === true && extensions.requireTls) text += " REQUIRETLS";
  if (extensions.dsn) {
    if (envelope.dsn?.ret !== undefined) text += ` RET=${envelope.dsn.ret}`;
    const envid = xtext(envelope.dsn?.envid);
    if (envid !== undefined) text += ` ENVID=${envid}`;
  }
  return text;
}

function rcptParameters(mail: Mail, extensions: Extensions): string {
  if (!extensions.dsn) return "";
  const notify = mail.dsn?.notify ?? [];
  const orcpt = xtext(mail.dsn?.orcpt);
  return (
    (notify.length === 0 ? "" : ` NOTIFY=${notify.join(",")}`) +
    (orcpt === undefined ? "" : ` ORCPT=${orcpt}`)
  );
}

/** Passed on as it came, or not at all: nothing in it may end the line (RFC 3461 §4). */
function xtext(text: string | undefined): string | undefined {
  return text !== undefined && /^[\x21-\x7e]{1,500}$/.test(text) ? text : undefined;
}

function needsUtf8(mail: Mail): boolean {
  const { mailFrom } = mail.envelope;
  return (
    mail.message.headerEightBit ||
    !isAscii(mail.recipient) ||
    (mailFrom !== null && !isAscii(mailFrom))
  );
}

/** Asked before MAIL, so that nothing is sent raw to a host that did not offer to take it (threats.md row 34). */
function findUnfit(mail: Mail, utf8: boolean, extensions: Extensions): Reply | undefined {
  if (utf8 && !extensions.smtpUtf8) {
    const what = mail.message.headerEightBit ? "a header field" : "an address";
    const text = `the receiving host does not offer SMTPUTF8, and ${what} is neither ASCII nor encoded`;
    return { code: 550, enhanced: "5.6.7", text };
  }
  if (mail.message.eightBit && !extensions.eightBitMime)
    return { code: 554, enhanced: "5.6.3", text: "the receiving host does not offer 8BITMIME" };
  if (extensions.sizeMax !== undefined && mail.message.size > extensions.sizeMax)
    return {
      code: 552,
      enhanced: "5.3.4",
      text: `the message has ${mail.message.size} octets, the receiving host takes ${extensions.sizeMax}`,
    };
  return undefined;
}

/**
 * RFC 8689 §4.2.1: mail that requires TLS goes to a host whose name is certain, whose certificate proves it, and that takes
 * the wish over. A report about such mail goes on without (§5): its sender would never hear of it otherwise.
 */
function findUntrusted(mail: Mail, { host, tls, extensions }: Connection): Reply | undefined {
  if (mail.envelope.requireTls !== true || mail.envelope.mailFrom === null) return undefined;
  const fault = unproven(tls);
  const problem = !host.certainName
    ? "nobody vouches for the name of the receiving host"
    : fault === undefined
      ? "the receiving host does not offer it"
      : `the certificate of the receiving host does not prove its name: ${fault}`;
  return host.certainName && fault === undefined && extensions.requireTls
    ? undefined
    : { code: 550, enhanced: "5.7.30", text: `REQUIRETLS support required: ${problem}` };
}
