// What a sender still lacks before its first campaign: the check-up, one line a check, and what is not in DNS.
import { refusals, type DnsReport } from "./check.ts";
import { checks, outcomes, type CheckName, type Outcome, type Wording } from "./finding.ts";

export interface ChecklistFacts {
  readonly sender: string;
  readonly report: DnsReport;
  /** Registered postal address and contact: the law demands both in advertising. */
  readonly hasAddress: boolean;
  readonly hasContact: boolean;
  /** Someone may log in for one of its streams, or an address range stands for one. */
  readonly hasCredential: boolean;
  /** `http.public_url` with https: opt-out by one click needs it (RFC 8058 §3.1). */
  readonly hasPublicUrl: boolean;
  /** A listener with `role: feedback`: bounces and complaints are learnt from. */
  readonly hasFeedback: boolean;
}

export interface ChecklistItem {
  readonly item: string;
  readonly title: Wording;
  /** fail: to be done before the first campaign · warn: better to do. */
  readonly outcome: Outcome;
  readonly detail: string;
}

export interface Checklist {
  readonly sender: string;
  /** Nothing fails and nothing is unknown. */
  readonly ready: boolean;
  readonly items: readonly ChecklistItem[];
}

export function checklist(facts: ChecklistFacts): Checklist {
  const items = [...dnsItems(facts), ...ownItems(facts)];
  const ready = items.every(({ outcome }) => outcome === "pass" || outcome === "warn");
  return {
    sender: facts.sender,
    ready: ready && refusals(facts.report, facts.sender).length === 0,
    items,
  };
}

/** The worst finding of each check stands for it. */
function dnsItems({ report, sender }: ChecklistFacts): readonly ChecklistItem[] {
  const own = report.findings.filter(
    (finding) => finding.sender === undefined || finding.sender === sender,
  );
  return (Object.keys(checks) as readonly CheckName[]).flatMap((check) => {
    const worst = own
      .filter((finding) => finding.check === check)
      .toSorted((a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome))[0];
    if (worst === undefined) return [];
    const { outcome, domain, found } = worst;
    return [{ item: check, title: checks[check], outcome, detail: `${domain}: ${found}` }];
  });
}

function ownItems(facts: ChecklistFacts): readonly ChecklistItem[] {
  const line = (
    item: string,
    done: boolean,
    otherwise: Outcome,
    title: Wording,
    detail: string,
  ): ChecklistItem => ({ item, title, outcome: done ? "pass" : otherwise, detail });
  return [
    line(
      "legal-address",
      facts.hasAddress,
      "fail",
      { en: "registered postal address", ja: "送信者の住所の登録" },
      "senders[].legal.addresses",
    ),
    line(
      "legal-contact",
      facts.hasContact,
      "fail",
      { en: "registered contact", ja: "苦情・問合せ先の登録" },
      "senders[].legal.contacts",
    ),
    line(
      "credential",
      facts.hasCredential,
      "fail",
      { en: "a login for a stream", ja: "ストリームの認証情報" },
      "sekisho credential create",
    ),
    line(
      "public-url",
      facts.hasPublicUrl,
      "warn",
      { en: "opt-out page over https", ja: "https の配信停止ページ" },
      "http.public_url",
    ),
    line(
      "feedback",
      facts.hasFeedback,
      "warn",
      { en: "bounces and complaints are taken in", ja: "エラーメール・苦情の受信" },
      "smtp.listeners[] role: feedback",
    ),
  ];
}
