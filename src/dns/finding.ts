// The outcome of one look into DNS: what was found, what should stand there, and what to do.
import { problems, type Problem } from "./problems.ts";

/** fail: receivers refuse mail over it · warn: better to improve · unknown: no name server answered, nothing is known. */
export const outcomes = ["fail", "unknown", "warn", "pass"] as const;
export type Outcome = (typeof outcomes)[number];

/** The same thing said in both languages. */
export interface Wording {
  readonly en: string;
  readonly ja: string;
}

/** What is looked at, in the order of a report. */
export const checks = {
  spf: { en: "SPF", ja: "SPF" },
  dkim: { en: "DKIM", ja: "DKIM" },
  dmarc: { en: "DMARC", ja: "DMARC" },
  alignment: { en: "alignment with From", ja: "From との整合（アライメント）" },
  from: { en: "From domain can be answered", ja: "From ドメインへの返信" },
  soa: { en: "zone of the From domain", ja: "From ドメインのゾーン" },
  "return-path": { en: "host that bounces come to", ja: "エラーメールの受信ホスト" },
  source: { en: "source addresses", ja: "送信元 IP アドレス" },
  ptr: { en: "PTR and forward match", ja: "逆引きと正引きの一致" },
  helo: { en: "EHLO name", ja: "EHLO ホスト名" },
  "mta-sts": { en: "MTA-STS of the own domain", ja: "自ドメインの MTA-STS" },
  "tls-rpt": { en: "TLS reports of the own domain", ja: "自ドメインの TLS-RPT" },
  parked: { en: "domain that sends no mail", ja: "メールを送信しないドメイン" },
} as const satisfies Record<string, Wording>;
export type CheckName = keyof typeof checks;

export interface DnsFinding {
  /** Absent: about the gateway itself, so about every sender. */
  readonly sender?: string;
  /** The domain, host or address it is about. */
  readonly domain: string;
  readonly check: CheckName;
  readonly outcome: Outcome;
  /** Absent where nothing is wrong. */
  readonly problem?: Problem;
  /** What DNS says, in its own words where it has any. */
  readonly found: string;
  /** What should stand there. */
  readonly expected: string;
  readonly remedy: Wording;
}

const foundMaxCharacters = 300; // a zone may hold kilobytes of text; a finding goes into logs and tables

export function good(check: CheckName, domain: string, found: string): DnsFinding {
  const seen = bound(found);
  return { domain, check, outcome: "pass", found: seen, expected: seen, remedy: none };
}

/** Check, outcome and remedy are those of the problem's row. */
export function flaw(
  problem: Problem,
  domain: string,
  found: string,
  expected: string,
): DnsFinding {
  const { check, outcome, remedy } = problems[problem];
  return { domain, check, outcome, problem, found: bound(found), expected, remedy };
}

/** No name server answered: nothing is held for it, and nothing is released. */
export function unanswered(check: CheckName, domain: string, why: string): DnsFinding {
  return {
    domain,
    check,
    outcome: "unknown",
    found: bound(`no answer: ${why}`),
    expected: "an answer",
    remedy: {
      en: "Look again in a while; if it stays, see dns.servers and the zone's name servers.",
      ja: "しばらくして再確認してください。続く場合は dns.servers とゾーンのネームサーバーを確認してください。",
    },
  };
}

const none: Wording = { en: "", ja: "" };

function bound(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
  return line.length <= foundMaxCharacters ? line : `${line.slice(0, foundMaxCharacters - 1)}…`;
}

/** As commands and /v1/dns give it, in one language. */
export function describeFinding(
  finding: DnsFinding,
  language: "ja" | "en",
): Readonly<Record<string, string | null>> {
  const { sender = null, domain, check, outcome, problem = null, found, expected } = finding;
  const remedy = finding.remedy[language];
  return { sender, domain, check, outcome, problem, found, expected, remedy };
}
