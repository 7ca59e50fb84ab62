// How receivers put it: each rule under a reply it was written for (law.md §5.2). The first match wins.
import type { MailPhase } from "./outcome.ts";

export const replyClasses = [
  "user-unknown",
  "filtered", // the recipient, or the receiver's filter, does not want it
  "mailbox-full",
  "rate", // too much, too fast
  "reputation", // the address or domain we send from is disliked
  "authentication", // SPF, DKIM, DMARC, PTR
  "content",
  "too-large",
  "policy",
  "sender", // MAIL FROM was refused
  "greylisted",
  "tls",
  "routing",
  "connection",
  "unfit",
  "other",
] as const;
export type ReplyClass = (typeof replyClasses)[number];

export interface ReplyRule {
  readonly class: ReplyClass;
  /** Matched against "code enhanced text". */
  readonly pattern: RegExp;
  readonly phases?: readonly MailPhase[];
  /** Domains of recipient or host, those below them included. */
  readonly at?: readonly string[];
}

const docomo = ["docomo.ne.jp"];
const au = ["ezweb.ne.jp", "au.com", "auone-net.jp", "kddi.ne.jp"];

export const replyRules: readonly ReplyRule[] = [
  // docomo: "550 Unknown user" at RCPT means unknown; after DATA the same words mean filtered (sisimai).
  { class: "user-unknown", pattern: /unknown user/i, phases: ["rcpt"], at: docomo },
  {
    class: "filtered",
    pattern: /unknown user/i,
    phases: ["data", "body", "final-dot"],
    at: docomo,
  },
  // au: "550 <a@ezweb.ne.jp>: User unknown" means unknown; without the address, "550 : User unknown", filtered (sisimai).
  { class: "user-unknown", pattern: /<[^>]+>: user unknown/i, phases: ["rcpt"], at: au },
  { class: "filtered", pattern: /user unknown/i, at: au },
  // Gmail: "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail"
  {
    class: "rate",
    pattern: /^\d{3} [45]\.7\.28\b|unusual rate of (?:unsolicited )?(?:e?mail|mail)/i,
  },
  // Gmail: "550-5.7.26 This mail has been blocked because the sender is unauthenticated."
  {
    class: "authentication",
    pattern:
      /^\d{3} [45]\.7\.(?:2[0-7]|29|30|31|32|40)\b|^550 5\.7\.(?:25|515)\b|unauthenticated|does not (?:meet|have) .*authentication|\b(?:SPF|DKIM|DMARC)\b.*(?:fail|pass|policy)|failed DMARC/i,
  },
  // Yahoo: "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints"
  { class: "rate", pattern: /\[TS\w*\d+\]|unexpected volume/i },
  // Yahoo: "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list"
  {
    class: "reputation",
    pattern:
      /\[BL\d+\]|spamhaus|barracuda|spamcop|black ?list|block ?list|blocked using|low reputation|poor reputation|\[CS01\]|S31[45]0/i,
  },
  // iCloud: "552 5.2.2 <a@icloud.com>: user is over quota"
  {
    class: "mailbox-full",
    pattern:
      /^\d{3} [45]\.2\.2\b|over ?quota|quota exceeded|exceeded (?:his|her|their|its|the) (?:storage|quota)|mailbox (?:is )?full|insufficient (?:disk|storage)|メールボックス.*(?:一杯|容量)/i,
  },
  // Postfix: "450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted"
  { class: "greylisted", pattern: /gr[ea]y-?list|try again in \d+ (?:second|minute)/i },
  // Postfix: "450 4.1.8 <a@b.example>: Sender address rejected: Domain not found"
  {
    class: "sender",
    pattern:
      /^\d{3} [45]\.1\.[78]\b|\bsender\b.*(?:rejected|verify|does not exist|not found|unknown|invalid)/i,
  },
  // Gmail: "550-5.1.1 The email account that you tried to reach does not exist."
  // Exchange: "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"
  // Postfix: "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table"
  // Yahoo: "554 delivery error: dd Sorry, your message cannot be delivered. This mailbox is disabled / This user doesn't have an account"
  {
    class: "user-unknown",
    pattern:
      /^5\d\d 5\.1\.(?:1|6|10)\b|^5\d\d .*(?:user (?:is )?unknown|unknown (?:user|recipient|mailbox|local part)|no such (?:user|recipient|mailbox|address|person)|(?:user|recipient|mailbox|account|address) (?:you .*)?(?:does not|doesn't) exist|(?:user|recipient|mailbox) (?:was )?not found|recipientnotfound|doesn't have an? .*account|invalid (?:recipient|mailbox)|no mailbox (?:here )?by that name|(?:mailbox|account) (?:is )?(?:unavailable: user unknown|disabled|inactive)|宛先.*(?:存在しません|不明))/i,
    phases: ["rcpt", "data", "body", "final-dot"],
  },
  {
    class: "too-large",
    pattern: /^\d{3} [45]\.3\.4\b|too (?:large|big)|too much mail data|exceeds .*size/i,
  },
  // Gmail: "452-4.2.1 The email account that you tried to reach is receiving email at a rate that …"
  {
    class: "rate",
    pattern:
      /^\d{3} 4\.2\.1\b|rate[ -]?limit|too many (?:connections|messages|recipients|emails)|max(?:imum)? .*messages? per|receiving (?:e?mail|messages) (?:at a rate|too quickly)|throttl|try again later due to .*(?:rate|volume)/i,
  },
  // Outlook: "550 5.7.1 … message contains content that is considered spam"
  {
    class: "content",
    pattern: /\bspam\b|\bunsolicited\b|virus|malware|phish|\[PH01\]|content (?:rejected|denied)/i,
  },
  {
    class: "policy",
    pattern:
      /^\d{3} [45]\.7\.\d+\b|policy|not (?:permitted|allowed|authori[sz]ed)|access denied|relay(?:ing)? denied/i,
  },
];
