// What would become of a message, and why: the judgement of intake without its effects. Sends and stores nothing.
import type { AddressIndex, Indexer } from "../consent/address-index.ts";
import type { Basis } from "../consent/event.ts";
import type { Ledger } from "../consent/ledger.ts";
import type { Address } from "../mail/address.ts";
import { splitMessage } from "../mail/header.ts";
import type { Reply } from "../mail/reply.ts";
import { checkHeader } from "../policy/checks/header.ts";
import { decideMessage, type Decision } from "../policy/decide.ts";
import type { Finding } from "../policy/finding.ts";
import { reasons, type Reason } from "../policy/reasons.ts";
import type { Stream } from "../policy/stream.ts";
import { explain, refused, type Answer } from "./answer.ts";
import { judgeMessage } from "./judge-worker.ts";
import { judgeFully } from "./judge-fully.ts";
import type { Judge, JudgeResult } from "./judge.ts";
import type { PageDesk } from "./page-desk.ts";
import { judgeOtherScreens } from "./other-screens.ts";
import { prescanHeader } from "./prescan.ts";
import { admitRecipient } from "./recipient.ts";

export interface ExamineParts {
  readonly hostname: string;
  readonly gatewayHosts: readonly string[];
  /** As in IntakeParts. */
  readonly optOutLink?: string;
  readonly maxMessageBytes: number;
  readonly clock: () => Date;
  readonly toReply: (answer: Answer) => Reply;
  /** Where messages are judged; absent: here and now, as a command may. */
  readonly judge?: Pick<Judge, "judge">;
  /** Reads pages of senders that want it, as intake does. */
  readonly pages?: PageDesk;
  /** As in IntakeParts. */
  readonly tokenSubject?: (token: string) => AddressIndex | undefined;
  /** Needed only where a recipient is asked about. */
  readonly papers?: { readonly ledger: Pick<Ledger, "lookUp">; readonly indexer: Indexer };
}

export interface ExamineRequest {
  readonly stream: Stream;
  /** Absent: the recipient's consent is left out of the decision. */
  readonly to?: Address;
  readonly language: "ja" | "en";
}

/** The JSON of `sekisho explain` and `/v1/explain`. */
export interface Explanation {
  readonly decision: Decision["kind"];
  readonly reason: Reason | null;
  /** The reply that the client would get; of a held or accepted message the id is not known yet. */
  readonly reply: Reply;
  readonly findings: readonly ExplainedFinding[];
}

export interface ExplainedFinding {
  readonly rule: string;
  readonly part: string;
  readonly outcome: Finding["outcome"];
  readonly evidence: string;
  readonly law: string;
  readonly remedy: string;
  /** The rule runs in shadow. */
  readonly observed?: true;
}

const unknownId = "<messageId>";

/** `content` has CRLF line ends. Rejects only where the ledger's own parts are broken. */
export async function examine(
  parts: ExamineParts,
  content: Buffer,
  request: ExamineRequest,
): Promise<Explanation> {
  const papers = await examineRecipient(parts, request);
  const message = await examineContent(parts, content, request, papers.bases);
  const decision = papers.decision.kind === "accept" ? message.decision : papers.decision;
  return {
    decision: decision.kind,
    reason: decision.kind === "accept" ? null : decision.reason,
    reply: parts.toReply(toAnswer(decision)),
    findings: message.findings.map((finding) => inLanguage(finding, request.language)),
  };
}

/** Line ends as SMTP carries them: files on disk often end lines with LF alone. */
export function withCrlf(content: Buffer): Buffer {
  const text = content.toString("latin1");
  return /(?<!\r)\n/.test(text) ? Buffer.from(text.replace(/\r?\n/g, "\r\n"), "latin1") : content;
}

async function examineRecipient(
  parts: ExamineParts,
  { stream, to }: ExamineRequest,
): Promise<{ readonly decision: Decision; readonly bases: readonly Basis[] }> {
  if (to === undefined || parts.papers === undefined)
    return { decision: { kind: "accept" }, bases: [] };
  const admission = await admitRecipient(
    { ...parts.papers, clock: parts.clock },
    stream,
    to.text,
    new Map(),
  );
  switch (admission.kind) {
    case "admitted": {
      const { basis } = admission.recipient;
      return { decision: { kind: "accept" }, bases: basis === undefined ? [] : [basis] };
    }
    case "duplicate":
      return { decision: { kind: "accept" }, bases: [] };
    case "no": {
      const { reason, row, detail } = admission.answer.no;
      const kind = row.code < 500 ? "defer" : "refuse";
      return {
        decision: detail === undefined ? { kind, reason } : { kind, reason, detail },
        bases: [],
      };
    }
  }
}

interface Verdict {
  readonly decision: Decision;
  readonly findings: readonly Finding[];
}

/** The steps of intake/message.ts in their order; what comes after a refusal is judged all the same, to show it all. */
async function examineContent(
  parts: ExamineParts,
  content: Buffer,
  { stream, to }: ExamineRequest,
  bases: readonly Basis[],
): Promise<Verdict> {
  if (content.length > parts.maxMessageBytes) return unfit("too-large", `${content.length} octets`);
  const prescan = prescanHeader(content);
  if (prescan !== undefined) return unfit(prescan.reason, prescan.detail);
  const header = checkHeader({
    ...splitMessage(content),
    domains: stream.sender.domains,
    hostname: parts.hostname,
  });
  const { gatewayHosts, optOutLink } = parts;
  const facts = {
    stream,
    bases,
    gatewayHosts,
    now: parts.clock(),
    ...(optOutLink === undefined ? {} : { optOutLink }),
    ...(to === undefined ? {} : { recipients: [to.text] }),
  };
  const judging = { judge: hereAndNow, ...parts };
  const result = await judgeFully(judging, content, facts, subjectsOf(parts, to));
  const elsewhere = await judgeOtherScreens(judging.judge, content, facts, result);
  const verdict = toVerdict(result, stream);
  const judged = { ...verdict, findings: [...verdict.findings, ...elsewhere] };
  if (header.kind === "ok") return judged;
  const first = unfit(header.reason, header.detail);
  return { decision: first.decision, findings: [...first.findings, ...judged.findings] };
}

function subjectsOf({ papers }: ExamineParts, to: Address | undefined): ReadonlySet<AddressIndex> | undefined {
  return to === undefined || papers === undefined ? undefined : new Set([papers.indexer.address(to)]);
} // prettier-ignore

const hereAndNow: Pick<Judge, "judge"> = {
  judge: (content, facts) => Promise.resolve(judgeMessage(content, facts)),
};

function toVerdict(result: JudgeResult, stream: Stream): Verdict {
  switch (result.kind) {
    case "judged":
      return { decision: decideMessage(result.findings, stream), findings: result.findings };
    case "unfit":
      return unfit(result.unfit.reason, result.unfit.detail);
    case "failed":
      return { decision: { kind: "hold", reason: "judge-timeout" }, findings: [] };
    case "busy":
      return { decision: { kind: "defer", reason: "internal-error" }, findings: [] };
  }
}

/** A message refused before any rule saw it, told as a finding like the others. */
function unfit(reason: Reason, detail: string): Verdict {
  const row: { readonly remedy: Finding["remedy"]; readonly law?: string } = reasons[reason];
  return {
    decision: { kind: "refuse", reason, detail },
    findings: [
      {
        rule: `form/${reason}`,
        part: "message",
        outcome: "fail",
        evidence: detail,
        law: row.law ?? "",
        remedy: row.remedy,
        reason,
      },
    ],
  };
}

function toAnswer(decision: Decision): Answer {
  switch (decision.kind) {
    case "accept":
      return { kind: "accepted", messageId: unknownId };
    case "hold":
      return {
        kind: "held",
        messageId: unknownId,
        no: explain(decision.reason, decision.detail),
      };
    case "refuse":
    case "defer":
      return refused(decision.reason, decision.detail);
  }
}

function inLanguage(finding: Finding, language: "ja" | "en"): ExplainedFinding {
  const { rule, part, outcome, law } = finding;
  const evidence = language === "ja" ? (finding.evidenceJa ?? finding.evidence) : finding.evidence;
  const told = { rule, part, outcome, evidence, law, remedy: finding.remedy[language] };
  return finding.observed === true ? { ...told, observed: true } : told;
}
