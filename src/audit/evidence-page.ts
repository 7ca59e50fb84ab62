// One person's consents as a document for an inspector: what was agreed to, when, how, and the hashes that prove it. Pure.
import type { RecordedConsentEvent } from "../consent/event.ts";
import type { ShownStanding } from "../consent/standing.ts";
import {
  consentWord,
  evidenceText,
  type SenderNames,
  senderWord,
  standingWord,
} from "./consent-words.ts";
import { htmlDocument, tokyoTime } from "./document.ts";
import type { ChainHead } from "./log.ts";

export interface EvidenceFacts {
  readonly email: string;
  readonly at: Date;
  readonly senderNames: SenderNames;
  readonly standings: readonly {
    readonly sender: string;
    readonly topic: string;
    readonly standing: ShownStanding;
  }[];
  /** In the order of recording. */
  readonly consents: readonly RecordedConsentEvent[];
  /** The audit events that recorded them, by sequence. */
  readonly proofs: ReadonlyMap<number, ChainHead>;
  /** The chain's newest event, after the whole chain was recomputed; undefined where it is broken. */
  readonly head: ChainHead | undefined;
}

/** HTML in Japanese. */
export function evidencePage(facts: EvidenceFacts): string {
  const { head } = facts;
  return htmlDocument({
    title: "特定電子メール法に基づく同意等の記録",
    facts: [
      ["メールアドレス", facts.email],
      ["作成日時", tokyoTime(facts.at)],
      [
        "監査ログの検証",
        head === undefined
          ? "不整合が検出されました。この記録は証明になりません。"
          : `全 ${head.sequence} 件のハッシュ連鎖を再計算し、改変がないことを確認しました。`,
      ],
      ...(head === undefined
        ? []
        : ([
            ["連鎖の末尾（SHA-256）", head.hash],
            ["末尾の署名（HMAC-SHA-256）", head.signature ?? ""],
          ] as const)),
    ],
    paragraphs: [
      "同意を証する記録（特定電子メールの送信の適正化等に関する法律施行規則 4条1項）です。記録は追加のみ可能で、各記録のハッシュは直前の記録のハッシュを含みます。",
    ],
    tables: [
      {
        heading: "現在の状態",
        columns: ["送信者", "種別", "状態"],
        rows: facts.standings.map(({ sender, topic, standing }) => [
          senderWord(sender, facts.senderNames),
          topic,
          standingWord(standing),
        ]),
        empty: "記録はありません。",
      },
      {
        heading: "経過",
        columns: ["効力発生", "送信者・種別", "内容", "証跡", "記録", "監査番号とハッシュ"],
        rows: facts.consents.map((event) => [
          tokyoTime(event.at),
          `${senderWord(event.sender, facts.senderNames)}\n${event.topic ?? "すべて"}`,
          consentWord(event),
          evidenceText(event),
          `${tokyoTime(event.recordedAt)}\n${event.actor}`,
          `${event.auditSequence}\n${facts.proofs.get(event.auditSequence)?.hash ?? "不明"}`,
        ]),
        empty: "記録はありません。",
      },
    ],
  });
}
