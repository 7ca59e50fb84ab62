// Reads a bounce: whom it is about, what the remote said of each, and the class of that.
import { type BounceReason, isPermanentReason } from "./bounce-reason.ts";
import type { StatusBlock, StatusReport } from "./delivery-status.ts";
import { phaseIn } from "./phase.ts";
import { enhancedIn, type RefusalFacts, type ReplyClassifier } from "./reply-class.ts";
import { type NamedRecipient, namedRecipients, wordsAbout } from "./report-text.ts";

export interface BouncedRecipient {
  /** As the report writes it; empty where it names nobody. */
  readonly address: string;
  /** `5.1.1`; undefined where none was given. */
  readonly status?: string;
  readonly reason: BounceReason;
  /** The class tells of a dead address. */
  readonly permanent: boolean;
  /** False: the reporter still tries. */
  readonly final: boolean;
  /** The remote's own words, as far as found; empty otherwise. */
  readonly diagnostic: string;
}

/** What a report consists of, as found by the reader. */
export interface BounceMaterial {
  readonly report: StatusReport;
  /** Running text without the returned mail. */
  readonly text: string;
  /** X-Failed-Recipients (Exim, Google). */
  readonly failedRecipients: readonly string[];
  /** Recipients of the returned mail, where the report names nobody. */
  readonly originalRecipients: readonly string[];
  /** The report says that it is a warning and that delivery goes on. */
  readonly delayed: boolean;
}

export function readBounce(
  material: BounceMaterial,
  classifier: ReplyClassifier,
): readonly BouncedRecipient[] {
  const failures = material.report.blocks.filter(
    (block) => block.action === undefined || !/^(?:delivered|relayed|expanded)$/.test(block.action),
  );
  const named = namedRecipients(material.text);
  const subjects = subjectsOf(failures, named, material);
  const whole = withoutSummary(material.text);
  const ofReport = classifier.byWords({ text: material.text }, true)?.reason;
  return subjects.map((subject) => {
    const evidence = evidenceOf(subject, material, whole, subjects.length === 1);
    const reason = ofReport ?? classOf(evidence, material, classifier);
    const status = statusOf(subject, evidence);
    return {
      address: subject.address,
      ...(status === undefined ? {} : { status }),
      reason,
      permanent: isPermanentReason(reason),
      final: !(
        subject.block?.action === "delayed" ||
        (subject.block === undefined && material.delayed)
      ),
      diagnostic: evidence.said,
    };
  });
}

interface Subject {
  readonly address: string;
  readonly block?: StatusBlock;
  readonly words?: string;
}

function subjectsOf(
  failures: readonly StatusBlock[],
  named: readonly NamedRecipient[],
  material: BounceMaterial,
): readonly Subject[] {
  if (failures.length > 0) {
    return failures.map((block, index) => {
      const fallback =
        named[index]?.address ?? material.failedRecipients[index] ?? material.originalRecipients[0];
      return { address: block.finalRecipient ?? block.originalRecipient ?? fallback ?? "", block };
    });
  }
  if (material.failedRecipients.length > 0) {
    const paired = named.length === material.failedRecipients.length;
    return material.failedRecipients.map((address, index) => {
      const isIt = (entry: NamedRecipient): boolean =>
        entry.address.toLowerCase() === address.toLowerCase();
      // A forwarded address fails under its new name: then the order tells which is which.
      const words = (named.find(isIt) ?? (paired ? named[index] : undefined))?.words;
      return { address, ...(words === undefined ? {} : { words }) };
    });
  }
  if (named.length > 0) return named;
  return [{ address: material.originalRecipients[0] ?? "" }];
}

interface Evidence {
  /** The best words of the remote, for people. */
  readonly said: string;
  /** What the remote said, as the report quotes it. */
  readonly own: readonly string[];
  /** What stands around it. */
  readonly around: readonly string[];
  /** The whole text: where many are named it speaks of all of them, and counts last. */
  readonly whole: string;
  readonly category: string;
  readonly facts: Omit<RefusalFacts, "text">;
  readonly codes: string;
}

const diagnosticMaxCharacters = 1000;

function evidenceOf(
  subject: Subject,
  material: BounceMaterial,
  whole: string,
  alone: boolean,
): Evidence {
  const about =
    subject.words ?? (subject.address === "" ? "" : wordsAbout(material.text, subject.address));
  const context = about === "" || alone ? material.text : about;
  const quoted =
    quotedReply(about === "" ? context : about) ?? quotedBefore(material.text, subject.address);
  const diagnostic = subject.block?.diagnostic;
  const said = diagnostic ?? (nonEmpty(quoted) || remoteWords(about) || remoteWords(material.text));
  const domain = subject.address.slice(subject.address.lastIndexOf("@") + 1);
  const remoteHost = subject.block?.remoteHost;
  const phase =
    phaseIn(about) ??
    phaseIn(context) ??
    reporterPhase(material.text) ??
    categoryPhase(subject.block);
  const status = subject.block?.status;
  return {
    said: said.replace(/\s+/g, " ").trim().slice(0, diagnosticMaxCharacters),
    own: [diagnostic ?? "", quoted ?? ""].filter((text) => text.trim() !== ""),
    around: [about, alone ? whole : ""].filter((text) => text.trim() !== ""),
    whole,
    category: subject.block?.category ?? "",
    facts: {
      hosts: [domain, ...(remoteHost === undefined ? [] : [remoteHost])].filter(
        (host) => host !== "",
      ),
      ...(phase === undefined ? {} : { phase }),
      ...(status === undefined ? {} : { enhanced: status }),
    },
    codes: [diagnostic ?? quoted ?? "", about === "" ? said : about].join(" \n "),
  };
}

/** How the systems quote what the remote said; the first that fits gives the remote's own words. */
const quotations: readonly RegExp[] = [
  /\(reason: ([^\n]{0,500}(?:\n {1,40}(?!\()[^\n]{1,300}){0,4})\)/, // Sendmail
  /Remote host said: ?([^]{3,1500}?)(?=\n(?:Giving up on|I'm not going to|<[^>\n]+>:)|\n\n|$)/, // qmail, Yahoo
  /\bsaid: ([^]{3,1500}?)\s\(in reply to/, // Postfix
  /SMTP error from remote (?:mail )?(?:server|mailer) (?:after|for) [^]{1,400}?(?:host[: ] ?\S+ [[(][^\])\n]+[\])](?: reason)?:|\n) *([^]{3,1500}?)(?=\n\n|$)/, // Exim, 1&1
  /(?:responded as follows|It responded): ?\[?([^\n\]]{3,1000})/,
  /(?:gave this error|response (?:from the remote server )?was|[Rr]emote [Ss]erver (?:at [^\n]{1,200} )?returned|failed with|[Ee]rror [Mm]essage): *\n? *'?([^]{3,1500}?)(?='?(?:\n\n|$)|\n(?:Message details|Diagnostic))/, // Microsoft, Google, James
  /<<< ([45]\d\d[ -][^\n]{3,1000})/, // transcripts
];

const quotedMaxCharacters = 20_000; // a quotation stands near the address; bounds the work of the patterns above

function quotedReply(text: string): string | undefined {
  const words = text.slice(0, quotedMaxCharacters);
  const refusals = [...words.matchAll(/^ ?Out: ([45]\d\d[ -].*)$/gm)].map(
    (match) => match[1] ?? "",
  );
  if (refusals.length > 0) return refusals.join("\n"); // Postfix's own session
  for (const quotation of quotations) {
    const quoted = quotation.exec(words)?.[1];
    if (quoted !== undefined && quoted.trim() !== "") return quoted;
  }
  return undefined;
}

/** Old Sendmail: the answers (`<<<`) stand on the lines just before the one that names the recipient. */
function quotedBefore(text: string, address: string): string | undefined {
  const lines = text.split("\n");
  const index = lines.findIndex(
    (line) => address !== "" && /^[45]\d\d[ -]/.test(line) && line.includes(address),
  );
  const answers: string[] = [];
  for (let at = index - 1; at >= 0; at -= 1) {
    const answer = /^<<< (.*)$/.exec(lines[at] ?? "")?.[1];
    if (answer === undefined) break;
    answers.unshift(answer);
  }
  return answers.length === 0 ? undefined : answers.join("\n");
}

/** The text without the lines that repeat the returned mail's header: its subject is no diagnosis. */
function withoutSummary(text: string): string {
  return text.replace(
    /^[ \t]*(?:The )?(?:Subject|From|To|Date|Sent|Message-ID|件名|差出人)(?: of the message is)?[ \t]*[::].*$/gim,
    "",
  );
}

function nonEmpty(text: string | undefined): string {
  return text === undefined || text.trim() === "" ? "" : text;
}

/** Gateways that pass on what their next hop answered to RCPT, and say nothing else. */
function reporterPhase(text: string): "rcpt" | undefined {
  return /--- The following addresses had delivery problems ---|This is the mail delivery agent at/.test(
    text,
  )
    ? "rcpt"
    : undefined;
}

function categoryPhase(block: StatusBlock | undefined): "rcpt" | undefined {
  return block?.category === "bad-mailbox" ? "rcpt" : undefined;
}

/**
 * The remote's own words, then its own code, then what the report says around them, then the report's status. The words
 * of the report as a whole come late: advice to the reader ("it may be misspelled, or blocked") is no diagnosis.
 */
function classOf(
  evidence: Evidence,
  material: BounceMaterial,
  classifier: ReplyClassifier,
): BounceReason {
  const { enhanced: status, ...facts } = evidence.facts;
  const byWords = (text: string) => (): BounceReason | undefined =>
    classifier.byWords({ ...evidence.facts, text })?.reason;
  const steps: readonly (() => BounceReason | undefined)[] = [
    ...evidence.own.map(byWords),
    () => byEnhanced(classifier, facts, enhancedIn(evidence.own.join(" \n "))),
    ...evidence.around.map(byWords),
    () => byEnhanced(classifier, facts, enhancedIn(evidence.codes)),
    () => byEnhanced(classifier, facts, status),
    () => categories[evidence.category],
    byWords(evidence.whole),
    () => known(classifier.byCodes({ ...facts, text: evidence.codes }).reason),
  ];
  for (const step of steps) {
    const reason = step();
    if (reason !== undefined) return reason;
  }
  return material.delayed ? "expired" : "other";
}

function byEnhanced(
  classifier: ReplyClassifier,
  facts: Omit<RefusalFacts, "text" | "enhanced">,
  enhanced: string | undefined,
): BounceReason | undefined {
  if (enhanced === undefined) return undefined;
  const byCodes = classifier.byCodes({ ...facts, text: "", enhanced });
  return byCodes.by === "enhanced" ? byCodes.reason : undefined;
}

function known(reason: BounceReason): BounceReason | undefined {
  return reason === "other" ? undefined : reason;
}

/** PowerMTA's own conclusion, where its words and codes gave none. */
const categories: Readonly<Record<string, BounceReason>> = {
  "bad-mailbox": "user-unknown",
  "bad-domain": "host-unknown",
  "quota-issues": "mailbox-full",
  "inactive-mailbox": "suspended",
  "spam-related": "spam",
  "spam-block": "policy",
  "policy-related": "policy",
  "content-related": "content",
  "virus-related": "content",
  "message-expired": "expired",
  "no-answer-from-host": "expired",
  "bad-connection": "network",
  "routing-errors": "network",
  "relaying-issues": "no-relay",
  "protocol-errors": "system",
  "bad-configuration": "system",
};

function statusOf(subject: Subject, evidence: Evidence): string | undefined {
  const declared = subject.block?.status;
  const own = enhancedIn(evidence.said);
  // `Status: 5.0.0` says only "failed"; the remote's own code says more.
  return declared === undefined || declared.endsWith(".0.0") ? (own ?? declared) : declared;
}

/** The part of a paragraph that the remote said: behind `said:`, `<<<`, a reply code, or the lines behind the address. */
function remoteWords(words: string): string {
  const flat = words.replace(/\s+/g, " ").trim();
  const said = /(?:said:|<<<|reason:|remote server (?:was|returned)|error:)\s*(.{3,600})/i.exec(
    flat,
  )?.[1];
  if (said !== undefined) return said;
  const reply = /(?:^|[\s:])([45]\d\d[ -].{3,600})/.exec(flat)?.[1];
  return reply ?? flat.slice(0, 600);
}
