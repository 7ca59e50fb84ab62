// One mail transaction, from an accepted MAIL to the answer behind DATA.
import type { AuditDraft } from "../audit/event.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import type { Evidence } from "../consent/event.ts";
import type { Address } from "../mail/address.ts";
import type { Envelope, RecipientDsn } from "../mail/envelope.ts";
import type { Stream } from "../policy/stream.ts";
import { refused, type Answer } from "./answer.ts";
import { receiveMessage, type AcceptedRecipient } from "./message.ts";
import type { IntakeParts } from "./parts.ts";
import { admitRecipient } from "./recipient.ts";
import type { RefusalLog } from "./refusal-log.ts";

const attemptsPerRecipient = 10; // RCPTs looked up for each one that may be accepted: a list of strangers ends somewhere

export interface Transaction {
  /** `path` is what stood between the angle brackets of RCPT TO. Never rejects for a fault of storage. */
  readonly recipient: (path: string, dsn?: RecipientDsn) => Promise<Answer>;
  /** Recipients accepted so far. */
  readonly accepted: () => number;
  /** Judges and stores; called once, with at least one recipient accepted. `content` is handed over. */
  readonly message: (
    content: Buffer,
    trace: { readonly helo: string; readonly protocol: string },
  ) => Promise<Answer>;
  /** Waits until what was refused so far is in the audit log. */
  readonly settled: (answer: Answer) => Promise<Answer>;
  /** A refusal that the listener itself had to give (size, line ends): it belongs into the audit log too. */
  readonly refuse: (answer: Extract<Answer, { kind: "refused" }>) => Promise<Answer>;
}

export interface TransactionFacts {
  readonly messageId: string;
  readonly actor: string;
  readonly stream: Stream;
  readonly envelope: Envelope;
  readonly remoteAddress: string;
  readonly requestEvidence?: Evidence;
}

export function openTransaction(
  parts: IntakeParts,
  refusals: RefusalLog,
  facts: TransactionFacts,
): Transaction {
  const recipients = new Map<AddressIndex, AcceptedRecipient>();
  const { recipientsMax } = parts.limits;
  let attempts = 0;
  let overLimitNoted = false;
  let noted = false;

  /** Notes the refusal; where there is no room to note it, the client is told to come again instead. */
  const refuse = (
    answer: Extract<Answer, { kind: "refused" }>,
    phase: string,
    more: Partial<AuditDraft> = {},
  ): Answer => {
    noted = true;
    const event = refusalEvent(parts, facts, answer, phase, more);
    return refusals.note(event) ? answer : refused("internal-error");
  };
  /** The end of the transaction waits for its refusals; a log that cannot be written is our fault: 451. */
  const settled = async (answer: Answer): Promise<Answer> => {
    if (!noted) return answer;
    try {
      await refusals.flushed();
      return answer;
    } catch {
      return refused("internal-error");
    }
  };

  return {
    settled,
    accepted: () => recipients.size,
    recipient: async (path, dsn) => {
      attempts += 1;
      if (recipients.size >= recipientsMax || attempts > recipientsMax * attemptsPerRecipient) {
        const answer = refused("too-many-recipients", `at most ${recipientsMax}`);
        if (overLimitNoted) return answer; // One event a transaction: 100 000 of them would be an attack on the log.
        overLimitNoted = true;
        return refuse(answer, "rcpt");
      }
      const admission = await admitRecipient(parts, facts.stream, path, recipients);
      switch (admission.kind) {
        case "admitted":
          recipients.set(
            admission.recipient.subject,
            dsn === undefined ? admission.recipient : { ...admission.recipient, dsn },
          );
          return { kind: "recipient-ok" };
        case "duplicate":
          return { kind: "recipient-ok" };
        case "no":
          if (admission.cause !== undefined) {
            parts.log.error({ err: admission.cause }, "recipient not looked up, deferred");
            return admission.answer;
          }
          return refuse(admission.answer, "rcpt", aboutPerson(admission));
      }
    },
    refuse: (answer) => settled(refuse(answer, "data")),
    message: async (content, trace) => {
      // Before the message is stored: behind that commit there is no way back to a 451.
      const early = noted ? await settled({ kind: "sender-ok" }) : undefined;
      if (early?.kind === "refused") return early;
      const outcome = await receiveMessage(parts, { ...facts, recipients, content, trace });
      if (outcome.kind === "stored" || outcome.answer.kind !== "refused") return outcome.answer;
      if (outcome.answer.no.row.code < 500) return outcome.answer;
      const detail = { phase: "data", rules: outcome.rules };
      return settled(refuse(outcome.answer, "data", { detail }));
    },
  };
}

function aboutPerson(admission: {
  readonly address?: Address;
  readonly subject?: AddressIndex;
}): Partial<AuditDraft> {
  return admission.subject === undefined || admission.address === undefined
    ? {}
    : { subject: admission.subject, personal: { address: admission.address.text } };
}

/** The event of one refusal; `more` adds whom it is about or which rules failed. */
export function refusalEvent(
  parts: Pick<IntakeParts, "clock" | "toReply">,
  facts: TransactionFacts,
  answer: Extract<Answer, { kind: "refused" }>,
  phase: string,
  more: Partial<AuditDraft> = {},
): AuditDraft {
  return {
    type: "Refusal",
    at: parts.clock(),
    messageId: facts.messageId,
    stream: facts.stream.id,
    sender: facts.stream.sender.id,
    actor: facts.actor,
    reason: answer.no.reason,
    reply: parts.toReply(answer),
    detail: { phase, remote: facts.remoteAddress },
    ...more,
  };
}
