// All that the gateway holds on one address, for the person whom it concerns (個人情報保護法 33条; law.md JP-77). Pure.
import type { RecordedConsentEvent } from "../consent/event.ts";
import type { ConsentRequest, ListedSuppression } from "../consent/ledger.ts";
import type { ShownStanding } from "../consent/standing.ts";
import {
  formatScope,
  type SuppressionKind,
  type SuppressionScope,
} from "../consent/suppression.ts";
import {
  consentWord,
  evidenceText,
  type SenderNames,
  senderWord,
  standingWord,
} from "./consent-words.ts";
import { htmlDocument, tokyoTime, type Table } from "./document.ts";
import type { AuditEvent } from "./event.ts";
import { showEvent, type ShownEvent } from "./show-event.ts";

export interface HeldFacts {
  readonly email: string;
  readonly at: Date;
  readonly senderNames: SenderNames;
  /** Whether the address itself is on record, sealed. */
  readonly addressHeld: boolean;
  readonly standings: readonly {
    readonly sender: string;
    readonly topic: string;
    readonly standing: ShownStanding;
  }[];
  readonly consents: readonly RecordedConsentEvent[];
  readonly requests: readonly (ConsentRequest & { readonly sender: string })[];
  readonly suppressions: readonly ListedSuppression[];
  /** Every event about the person, oldest first. */
  readonly events: readonly AuditEvent[];
}

export interface Disclosure extends Omit<
  HeldFacts,
  "at" | "senderNames" | "events" | "consents" | "suppressions"
> {
  readonly disclosedAt: string;
  readonly consents: readonly Omit<RecordedConsentEvent, "subject">[];
  readonly suppressions: readonly Omit<ListedSuppression, "subject">[];
  /** Messages to the person, with all that happened to that copy. */
  readonly messages: readonly {
    readonly messageId: string;
    readonly stream: string | null;
    readonly sender: string | null;
    readonly outcome: string;
    readonly events: readonly ShownEvent[];
  }[];
  /** What else the log says of the person. */
  readonly otherEvents: readonly ShownEvent[];
}

export function disclose(facts: HeldFacts): Disclosure {
  const { at, senderNames: _names, events, consents, suppressions, ...rest } = facts;
  const byMessage = Map.groupBy(
    events.filter((event) => event.messageId !== undefined),
    (event) => event.messageId ?? "",
  );
  return {
    ...rest,
    disclosedAt: at.toISOString(),
    consents: consents.map(({ subject: _subject, ...consent }) => consent),
    suppressions: suppressions.map(({ subject: _subject, ...suppression }) => suppression),
    messages: [...byMessage].map(([messageId, ofMessage]) => ({
      messageId,
      stream: ofMessage.find((event) => event.stream !== undefined)?.stream ?? null,
      sender: ofMessage.find((event) => event.sender !== undefined)?.sender ?? null,
      outcome: outcomeOf(ofMessage),
      events: ofMessage.map(showEvent),
    })),
    otherEvents: events.filter((event) => event.messageId === undefined).map(showEvent),
  };
}

const finals = ["Delivery", "Bounce", "Expiration", "Dropped", "Refusal"] as const;

/** The last thing that ended the copy's way; `open` while nothing has. */
function outcomeOf(events: readonly AuditEvent[]): string {
  return events.findLast((event) => finals.some((type) => type === event.type))?.type ?? "open";
}

const outcomes: Readonly<Record<string, string>> = {
  Delivery: "送信済み",
  Bounce: "不達",
  Expiration: "期限切れ",
  Dropped: "取り消し",
  Refusal: "送信拒否",
  open: "処理中",
};

/** The same for reading: HTML in Japanese. */
export function disclosurePage(facts: HeldFacts): string {
  return htmlDocument({
    title: "保有個人データの開示",
    facts: [
      ["メールアドレス", facts.email],
      ["作成日時", tokyoTime(facts.at)],
      ["アドレスの保有", facts.addressHeld ? "あり（暗号化して保管）" : "なし"],
    ],
    paragraphs: [
      "このメールアドレスについて本ゲートウェイが保有しているすべての記録です。時刻は日本時間です。",
    ],
    tables: [...consentTables(facts), ...mailTables(facts)],
  });
}

const kinds: Readonly<Record<SuppressionKind, string>> = {
  "hard-bounce": "不達",
  complaint: "苦情",
  unsubscribe: "配信停止",
  manual: "手動登録",
  import: "取り込み",
};

function scopeWord(scope: SuppressionScope, names: SenderNames): string {
  if (scope.kind === "all") return "すべて";
  return scope.kind === "sender" ? senderWord(scope.id, names) : formatScope(scope);
}

function consentTables(facts: HeldFacts): readonly Table[] {
  const named = (sender: string): string => senderWord(sender, facts.senderNames);
  return [
    {
      heading: "現在の配信の可否",
      columns: ["送信者", "種別", "状態"],
      rows: facts.standings.map(({ sender, topic, standing }) => [
        named(sender),
        topic,
        standingWord(standing),
      ]),
      empty: "記録はありません。",
    },
    {
      heading: "同意・停止の記録",
      columns: ["日時", "送信者", "種別", "内容", "証跡", "記録者"],
      rows: facts.consents.map((event) => [
        tokyoTime(event.at),
        named(event.sender),
        event.topic ?? "すべて",
        consentWord(event),
        evidenceText(event),
        event.actor,
      ]),
      empty: "記録はありません。",
    },
    {
      heading: "同意の確認メール",
      columns: ["日時", "送信者", "種別", "メッセージ ID"],
      rows: facts.requests.map((request) => [
        tokyoTime(request.at),
        named(request.sender),
        request.topic,
        request.messageId,
      ]),
      empty: "送信していません。",
    },
    {
      heading: "配信停止リスト",
      columns: ["登録日時", "区分", "範囲", "理由", "期限"],
      rows: facts.suppressions.map((entry) => [
        tokyoTime(entry.createdAt),
        kinds[entry.kind],
        scopeWord(entry.scope, facts.senderNames),
        entry.reason ?? "",
        entry.expiresAt === undefined ? "なし" : tokyoTime(entry.expiresAt),
      ]),
      empty: "登録されていません。",
    },
  ];
}

function mailTables(facts: HeldFacts): readonly Table[] {
  const { messages, otherEvents } = disclose(facts);
  const named = (sender: string | null | undefined): string =>
    sender === null || sender === undefined ? "" : senderWord(sender, facts.senderNames);
  return [
    {
      heading: "送信したメール",
      columns: ["日時", "メッセージ ID", "送信者", "結果"],
      rows: messages.map((message) => [
        message.events[0] === undefined ? "" : tokyoTime(new Date(message.events[0].at)),
        message.messageId,
        named(message.sender),
        outcomes[message.outcome] ?? message.outcome,
      ]),
      empty: "記録はありません。",
    },
    {
      heading: "その他の記録",
      columns: ["日時", "種類", "送信者", "理由"],
      rows: otherEvents.map((event) => [
        tokyoTime(new Date(event.at)),
        event.type,
        named(event.sender),
        event.reason ?? "",
      ]),
      empty: "記録はありません。",
    },
  ];
}
