// The rules that give a reply its class, read from data (config/replies.yaml) and checked before use.
import { bad, ok, type Parsed } from "../mail/parsed.ts";
import { type BounceReason, isBounceReason } from "./bounce-reason.ts";

/** At which command the remote said it; undefined where the report does not tell. */
export const smtpPhases = ["connect", "helo", "mail", "rcpt", "data"] as const;
export type SmtpPhase = (typeof smtpPhases)[number];

/**
 * What the reply asks of our pace. none: it is about this recipient or message alone · slow: fewer connections to this
 * receiver for now · pause: nothing to this receiver for a while, then one connection · hold: as pause, for this sender's
 * mail alone, whose set-up (SPF, DKIM, DMARC) somebody must look at.
 */
export const paceActions = ["none", "slow", "pause", "hold"] as const;
export type PaceAction = (typeof paceActions)[number];

export interface ReplyRule {
  readonly reason: BounceReason;
  readonly pattern: RegExp;
  /** The rule holds only where the recipient's domain or the remote host is one of these or below it. */
  readonly hosts: readonly string[];
  /** The rule holds only in these phases; empty: in any, told or not. */
  readonly phases: readonly SmtpPhase[];
  /** The rule holds only beside one of these enhanced codes, without their class digit; empty: beside any or none. */
  readonly enhanced: readonly string[];
  /** The words alone prove it (a directory's own answer): no phase or status is needed to believe them. */
  readonly certain: boolean;
  /** A sentence about the report as a whole, looked for before what is said of one recipient. */
  readonly ofReport: boolean;
  /** The real reply the rule was written for. */
  readonly seen: string;
  /** Where it differs from what its class asks. */
  readonly pace?: PaceAction;
}

export interface ReplyRules {
  readonly rules: readonly ReplyRule[];
  /** Enhanced code without its class digit (`1.1`) → class, where no words matched. */
  readonly byEnhanced: ReadonlyMap<string, BounceReason>;
  /** Reply code → class, where nothing else is known. */
  readonly byCode: ReadonlyMap<number, BounceReason>;
  /** What a class asks of our pace; a class that is absent asks nothing. */
  readonly paceByReason: ReadonlyMap<BounceReason, PaceAction>;
}

const rulesMax = 1000; // each reply is tried against every rule
const patternMaxCharacters = 600;

/** Checks parsed YAML or JSON. The problem names the rule by its place and its `seen` line. */
export function parseReplyRules(data: unknown): Parsed<ReplyRules> {
  if (!isRecord(data) || !Array.isArray(data["rules"])) return bad("has no list `rules`");
  const groups: readonly unknown[] = data["rules"];
  const rules: ReplyRule[] = [];
  for (const [index, group] of groups.entries()) {
    const parsed = parseGroup(group);
    if (parsed.kind === "bad") return bad(`rules[${index}] ${parsed.problem}`);
    rules.push(...parsed.value);
    if (rules.length > rulesMax) return bad(`has more than ${rulesMax} rules`);
  }
  const byEnhanced = parseTable(data["enhanced"], /^\d{1,3}\.\d{1,3}$/);
  if (byEnhanced.kind === "bad") return bad(`enhanced ${byEnhanced.problem}`);
  const byCode = parseTable(data["codes"], /^[45]\d\d$/);
  if (byCode.kind === "bad") return bad(`codes ${byCode.problem}`);
  const paceByReason = parsePace(data["pace"]);
  if (paceByReason.kind === "bad") return bad(`pace ${paceByReason.problem}`);
  return ok({
    rules,
    byEnhanced: byEnhanced.value,
    byCode: new Map([...byCode.value].map(([code, reason]) => [Number(code), reason])),
    paceByReason: paceByReason.value,
  });
}

const groupKeys = new Set(["reason", "hosts", "phases", "enhanced", "certain", "of", "lines"]);

/** Lines that share a class and its conditions. */
function parseGroup(group: unknown): Parsed<readonly ReplyRule[]> {
  if (!isRecord(group)) return bad("is not a mapping");
  const unknownKey = Object.keys(group).find((key) => !groupKeys.has(key));
  if (unknownKey !== undefined) return bad(`has an unknown key \`${unknownKey}\``);
  const reason = group["reason"];
  if (typeof reason !== "string" || !isBounceReason(reason)) return bad("has no known `reason`");
  const hosts = parseTexts(group["hosts"]);
  const phases = parseTexts(group["phases"]);
  const enhanced = parseTexts(group["enhanced"]);
  if (hosts === undefined || phases === undefined || enhanced === undefined)
    return bad("has `hosts`, `phases` or `enhanced` that are no list of words");
  if (!phases.every(isSmtpPhase)) return bad("names an unknown phase");
  if (!Array.isArray(group["lines"])) return bad("has no list `lines`");
  const lines: readonly unknown[] = group["lines"];
  const rules: ReplyRule[] = [];
  for (const line of lines) {
    const parsed = parseLine(line);
    if (parsed.kind === "bad") return parsed;
    rules.push({
      ...parsed.value,
      reason,
      hosts: hosts.map((host) => host.toLowerCase()),
      phases,
      enhanced,
      certain: group["certain"] === true,
      ofReport: group["of"] === "report",
    });
  }
  return ok(rules);
}

function parseLine(line: unknown): Parsed<Pick<ReplyRule, "pattern" | "seen" | "pace">> {
  if (!isRecord(line)) return bad("has a line that is not a mapping");
  const { seen, when, pace } = line;
  if (typeof seen !== "string" || seen.length === 0) return bad("has a line without `seen`");
  if (typeof when !== "string" || when.length === 0 || when.length > patternMaxCharacters)
    return bad(`(${seen}) needs a pattern \`when\` of 1 to ${patternMaxCharacters} characters`);
  if (pace !== undefined && !isPaceAction(pace))
    return bad(`(${seen}) asks for a \`pace\` that is none of ${paceActions.join(", ")}`);
  const pattern = compile(when);
  return pattern === undefined
    ? bad(`(${seen}) has a pattern that is no regular expression`)
    : ok({ pattern, seen, ...(pace === undefined ? {} : { pace }) });
}

function parsePace(data: unknown): Parsed<ReadonlyMap<BounceReason, PaceAction>> {
  if (data === undefined) return ok(new Map());
  if (!isRecord(data)) return bad("is not a mapping");
  const table = new Map<BounceReason, PaceAction>();
  for (const [reason, action] of Object.entries(data)) {
    if (!isBounceReason(reason) || !isPaceAction(action))
      return bad(`has \`${reason}\` without a known class and action`);
    table.set(reason, action);
  }
  return ok(table);
}

function isPaceAction(value: unknown): value is PaceAction {
  return (paceActions as readonly unknown[]).includes(value);
}

export function isSmtpPhase(text: string): text is SmtpPhase {
  return (smtpPhases as readonly string[]).includes(text);
}

function compile(source: string): RegExp | undefined {
  try {
    return new RegExp(source, "iu");
  } catch {
    return undefined;
  }
}

function parseTable(data: unknown, keyPattern: RegExp): Parsed<ReadonlyMap<string, BounceReason>> {
  if (!isRecord(data)) return bad("is not a mapping");
  const table = new Map<string, BounceReason>();
  for (const [key, reason] of Object.entries(data)) {
    if (!keyPattern.test(key)) return bad(`has a key \`${key}\` that is no code`);
    if (typeof reason !== "string" || !isBounceReason(reason))
      return bad(`gives ${key} a class that is not known`);
    table.set(key, reason);
  }
  return ok(table);
}

function parseTexts(data: unknown): readonly string[] | undefined {
  if (data === undefined) return [];
  if (!Array.isArray(data)) return undefined;
  const items: readonly unknown[] = data;
  return items.every((item) => typeof item === "string") ? items : undefined;
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
