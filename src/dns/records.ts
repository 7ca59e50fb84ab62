// Every DNS record that a sender needs, ready to paste.
import type { KeyInfo } from "../dkim/key.ts";
import type { Domain } from "../mail/domain.ts";
import type { DnsSender } from "./check.ts";
import type { Wording } from "./finding.ts";

export interface NeededRecord {
  /** Absent: the gateway's own, or that of whoever hands out its addresses. */
  readonly sender?: string;
  readonly name: string;
  readonly type: "TXT" | "MX" | "A" | "AAAA" | "PTR";
  readonly value: string;
  /** Of TXT: pieces of at most 255 octets, as zone files want them (RFC 6376 §3.6.2.2). */
  readonly strings?: readonly string[];
  readonly purpose: Wording;
  /** False: good to have. */
  readonly needed: boolean;
}

export interface RecordFacts {
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly keys: readonly KeyInfo[];
  /** Domain of MAIL FROM for a sender's mail; absent: the From domain itself. */
  readonly returnPath?: (sender: string) => Domain;
}

/** `v=spf1 ip4:… ip6:… ~all`: addresses by themselves cost receivers no look-up. */
export function spfRecord(addresses: readonly string[]): string {
  const terms = addresses.map((address) => `${address.includes(":") ? "ip6" : "ip4"}:${address}`);
  return ["v=spf1", ...(terms.length > 0 ? terms : ["ip4:<this gateway>"]), "~all"].join(" ");
}

/** The steps in order: look on, put aside, refuse. */
export function dmarcLadder(domain: Domain): readonly [string, string, string] {
  const step = (policy: string): string =>
    `v=DMARC1; p=${policy}; rua=mailto:dmarc-reports@${domain}`;
  return [step("none"), step("quarantine"), step("reject")];
}

export function gatewayRecords(facts: RecordFacts): readonly NeededRecord[] {
  const { hostname, addresses } = facts;
  return addresses.flatMap((address): readonly NeededRecord[] => [
    {
      name: hostname,
      type: address.includes(":") ? "AAAA" : "A",
      value: address,
      needed: true,
      purpose: {
        en: "The EHLO name leads to the address that mail leaves from.",
        ja: "EHLO ホスト名を送信元 IP アドレスに向けます。",
      },
    },
    {
      name: address,
      type: "PTR",
      value: hostname,
      needed: true,
      purpose: {
        en: "Set by whoever provides the address. Gmail, Yahoo and Apple refuse mail without it.",
        ja: "IP アドレスの提供元に設定を依頼します。Gmail・Yahoo・Apple が要求します。",
      },
    },
  ]);
}

export function senderRecords(sender: DnsSender, facts: RecordFacts): readonly NeededRecord[] {
  return [
    ...sender.domains.flatMap((domain) => domainRecords(domain, facts)),
    ...returnRecords(sender, facts),
    ...sender.parkedDomains.flatMap(parkedRecords),
  ].map((record) => ({ ...record, sender: sender.id }));
}

function domainRecords(domain: Domain, facts: RecordFacts): readonly NeededRecord[] {
  const keys = facts.keys.filter((key) => key.domain === domain && key.state !== "retired");
  return [
    spf(domain, facts),
    ...keys.map((key): NeededRecord => ({
      name: key.record.name,
      type: "TXT",
      value: key.record.value,
      strings: key.record.strings,
      needed: true,
      purpose: {
        en: `DKIM key (${key.algorithm} ${key.bits}, ${key.state}). Keep it until the key is retired.`,
        ja: `DKIM 鍵（${key.algorithm} ${key.bits}、${key.state}）。retired になるまで残してください。`,
      },
    })),
    ...dmarcLadder(domain).map((value, step) => dmarc(domain, value, step)),
    ...mailTlsRecords(domain),
  ];
}

function spf(domain: Domain, facts: RecordFacts): NeededRecord {
  return {
    name: domain,
    type: "TXT",
    value: spfRecord(facts.addresses),
    needed: true,
    purpose: {
      en: "Who may send. Where an SPF record stands already, add the ip4/ip6 terms to that one: there may be only one.",
      ja: "送信元 IP アドレスの宣言。既に SPF がある場合は、そのレコードに ip4/ip6 を追加してください（1 件のみ有効）。",
    },
  };
}

const ladderPurpose: readonly [Wording, Wording, Wording] = [
  {
    en: "DMARC, step 1: nothing is refused, reports show who sends in your name. For two to four weeks.",
    ja: "DMARC 段階 1: 拒否せず、レポートで送信状況を確認します（2〜4 週間）。",
  },
  {
    en: "DMARC, step 2, once all your mail passes: forged mail goes into the junk folder.",
    ja: "DMARC 段階 2: 正規のメールがすべて pass したら、なりすましを迷惑メールに隔離します。",
  },
  {
    en: "DMARC, step 3, after some quiet weeks: forged mail is refused.",
    ja: "DMARC 段階 3: 問題がなければ、なりすましを拒否します。",
  },
];

/** Of the three one is published at a time: the first is needed to begin with. */
function dmarc(domain: Domain, value: string, step: number): NeededRecord {
  return {
    name: `_dmarc.${domain}`,
    type: "TXT",
    value,
    needed: step === 0,
    purpose: ladderPurpose[step] ?? ladderPurpose[0],
  };
}

function returnRecords(sender: DnsSender, facts: RecordFacts): readonly NeededRecord[] {
  const host = facts.returnPath?.(sender.id);
  return host === undefined || sender.domains.includes(host) ? [] : bounceRecords(host, facts);
}

/** The host in MAIL FROM, below the From domain so that SPF aligns. */
function bounceRecords(host: Domain, facts: RecordFacts): readonly NeededRecord[] {
  return [
    {
      name: host,
      type: "MX",
      value: `10 ${facts.hostname}`,
      needed: true,
      purpose: {
        en: "Bounces come back to the gateway's feedback listener.",
        ja: "エラーメールをゲートウェイで受信します。",
      },
    },
    ...facts.addresses.map((address): NeededRecord => ({
      name: host,
      type: address.includes(":") ? "AAAA" : "A",
      value: address,
      needed: false,
      purpose: {
        en: "For receivers that ask for the address of MAIL FROM's domain.",
        ja: "MAIL FROM ドメインの A レコードを確認する受信側のためのものです。",
      },
    })),
    spf(host, facts),
  ];
}

function mailTlsRecords(domain: Domain): readonly NeededRecord[] {
  return [
    {
      name: `_mta-sts.${domain}`,
      type: "TXT",
      value: "v=STSv1; id=1",
      needed: false,
      purpose: {
        en: `MTA-STS for mail to you. It also needs https://mta-sts.${domain}/.well-known/mta-sts.txt; begin there with mode: testing.`,
        ja: `自社宛てメールの MTA-STS。https://mta-sts.${domain}/.well-known/mta-sts.txt も必要です（mode: testing から）。`,
      },
    },
    {
      name: `_smtp._tls.${domain}`,
      type: "TXT",
      value: `v=TLSRPTv1; rua=mailto:tls-reports@${domain}`,
      needed: false,
      purpose: {
        en: "Reports of failed TLS towards you.",
        ja: "自社宛ての TLS 失敗レポートを受け取ります。",
      },
    },
  ];
}

function parkedRecords(domain: Domain): readonly NeededRecord[] {
  const purpose = {
    en: "The domain sends no mail: nobody can use its name.",
    ja: "メールを送信しないドメインのなりすまし対策です。",
  };
  return [
    { name: domain, type: "TXT", value: "v=spf1 -all", needed: true, purpose },
    { name: domain, type: "MX", value: "0 .", needed: true, purpose },
    { name: `_dmarc.${domain}`, type: "TXT", value: "v=DMARC1; p=reject", needed: true, purpose },
  ];
}
