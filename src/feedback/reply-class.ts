// Says what a remote's reply means: by its words first, its enhanced code second, its reply code third (law.md §5.2).
import { type BounceReason, isPermanentReason } from "./bounce-reason.ts";
import type { PaceAction, ReplyRule, ReplyRules, SmtpPhase } from "./reply-rules.ts";

/** What is known of one refusal. `text` may hold the codes too, and several lines. */
export interface RefusalFacts {
  readonly text: string;
  readonly code?: number;
  readonly enhanced?: string;
  readonly phase?: SmtpPhase;
  /** The recipient's domain and the remote host, as far as known: some say the same words and mean something else. */
  readonly hosts?: readonly string[];
}

export interface ReplyClass {
  readonly reason: BounceReason;
  /** The class tells of a dead address AND the code does not ask to try again: only then may an address be suppressed. */
  readonly permanent: boolean;
  /** What decided. */
  readonly by: "words" | "enhanced" | "code" | "nothing";
  /** What it asks of our pace towards this receiver. */
  readonly pace: PaceAction;
  /** The line the deciding rule was written for. */
  readonly rule?: string;
}

export interface ReplyClassifier {
  readonly classify: (facts: RefusalFacts) => ReplyClass;
  /** Class by words alone; undefined where none match. Sentences of whole reports only with `ofReport`. */
  readonly byWords: (
    facts: RefusalFacts,
    ofReport?: boolean,
  ) =>
    | { readonly reason: BounceReason; readonly seen: string; readonly pace?: PaceAction }
    | undefined;
  readonly byCodes: (facts: RefusalFacts) => ReplyClass;
}

const textMaxCharacters = 4000; // a reply of more is no reply; bounds the work of every pattern

export function createReplyClassifier(rules: ReplyRules): ReplyClassifier {
  const byWords: ReplyClassifier["byWords"] = (facts, ofReport = false) => {
    const text = plainWords(facts.text);
    if (text.length === 0) return undefined;
    const rule = rules.rules.find(
      (candidate) => candidate.ofReport === ofReport && applies(candidate, facts, text),
    );
    if (rule === undefined) return undefined;
    return {
      reason: believable(rule.reason, rule.certain, facts),
      seen: rule.seen,
      ...(rule.pace === undefined ? {} : { pace: rule.pace }),
    };
  };
  const paceOf = (reason: BounceReason): PaceAction => rules.paceByReason.get(reason) ?? "none";
  const byCodes: ReplyClassifier["byCodes"] = (facts) => {
    const enhanced = facts.enhanced ?? enhancedIn(facts.text);
    const code = facts.code ?? codeIn(facts.text);
    const reasonByEnhanced =
      enhanced === undefined ? undefined : rules.byEnhanced.get(enhanced.slice(2));
    const reasonByCode = code === undefined ? undefined : rules.byCode.get(code);
    const reason = reasonByEnhanced ?? reasonByCode ?? "other";
    const by = reasonByEnhanced !== undefined ? "enhanced" : reasonByCode ? "code" : "nothing";
    const believed = believable(reason, false, facts);
    return { ...toClass(believed, facts, by), pace: paceOf(believed) };
  };
  return {
    byWords,
    byCodes,
    classify: (facts) => {
      const words = byWords(facts);
      if (words === undefined) return byCodes(facts);
      const pace = words.pace ?? paceOf(words.reason);
      return { ...toClass(words.reason, facts, "words"), pace, rule: words.seen };
    },
  };
}

function toClass(
  reason: BounceReason,
  facts: RefusalFacts,
  by: ReplyClass["by"],
): Omit<ReplyClass, "pace"> {
  const code = facts.code ?? codeIn(facts.text);
  const enhanced = facts.enhanced ?? enhancedIn(facts.text);
  const temporary = code === undefined ? enhanced?.startsWith("4.") === true : code < 500;
  return { reason, permanent: isPermanentReason(reason) && !temporary, by };
}

function applies(rule: ReplyRule, facts: RefusalFacts, text: string): boolean {
  if (rule.phases.length > 0 && !(facts.phase !== undefined && rule.phases.includes(facts.phase)))
    return false;
  if (rule.hosts.length > 0 && !(facts.hosts ?? []).some((host) => isUnder(host, rule.hosts)))
    return false;
  if (rule.enhanced.length > 0) {
    const enhanced = enhancedIn(facts.text) ?? facts.enhanced;
    if (enhanced === undefined || !rule.enhanced.includes(enhanced.slice(2))) return false;
  }
  return rule.pattern.test(text);
}

function isUnder(host: string, parents: readonly string[]): boolean {
  const name = host.toLowerCase();
  return parents.some((parent) => name === parent || name.endsWith(`.${parent}`));
}

/**
 * A dead address is believed only with proof that the words are about the recipient: what is said before RCPT cannot be,
 * and "user unknown" without a sign of RCPT (its phase, or an address status x.1.y) is how receivers disguise a filter:
 * docomo, au and others say it after DATA. Then it is `policy`, and nobody is suppressed.
 */
function believable(reason: BounceReason, certain: boolean, facts: RefusalFacts): BounceReason {
  if (!isPermanentReason(reason)) return reason;
  if (facts.phase === "connect" || facts.phase === "helo" || facts.phase === "mail")
    return "policy";
  if (reason !== "user-unknown" || certain) return reason;
  const status = enhancedIn(facts.text) ?? facts.enhanced;
  if (status !== undefined && /^[45]\.7\./.test(status)) return "policy";
  if (facts.phase === "rcpt") return reason;
  // Behind DATA a report's own status is its writer's guess; only the remote's code counts.
  if (facts.phase === "data" && enhancedIn(facts.text) === undefined) return "policy";
  return status !== undefined && /^[45]\.1\./.test(status) ? reason : "policy";
}

/** The first enhanced status code in a text: `550 5.1.1 …`, `(#5.1.1)`, `550-5.7.1`. */
export function enhancedIn(text: string): string | undefined {
  return /(?:^|[\s#(<:-])([245]\.\d{1,2}\.\d{1,3})(?![\d.@])/.exec(text)?.[1];
}

/** The first reply code that stands where one may stand. */
export function codeIn(text: string): number | undefined {
  const code = /(?:^|[\s#(<'":])([45]\d\d)(?=[\s:;,-]|$)/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/**
 * A reply's words in a form that rules can rely on: lower case, one line, no URLs and codes, addresses as `<@>` and IP
 * addresses as `[ip]`, so that `mailbox-full@example.com` or a help page's name decides nothing.
 */
export function plainWords(text: string): string {
  return text
    .slice(0, textMaxCharacters)
    .replace(/[\u2018\u2019]/g, "'")
    .toLowerCase()
    .replace(/\b(?:https?:\/\/|www\.|mailto:)[^\s>)\]]*/g, " ")
    .replace(/<?"?[^\s<>()"'@,;:][^\s<>()"@,;:]{0,63}"?@[a-z0-9_.-]{1,255}>?/g, "<@>")
    .replace(/\[?(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])\]?/g, "[ip]")
    .replace(/(?:^|(?<=\s))[245]\d\d[- ](?=#?[245]\.\d)/g, " ")
    .replace(/(?:^|(?<=[\s(]))#?[245]\.\d{1,2}\.\d{1,3}(?=[\s:;,)]|$)/g, " ")
    .replace(/^\s*[245]\d\d(?=[\s:-])/, " ")
    .replace(/(?:recipient|sender) address rejected: (?=\S)/g, (prefix) =>
      // Postfix's frame around a reason that follows; the reason decides.
      prefix.startsWith("sender") ? prefix : " ",
    )
    .replace(/\s+/g, " ")
    .trim();
}
