// DATA: the whole message and its recipients, judged, then durable or refused.
import assert from "node:assert/strict";

import type { AuditDraft } from "../audit/event.ts";
import { StorageUnavailable } from "../audit/unavailable.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import type { Basis, Evidence } from "../consent/event.ts";
import type { Domain } from "../mail/domain.ts";
import type { Envelope, RecipientDsn } from "../mail/envelope.ts";
import { splitMessage } from "../mail/header.ts";
import { checkHeader } from "../policy/checks/header.ts";
import { needsCampaignApproval } from "../policy/campaign.ts";
import type { CampaignSketch } from "../policy/campaign-sketch.ts";
import { decideMessage, type Decision } from "../policy/decide.ts";
import type { Finding } from "../policy/finding.ts";
import type { Reason } from "../policy/reasons.ts";
import type { Stream } from "../policy/stream.ts";
import type { NewMessage, NewRecipient } from "../queue/store.ts";
import { kept, refused, type Answer } from "./answer.ts";
import { freezesNow, isFrozen } from "./frozen.ts";
import { judgeFully } from "./judge-fully.ts";
import { markOf, marksOf, withoutKnown, type Marks } from "./known-recipients.ts";
import type { IntakeParts } from "./parts.ts";
import { prescanHeader } from "./prescan.ts";
import type { Admitted } from "./recipient.ts";

const observedMax = 50; // events of rules in shadow for one message

export type AcceptedRecipient = Admitted & { readonly dsn?: RecipientDsn };

/** A message as it came in, with what the transaction knows of it. */
export interface Submission {
  readonly messageId: string;
  readonly actor: string;
  readonly stream: Stream;
  readonly envelope: Envelope;
  readonly recipients: ReadonlyMap<AddressIndex, AcceptedRecipient>;
  /** With CRLF line ends. Handed over: not used by the caller afterwards. */
  readonly content: Buffer;
  readonly trace: { readonly helo: string; readonly protocol: string };
  /** What a request for consent leaves as evidence, beside that it was sent. */
  readonly requestEvidence?: Evidence;
  /** For the log: where it came from. */
  readonly remoteAddress: string;
}

export type MessageOutcome =
  | { readonly kind: "stored"; readonly answer: Answer }
  /** To be written to the audit log by the caller; `rules` are those that failed. */
  | { readonly kind: "refused"; readonly answer: Answer; readonly rules: readonly string[] };

/** Rejects only on a broken invariant; storage that cannot be written becomes a temporary refusal. */
export async function receiveMessage(
  parts: IntakeParts,
  submission: Submission,
): Promise<MessageOutcome> {
  assert(submission.recipients.size > 0);
  const { stream, content } = submission;
  const unfit = prescanHeader(content);
  if (unfit !== undefined) return refusal(unfit.reason, unfit.detail);
  const split = splitMessage(content);
  const { domains } = stream.sender;
  const header = checkHeader({ ...split, domains, hostname: parts.hostname });
  if (header.kind === "refuse") return refusal(header.reason, header.detail);
  const title = split.fields.find(({ key }) => key === "subject")?.value ?? "";

  const result = await judgeFully(
    parts,
    content,
    {
      stream,
      bases: basesOf(submission.recipients),
      recipients: Array.from(submission.recipients.values(), ({ address }) => address.text),
      gatewayHosts: parts.gatewayHosts,
      ...(parts.optOutLink === undefined ? {} : { optOutLink: parts.optOutLink }),
      now: parts.clock(),
    },
    submission.recipients,
  );
  switch (result.kind) {
    case "busy":
      return refusal("rate-limited", "the gateway has too much to do to read it now");
    case "unfit":
      return refusal(result.unfit.reason, result.unfit.detail);
    case "failed":
      parts.log.error(
        { err: result.cause, why: result.why, messageId: submission.messageId },
        "message not judged, held",
      );
      return store(parts, submission, header.fromDomain, {
        decision: { kind: "hold", reason: "judge-timeout" },
        findings: [],
        marks: new Map(),
      });
    case "judged": {
      const decision = decideMessage(result.findings, stream);
      if (decision.kind === "refuse" || decision.kind === "defer") {
        return { ...refusal(decision.reason, decision.detail), rules: failed(result.findings) };
      }
      const { messageId } = header;
      const { actor, recipients } = submission;
      const { bodyHash, findings } = result;
      const marks: Marks =
        messageId === undefined || !parts.deduplicate
          ? new Map()
          : marksOf(recipients.keys(), { actor, messageId, title, bodyHash });
      const verdict: Verdict = { decision, findings, marks };
      return decision.kind === "accept" && needsCampaignApproval(stream)
        ? passCampaign(parts, submission, header.fromDomain, verdict, result.campaign)
        : store(parts, submission, header.fromDomain, verdict);
    }
  }
}

/** A message that may go, if its campaign may. */
async function passCampaign(
  parts: IntakeParts,
  submission: Submission,
  fromDomain: Domain,
  verdict: Verdict,
  sketch: CampaignSketch | undefined,
): Promise<MessageOutcome> {
  const held = (detail: string): Promise<MessageOutcome> =>
    store(parts, submission, fromDomain, {
      ...verdict,
      decision: { kind: "hold", reason: "campaign-unapproved", detail },
    });
  const { campaignGate: gate } = parts;
  if (gate === undefined || sketch === undefined) return held("campaigns cannot be told apart");
  try {
    const { recipients, ...about } = submission;
    const message = { ...about, recipients: recipients.size, findings: verdict.findings, sketch };
    const passed = await gate.pass(message, (campaign) =>
      campaign.kind === "flow"
        ? store(parts, submission, fromDomain, verdict)
        : held(campaign.detail),
    );
    if (passed.kept !== undefined) return passed.kept;
    return refusal(passed.verdict.kind === "rejected" ? "campaign-rejected" : "campaign-waiting");
  } catch (cause) {
    parts.log.error({ err: cause, messageId: submission.messageId }, "campaign not looked up");
    return refusal("internal-error");
  }
}

type RefusedOutcome = Extract<MessageOutcome, { kind: "refused" }>;

function refusal(reason: Reason, detail?: string): RefusedOutcome {
  return { kind: "refused", answer: refused(reason, detail), rules: [] };
}

/** What judging came to, for a message that is to be kept. */
interface Verdict {
  readonly decision: Extract<Decision, { kind: "accept" | "hold" }>;
  readonly findings: readonly Finding[];
  readonly marks: Marks;
}

async function store(
  parts: IntakeParts,
  whole: Submission,
  fromDomain: Domain,
  verdict: Verdict,
): Promise<MessageOutcome> {
  const { messageId } = whole;
  // The transaction may have begun before the switch was thrown.
  if (isFrozen(await freezesNow(parts), whole.stream))
    return refusal("frozen", `stream ${whole.stream.id}`);
  const receivedAt = parts.clock();
  const { decision, marks } = verdict;
  const answer = kept(messageId, decision.kind === "hold" ? decision : undefined);
  try {
    const recipients = await withoutKnown(parts.queue, whole.recipients, marks, receivedAt);
    const submission = { ...whole, recipients };
    const message = toMessage(submission, fromDomain, verdict, receivedAt);
    const repeated = whole.recipients.size - recipients.size;
    const events = eventsOf(parts, { ...submission, repeated }, verdict, answer, receivedAt);
    const result = await parts.queue.accept(message, toRecipients(submission, marks), events);
    switch (result.kind) {
      case "stored": {
        const shadowed = inShadow(submission.stream, verdict.findings);
        parts.observed?.note(shadowed.map((finding) => finding.rule));
        return { kind: "stored", answer };
      }
      case "already-asked":
        return refusal("already-asked", `sender ${submission.stream.sender.id}`);
      case "known-in-part":
        // The same message came in twice at this moment: at its next try it is known which of them stored whom.
        parts.log.warn({ messageId }, "message came in twice at once, deferred");
        return refusal("internal-error");
      case "duplicate":
        parts.log.info({ messageId, earlier: result.messageId }, "message is a repetition");
        return { kind: "stored", answer: kept(result.messageId, result.held) };
    }
  } catch (cause) {
    parts.log.error({ err: cause, messageId }, "message not stored");
    const full = cause instanceof StorageUnavailable && cause.kind === "full";
    return refusal(full ? "storage-full" : "internal-error");
  }
}

function toMessage(
  submission: Submission,
  fromDomain: Domain,
  verdict: Verdict,
  receivedAt: Date,
): NewMessage {
  const { decision, findings, marks } = verdict;
  const [mark] = marks.values();
  return {
    messageId: submission.messageId,
    stream: submission.stream.id,
    sender: submission.stream.sender.id,
    envelope: submission.envelope,
    content: submission.content,
    fromDomain,
    receivedAt,
    trace: submission.trace,
    purpose: { class: submission.stream.class, topic: submission.stream.topic },
    ...(decision.kind === "hold"
      ? { held: { reason: decision.reason, detail: decision.detail ?? "", findings } }
      : {}),
    ...(mark === undefined || marks.size > 1 ? {} : { fingerprint: mark }),
    ...(submission.stream.class === "consent-request"
      ? {
          consentRequest: {
            topic: submission.stream.topic,
            evidence: submission.requestEvidence ?? {},
          },
        }
      : {}),
  };
}

function toRecipients(submission: Submission, marks: Marks): readonly NewRecipient[] {
  return [...submission.recipients.values()].map((recipient, index) => ({
    recipientId: `${submission.messageId}-${index + 1}`,
    address: recipient.address,
    subject: recipient.subject,
    destination: recipient.address.domain,
    ...(recipient.dsn === undefined ? {} : { dsn: recipient.dsn }),
    ...markOf(recipient.subject, marks),
  }));
}

/** Reception or Held, one a message; then what rules in shadow would have refused. */
function eventsOf(
  parts: IntakeParts,
  submission: Submission & { readonly repeated: number },
  verdict: Verdict,
  answer: Answer,
  at: Date,
): readonly AuditDraft[] {
  const common = {
    at,
    messageId: submission.messageId,
    stream: submission.stream.id,
    sender: submission.stream.sender.id,
    actor: submission.actor,
  };
  const { decision, findings } = verdict;
  const kept: AuditDraft = {
    ...common,
    type: decision.kind === "hold" ? "Held" : "Reception",
    ...(decision.kind === "hold" ? { reason: decision.reason } : {}),
    reply: parts.toReply(answer),
    detail: {
      bytes: submission.content.length,
      recipients: submission.recipients.size,
      ...(submission.repeated > 0 ? { repeated: submission.repeated } : {}),
      protocol: submission.trace.protocol,
      remote: submission.remoteAddress,
      ...(decision.kind === "hold" ? { rules: failed(findings) } : {}),
    },
  };
  const observed = inShadow(submission.stream, findings)
    .slice(0, observedMax)
    .map((finding): AuditDraft => ({
      ...common,
      type: "Observed",
      reason: finding.reason,
      detail: { rule: finding.rule, part: finding.part },
    }));
  return [kept, ...observed];
}

/** What would have been refused, had the stream or the rule not been in shadow. */
function inShadow(stream: Stream, findings: readonly Finding[]): readonly Finding[] {
  const all = stream.onViolation === "observe";
  return findings.filter(
    (finding) => finding.outcome === "fail" && (all || finding.observed === true),
  );
}

function failed(findings: readonly Finding[]): readonly string[] {
  const rules = findings
    .filter((finding) => finding.outcome === "fail" && finding.observed !== true)
    .map((finding) => finding.rule);
  return [...new Set(rules)];
}

function basesOf(recipients: Submission["recipients"]): readonly Basis[] {
  const bases = new Set<Basis>();
  for (const { basis } of recipients.values()) if (basis !== undefined) bases.add(basis);
  return [...bases];
}
