// The gateway's own mail around one that came back to a return path. Strangers wrote that one: it stands in ours as an
// attachment, so that our signature says no more than that we pass it on.
import type { Address } from "../mail/address.ts";
import { base64Lines, encodedWords } from "../mail/encoded-text.ts";
import { headerMaxOctets, headOf } from "../mail/header.ts";

export interface PassedOnFacts {
  /** Octets as they came. */
  readonly content: Buffer;
  readonly to: Address;
  readonly messageId: string;
  readonly hostname: string;
  /** Of the copy that was sent to the return path's person. */
  readonly recipientId: string;
  readonly language: "ja" | "en";
}

/** As reports bear it in From. */
export function daemonAddress(hostname: string): string {
  return `MAILER-DAEMON@${hostname}`;
}

const contentMaxOctets = 5 * 1024 * 1024; // a report with the whole newsletter in it; more is no report
const lineMaxOctets = 998; // RFC 5322 §2.1.1: what is longer would not be sent

/** With CRLF line ends; Date is added on the way out. */
export function passedOnMail(facts: PassedOnFacts): {
  readonly content: Buffer;
  readonly eightBit: boolean;
} {
  const { content, hostname, messageId } = facts;
  const whole = isSendable(content);
  const eightBit = whole && content.some((octet) => octet > 127);
  // RFC 2046 §5.2.1: message/rfc822 is 7bit or 8bit, never encoded; RFC 2045 §6.4: what holds 8bit is 8bit.
  const encoding = eightBit ? ["Content-Transfer-Encoding: 8bit"] : [];
  const boundary = `=_${messageId}`;
  const head = [
    `From: MAILER-DAEMON <${daemonAddress(hostname)}>`,
    `To: <${facts.to.text}>`,
    `Message-ID: <${messageId}@${hostname}>`,
    `Subject: ${encodedWords(words.subject[facts.language])}`,
    "Auto-Submitted: auto-generated", // RFC 3834 §5
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    ...encoding,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    base64Lines(Buffer.from(explanation(facts, whole))),
    `--${boundary}`,
    `Content-Type: ${whole ? "message/rfc822" : "text/rfc822-headers"}`,
    ...encoding,
    "",
    "",
  ];
  return {
    content: Buffer.concat([
      Buffer.from(head.join("\r\n")),
      whole ? content : headerOf(content),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
    eightBit,
  };
}

const words = {
  subject: {
    ja: "リターンパスに届いたメールの転送 / Mail to a return path",
    en: "Mail to a return path",
  },
  whole: {
    ja: "配信したメールの返送先（リターンパス）に、添付のメールが届きました。お使いのツールがエラーメール等を処理できるよう、届いたままの内容で転送します。差出人と内容は確認していません。",
    en: "The attached mail came back to the return path of a message that was delivered for you. It is passed on as it is, so that your own bounce handling sees it. Nobody has checked who wrote it, or what it says.",
  },
  header: {
    ja: "配信したメールの返送先（リターンパス）にメールが届きましたが、大きすぎるか、そのままでは送れない形のため、ヘッダーだけを添付して転送します。差出人と内容は確認していません。",
    en: "Mail came back to the return path of a message that was delivered for you. It is too large, or has a form that cannot be sent, so only its header is attached. Nobody has checked who wrote it, or what it says.",
  },
  reference: { ja: "照会番号", en: "Reference" },
} as const;

function explanation({ language, recipientId }: PassedOnFacts, whole: boolean): string {
  const text = whole ? words.whole : words.header;
  const lines = (of: "ja" | "en"): string =>
    [text[of], "", `${words.reference[of]}: ${recipientId}`, ""].join("\r\n");
  return language === "ja" ? `${lines("ja")}\r\n${lines("en")}` : lines("en");
}

function isSendable(content: Buffer): boolean {
  if (content.length > contentMaxOctets) return false;
  const { malformed, isWhole } = headOf(content);
  if (!isWhole || malformed.length > 0) return false;
  if (content.includes(0)) return false;
  let start = 0;
  for (let end = content.indexOf(10); end !== -1; end = content.indexOf(10, start)) {
    if (content[end - 1] !== 13 || content.subarray(start, end - 1).includes(13)) return false;
    if (end - 1 - start > lineMaxOctets) return false;
    start = end + 1;
  }
  return content.length - start <= lineMaxOctets && !content.subarray(start).includes(13);
}

/** Fields in ASCII and in lines that any server takes; a field that has none is left out. */
function headerOf(content: Buffer): Buffer {
  let header = "";
  for (const { raw } of headOf(content).fields) {
    const field = `${raw.replace(/\r\n$/, "").replace(/\r(?!\n)|(?<!\r)\n|[^\t\r\n\x20-\x7e]/g, "?")}\r\n`;
    if (field.split("\r\n").some((line) => line.length > lineMaxOctets)) continue;
    if (header.length + field.length > headerMaxOctets) break;
    header += field;
  }
  return Buffer.from(header);
}
