// One row of a consents table (consent.md, Files) → a consent event with its evidence, or what is wrong with it.
import { eventProblems } from "../consent/basis.ts";
import { bases, type Basis, type ConsentEvent, type Evidence } from "../consent/event.ts";
import type { NewConsent } from "../consent/ledger.ts";
import { isAscii } from "../mail/address.ts";
import type { Parsed } from "../mail/parsed.ts";
import { readEvidence } from "./consent-evidence.ts";
import { latestOfStop, parseDate, parseStopDate } from "./date.ts";
import type { ColumnSpec, NamedRow } from "./header.ts";
import {
  personalNumbers,
  readAddress,
  rowProblem,
  type RowContext,
  type RowProblem,
  type RowReading,
} from "./row-problem.ts";

/** The contract's columns, in the order in which they are exported. */
export const consentColumns = [
  "email",
  "sender",
  "topic",
  "basis",
  "granted_at",
  "method",
  "source",
  "wording",
  "evidence",
  "expires_at",
] as const;

export const requiredConsentColumns = ["email", "sender", "topic", "basis", "granted_at"] as const;

/** In place of a basis, a row may tell that the person stopped the mail. Such rows need no evidence. */
export const stopWords = ["withdrawn", "paused", "expired"] as const;

/** In place of a topic, with `withdrawn` and `paused`: every topic of the sender. */
export const everyTopic = "*";

export const consentSpecs: readonly ColumnSpec[] = [
  spec(
    "email",
    "mail",
    "e-mail",
    "email_address",
    "mail_address",
    "メールアドレス",
    "メール",
    "eメール",
    "アドレス",
  ),
  spec("sender", "送信者", "配信元", "送信元"),
  spec("topic", "トピック", "配信種別", "メール種別"),
  spec("basis", "根拠", "送信根拠", "取得根拠", "同意区分"),
  spec(
    "granted_at",
    "consented_at",
    "opt_in_at",
    "同意日時",
    "同意日",
    "取得日時",
    "取得日",
    "承諾日時",
    "承諾日",
    "登録日時",
    "登録日",
  ),
  spec("method", "同意方法", "取得方法", "方法"),
  spec("source", "同意元", "取得元", "取得経路", "登録元"),
  spec("wording", "同意文言", "文言"),
  spec("evidence", "証跡", "証拠"),
  spec("expires_at", "有効期限", "失効日", "失効日時"),
  spec("policy_version", "ポリシー版"),
  spec("collector", "取得者"),
  spec("event", "イベント", "展示会名"),
  spec("contract_id", "契約番号", "契約id"),
  spec("refusal_on_card", "名刺の拒否表示"),
  spec("refusal_notice", "拒否表示"),
  spec("publisher", "公表者"),
];

const basisWords: Readonly<Record<string, Basis>> = {
  ...Object.fromEntries(bases.map((basis) => [basis, basis] as const)),
  "opt-in": "consent",
  opt_in: "consent",
  business_card: "written_notice",
  business_relationship: "relationship",
  contract_notice: "contract",
  同意: "consent",
  承諾: "consent",
  書面: "written_notice",
  名刺: "written_notice",
  取引関係: "relationship",
  公表: "published_address",
  公表アドレス: "published_address",
  契約: "contract",
};

/** Reads one row; collects every problem, so that a person corrects the file once. */
export function readConsentRow(
  row: NamedRow,
  context: RowContext,
  evidenceOf: (row: NamedRow) => Evidence = readEvidence,
): RowReading<NewConsent> {
  const cell = (name: string): string => row.get(name) ?? "";
  const problems: RowProblem[] = personalNumbers(row, context.trusted);
  const complain: Complain = (column, problem, remedy) => {
    problems.push(rowProblem(column, cell(column), problem, remedy));
  };

  const address = readAddress(cell("email"));
  if (address.kind === "bad")
    complain("email", address.problem, "correct the address or leave the row out");
  else if (!isAscii(address.value)) {
    complain(
      "email",
      "has a local part that is not ASCII, to which nothing can be sent",
      "leave the row out",
    );
  }
  const kind = kindOf(cell("basis"));
  if (kind === undefined) {
    complain(
      "basis",
      "is none that is known",
      `write one of: ${[...bases, ...stopWords].join(", ")}`,
    );
  }
  const wide = kind === "withdrawn" || kind === "paused";
  checkNames(cell("sender"), cell("topic"), wide, context, complain);

  const { at, expires } = readTimes(kind, cell, context, complain);
  if (
    address.kind === "bad" ||
    at.kind === "bad" ||
    expires?.kind === "bad" ||
    kind === undefined
  ) {
    return { kind: "bad", problems };
  }
  const evidence = evidenceOf(row);
  const event = toEvent(kind, {
    subject: context.indexer.address(address.value),
    sender: cell("sender"),
    topic: cell("topic"),
    at: at.value,
    expiresAt: expires?.value,
    evidence,
    actor: context.actor,
  });
  if (event === undefined) return { kind: "bad", problems };
  for (const { column, problem, remedy } of eventProblems(event, context.now))
    complain(column, problem, remedy);
  return problems.length > 0
    ? { kind: "bad", problems }
    : { kind: "ok", value: { address: address.value, event } };
}

type Complain = (column: string, problem: string, remedy: string) => void;

interface Times {
  readonly at: Parsed<Date>;
  readonly expires: Parsed<Date> | undefined;
}

function readTimes(
  kind: RowKind | undefined,
  cell: (name: string) => string,
  { zone, now }: RowContext,
  complain: Complain,
): Times {
  const isPause = kind === "paused";
  const grantedAt = cell("granted_at");
  const expiresAt = cell("expires_at");
  const expires =
    expiresAt === "" ? undefined : parseDate(expiresAt, zone, isPause ? "end" : "start");
  const end = isPause && expires?.kind === "ok" ? expires.value : undefined;
  const at = isStop(kind)
    ? parseStopDate(grantedAt, zone, latestOfStop(now, end))
    : parseDate(grantedAt, zone);
  if (at.kind === "bad")
    complain(
      "granted_at",
      grantedAt === "" ? "is empty" : at.problem,
      "write the date of the event",
    );
  if (expires?.kind === "bad")
    complain("expires_at", expires.problem, "correct the date or leave it empty");
  if (isPause && expires === undefined) {
    complain("expires_at", "is empty", "write until when the person wants no mail");
  }
  return { at, expires };
}

function isStop(kind: RowKind | undefined): boolean {
  return stopWords.some((word) => word === kind);
}

type RowKind = Basis | (typeof stopWords)[number];

function kindOf(text: string): RowKind | undefined {
  const exact = bases.find((basis) => basis === text);
  if (exact !== undefined) return exact;
  const word = text.normalize("NFKC").toLowerCase().replaceAll(" ", "_");
  const stop = stopWords.find((candidate) => candidate === word);
  if (stop !== undefined) return stop;
  return Object.hasOwn(basisWords, word) ? basisWords[word] : undefined;
}

function checkNames(
  sender: string,
  topic: string,
  wide: boolean,
  context: RowContext,
  complain: Complain,
): void {
  const known = context.senders.find((candidate) => candidate.id === sender);
  if (known === undefined) {
    const ids = context.senders.map((candidate) => candidate.id).join(", ");
    complain("sender", "is not a sender of this gateway", `write one of: ${ids}`);
    return;
  }
  if (known.topics.includes(topic) || (wide && topic === everyTopic)) return;
  const topics = [...known.topics, ...(wide ? [everyTopic] : [])].join(", ");
  complain("topic", `is not a topic of sender ${sender}`, `write one of: ${topics}`);
}

interface Facts {
  readonly subject: ConsentEvent["subject"];
  readonly sender: string;
  readonly topic: string;
  readonly at: Date;
  readonly expiresAt: Date | undefined;
  readonly evidence: Evidence;
  readonly actor: string;
}

/** An import is never the person's own act: it lifts no withdrawal (law.md JP-18). */
function toEvent(kind: RowKind, facts: Facts): ConsentEvent | undefined {
  const { topic, expiresAt, ...common } = facts;
  const scope = topic === everyTopic ? null : topic;
  switch (kind) {
    case "withdrawn":
      return { ...common, kind, topic: scope };
    case "paused":
      return expiresAt === undefined
        ? undefined
        : { ...common, kind, topic: scope, until: expiresAt };
    case "expired":
      return { ...common, kind, topic };
    case "consent":
    case "written_notice":
    case "any_notice":
    case "relationship":
    case "published_address":
    case "contract":
      return {
        ...common,
        kind: "granted",
        topic,
        basis: kind,
        byPerson: false,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      };
  }
}

function spec(name: string, ...aliases: readonly string[]): ColumnSpec {
  return { name, aliases };
}
