// The one mail that asks for consent (施行規則 2条1項2号; law.md JP-09): the sender's words, one link, and the full footer.
import type { Address } from "../mail/address.ts";
import { base64Lines, encodedWords } from "../mail/encoded-text.ts";
import type { Sender } from "../policy/stream.ts";

export interface RequestMail {
  readonly sender: Sender;
  readonly from: Address;
  readonly to: Address;
  /** What the person is asked to agree to, in the sender's words. */
  readonly wording: string;
  readonly confirmUrl: string;
  readonly optOutUrl: string;
  readonly validUntil: Date;
}

/** With CRLF line ends; Date and Message-ID are added on the way out. */
export function requestMail(mail: RequestMail): Buffer {
  const [name = ""] = mail.sender.legal.names;
  const header = [
    `From: ${encodedWords(name)} <${mail.from.text}>`,
    `To: <${mail.to.text}>`,
    `Subject: ${encodedWords(`【${name}】メール配信のご登録の確認`)}`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
  ];
  const body = base64Lines(Buffer.from(bodyText(mail).replaceAll("\n", "\r\n")));
  return Buffer.from([...header, "", body, ""].join("\r\n"));
}

function bodyText({ sender, wording, confirmUrl, optOutUrl, validUntil }: RequestMail): string {
  const { names, addresses, contacts } = sender.legal;
  return `${wording.replace(/\r\n?/g, "\n").trim()}

上の内容に同意し、メールの受信を希望される場合は、次のページを開いて「登録する」を押してください。
(To agree and receive this mail, open this page and press “Confirm”.)

${confirmUrl}

有効期限：${tokyoDay(validUntil)}
ページを開いただけでは登録されません。お心当たりのない場合は、何もせずにこのメールを破棄してください。以後、この確認のメールが届くことはありません。

――――――――――
このようなメールの受信を希望されない場合は、次のページから配信を停止できます。
配信停止はこちら：${optOutUrl}

送信者：${names.join("、")}
住所：${addresses.join("、")}
お問い合わせ先：${contacts.join("、")}
`;
}

function tokyoDay(at: Date): string {
  const day = new Date(at.getTime() + 9 * 3_600_000);
  return `${day.getUTCFullYear()}年${day.getUTCMonth() + 1}月${day.getUTCDate()}日`;
}
