// The message of `sekisho test-send`: short, honest about what it is, with the footer that the law wants of the sender.
import type { Address } from "../mail/address.ts";
import type { Stream } from "../policy/stream.ts";

export interface TestMessageFacts {
  readonly stream: Stream;
  readonly from: Address;
  readonly to: Address;
  /** Of the message: its Message-ID and its subject carry it, so that the copy is found again. */
  readonly messageId: string;
  /** Where opt-out is at; undefined: none is known, and the rules will say so. */
  readonly optOutUrl?: string;
  readonly now: Date;
}

/** With CRLF line ends. The text is Japanese and English, as its readers are. */
export function testMessage(facts: TestMessageFacts): Buffer {
  const { stream, from, to, messageId, now } = facts;
  const header = [
    `From: ${encodedWord(stream.sender.legal.names[0] ?? stream.sender.id)} <${from.text}>`,
    `To: <${to.text}>`,
    `Subject: ${encodedWord(`Sekisho テスト送信 ${messageId.slice(-6)}`)}`,
    `Date: ${now.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: ${messageIdField(messageId, from)}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "Content-Transfer-Encoding: base64",
  ];
  const body = Buffer.from(`${bodyLines(facts).join("\r\n")}\r\n`).toString("base64");
  return Buffer.from(`${header.join("\r\n")}\r\n\r\n${body.replace(/.{1,76}/g, "$&\r\n")}`);
}

/** What stands in the header, angle brackets included. */
export function messageIdField(messageId: string, from: Address): string {
  return `<test-${messageId}@${from.domain}>`;
}

function bodyLines({ stream, optOutUrl }: TestMessageFacts): readonly string[] {
  const { names, addresses, contacts } = stream.sender.legal;
  return [
    "これは、配信設定（SPF・DKIM・DMARC・TLS）を確認するためのテストメールです。",
    "This is a test message; it shows how mail of this sender arrives.",
    "",
    "----------------------------------------",
    ...names.slice(0, 1),
    ...addresses.slice(0, 1),
    ...(contacts.length === 0 ? [] : [`お問い合わせ・苦情: ${contacts.join(" / ")}`]),
    ...(optOutUrl === undefined ? [] : ["メールの配信停止を希望される方はこちら:", optOutUrl]),
    "----------------------------------------",
  ];
}

/** RFC 2047 §2: at most 75 characters a word; a longer text becomes several. */
function encodedWord(text: string): string {
  const words: string[] = [];
  let piece = "";
  for (const character of text) {
    if (Buffer.byteLength(piece + character) > 42) {
      words.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...words, piece]
    .map((each) => `=?UTF-8?B?${Buffer.from(each).toString("base64")}?=`)
    .join("\r\n ");
}
