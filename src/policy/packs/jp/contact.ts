// CONTACT: a registered phone number, a mailbox that is read, or a page that takes questions and complaints.
import { judgeLegibility } from "../../checks/opt-out-reading.ts";
import { isNoReply, destinationOf } from "../../checks/destination.ts";
import { isOwnHost, isOwnMailDomain } from "../../checks/host.ts";
import { labelOf } from "../../checks/link-out.ts";
import { foldText, gaps } from "../../normalise.ts";
import { lineAt, quote, type Line, type Page, type Target } from "../../page.ts";
import { observe, type Judged, type Observation } from "../../rule.ts";
import { whyHidden } from "../../why-hidden.ts";

const contactLabel =
  /問い?合わ?せ|問合|苦情|ご?相談|お客様(?:窓口|相談|サポート|センター)|カスタマー|サポート(?:窓口|センター|デスク)?|ご?(?:質問|意見|要望|不明)|窓口|ヘルプデスク|連絡先|ご連絡は|コンタクト|受付(?:窓口)?|電話|tel|(?:contact|support|inquir|enquir|help(?:desk|center)|customerservice|question)/u;
// Said of the place: it takes nothing.
const notTaken =
  /(?:送信専用|配信専用|返信(?:は|で|でき|いただ|頂)|(?:受け?付け|承|対応|お答え|お受け|回答|返答|確認)[^。]{0,12}?(?:おりません|ません|できかね|いたしかね|致しかね|不可))/u;
const optOutPurpose =
  /(?:配信|購読|受信|メルマガ|メール|登録)(?:の|を)?(?:停止|解除|中止|拒否|退会)|空メール|unsubscribe|オプトアウト/u;
const phonePattern =
  /(?:\+?81-?(?:\(0\))?|\(?0)\d{0,4}[-.()・/ー~]{0,2}\d{1,4}[-.()・/ー~]{0,2}\d{3,4}/gu;

export function contactPoint(page: Page, judged: Judged): Observation {
  const seen = [
    ...phones(page, judged),
    ...page.targets.flatMap((target) => fromTarget(page, target, judged)),
  ];
  const good =
    seen.find((one) => one.outcome === "pass") ?? seen.find((one) => one.outcome === "warn");
  return good ?? seen[0] ?? absent(page, judged);
}

/** Digits as they are dialled in Japan: +81 3 … and 03 … are one number. */
export function dialled(text: string): string {
  const digits = foldText(text)
    .replace(/\(0\)/g, "")
    .replace(/[^\d+]/g, "");
  return digits.replace(/^\+?81(?=[1-9])/, "0");
}

function registeredPhones(judged: Judged): string[] {
  return judged.facts.stream.sender.legal.contacts
    .filter((contact) => /^[+\d()０-９（）\s.‐-―−ー-]+$/u.test(contact.trim()))
    .map(dialled);
}

function phones(page: Page, judged: Judged): Observation[] {
  const registered = registeredPhones(judged);
  const found: Observation[] = [];
  const { words } = page;
  for (const { line, start, end } of numbersOf(page)) {
    const number = dialled(words.slice(start, end));
    if (number.length < 9 || number.length > 11) continue;
    const shown = quote(page, start, end, 10);
    const isRegistered = registered.includes(number);
    if (isFax(words, line.start, start, end)) {
      found.push(observe("fail", `"${shown}" is a fax number`, `「${shown}」は FAX 番号です`));
    } else if (!isRegistered) {
      found.push(
        observe(
          "fail",
          `"${shown}" is not a registered phone number`,
          `「${shown}」は登録された電話番号ではありません`,
        ),
      );
    } else if (isNotTaken(page, end)) {
      found.push(
        observe(
          "fail",
          `"${shown}" is said to take no questions`,
          `「${shown}」では受け付けていないとの記載です`,
        ),
      );
    } else
      found.push(
        judgeLegibility(page, start, end) ?? observe("pass", `"${shown}"`, `「${shown}」`),
      );
  }
  return found;
}

/** Numbers as they stand on their lines: the digits at the end of an address above are not the start of one. */
function* numbersOf(page: Page): Generator<{ line: Line; start: number; end: number }> {
  const { words, lines } = page;
  const { gap } = page.folded;
  for (const line of lines) {
    const shown = words.slice(line.start, line.end);
    if (!shown.includes("0") && !shown.includes("81")) continue;
    for (const match of shown.matchAll(phonePattern)) {
      const start = line.start + match.index;
      const end = start + match[0].length;
      const goesOn = end < line.end && gap[end] === gaps.none && /\d/.test(words.charAt(end));
      const isTail =
        start > line.start && gap[start] === gaps.none && /[\d-]/.test(words.charAt(start - 1));
      if (!goesOn && !isTail) yield { line, start, end };
    }
  }
}

/** The nearest label before the number decides; "TEL/FAX" is both. */
function isFax(words: string, lineStart: number, start: number, end: number): boolean {
  const before = words.slice(Math.max(lineStart, start - 30), start);
  const behind = words.slice(end, end + 8);
  if (/^(?:\(|:)?(?:fax|ファックス|ファクス|ファクシミリ)(?!:?[\d(])/u.test(behind)) return true;
  const labels = [
    ...before.matchAll(
      /tel|電話|phone|フリーダイヤル|代表|ナビダイヤル|携帯|(?<fax>fax|ファックス|ファクス|ファクシミリ)|\d{4}(?!.*\d)/gu,
    ),
  ];
  const last = labels.at(-1);
  if (last?.groups?.["fax"] === undefined) return false;
  return !/(?:tel|電話|phone)(?:[/・&、,]|および|及び|兼|or)?$/u.test(before.slice(0, last.index));
}

function isNotTaken(page: Page, end: number): boolean {
  let to = end;
  while (
    to < page.words.length &&
    to - end < 60 &&
    !/[。※!?]/u.test(page.words.charAt(to)) &&
    (page.folded.gap[to] ?? 0) < gaps.line
  )
    to += 1;
  return notTaken.test(page.words.slice(end, to));
}

function fromTarget(page: Page, target: Target, judged: Judged): Observation[] {
  const destination = destinationOf(target);
  const shown = quote(page, target.start, target.end);
  const weak = (): Observation | undefined => judgeLegibility(page, target.start, target.end);
  switch (destination.kind) {
    case "phone":
      if (target.how === "literal") return [];
      return registeredPhones(judged).includes(dialled(destination.digits))
        ? [weak() ?? observe("pass", `phone link "${shown}"`, `電話リンク「${shown}」`)]
        : [
            observe(
              "fail",
              `the phone link "${shown}" is not a registered number`,
              `電話リンク「${shown}」は登録された番号ではありません`,
            ),
          ];
    case "mail":
      return fromMailbox(
        page,
        target,
        destination.address,
        destination.local,
        destination.domain,
        judged,
      );
    case "web": {
      const registered = isRegisteredUrl(destination.url, judged);
      const isWritten = /^https?:\/\//.test(target.text) && destination.url.pathname !== "/";
      const label = labelOf(page, target, contactLabel);
      if (label === undefined && !(registered && isWritten)) return [];
      if (label !== undefined && optOutPurpose.test(foldText(label)) && !registered) return [];
      return registered || isOwnHost(destination.host, judged.facts)
        ? [
            weak() ??
              observe(
                "pass",
                `"${label ?? shown}" at ${destination.host}`,
                `「${label ?? shown}」（${destination.host}）`,
              ),
          ]
        : [
            observe(
              "fail",
              `"${label ?? shown}" leads to ${destination.host}, which is not registered (senders[].legal.contacts)`,
              `「${label ?? shown}」の飛び先 ${destination.host} は登録されていません（senders[].legal.contacts）`,
            ),
          ];
    }
    case "anchor":
    case "nowhere":
      return [];
  }
}

function fromMailbox(
  page: Page,
  target: Target,
  address: string,
  local: string,
  domain: string,
  judged: Judged,
): Observation[] {
  const registered = judged.facts.stream.sender.legal.contacts.some(
    (contact) => contact.toLowerCase() === address.toLowerCase(),
  );
  const line = lineAt(page, target.start);
  const near = page.words.slice(
    Math.max(line.start, target.start - 60),
    Math.min(line.end, target.end + 20),
  );
  if (isNoReply(local))
    return [
      observe(
        "fail",
        `${address} is a mailbox that nobody reads`,
        `${address} は受信しないアドレス（no-reply 等）です`,
      ),
    ];
  if (isNotTaken(page, target.end))
    return [
      observe(
        "fail",
        `${address} is said to take no questions`,
        `${address} では受け付けていないとの記載です`,
      ),
    ];
  if (!registered && optOutPurpose.test(near)) return [];
  if (!registered && !isOwnMailDomain(domain, judged.facts))
    return [
      observe(
        "fail",
        `${address} is not a registered contact`,
        `${address} は登録された連絡先ではありません`,
      ),
    ];
  // An own address that is not registered must be shown as a contact.
  if (!registered && !contactLabel.test(near) && labelOf(page, target, contactLabel) === undefined)
    return [];
  return [
    judgeLegibility(page, target.start, target.end) ??
      observe("pass", `mailbox ${address}`, `メールアドレス ${address}`),
  ];
}

function isRegisteredUrl(url: URL, judged: Judged): boolean {
  return registeredUrls(judged.facts.stream.sender.legal.contacts).some(
    (own) =>
      own.hostname === url.hostname &&
      own.pathname.replace(/\/$/, "") === url.pathname.replace(/\/$/, ""),
  );
}

// One list serves every link of a message.
const urlsOf = new WeakMap<readonly string[], readonly URL[]>();

function registeredUrls(contacts: readonly string[]): readonly URL[] {
  const known = urlsOf.get(contacts);
  if (known !== undefined) return known;
  const urls = contacts
    .filter((contact) => /^https?:/i.test(contact))
    .flatMap((contact) => URL.parse(contact) ?? []);
  urlsOf.set(contacts, urls);
  return urls;
}

function absent(page: Page, judged: Judged): Observation {
  const shown = judged.facts.stream.sender.legal.contacts.join(" / ");
  for (const contact of judged.facts.stream.sender.legal.contacts) {
    const hidden = page.alternative.hidden.find(
      (item) =>
        foldText(item.text).includes(foldText(contact)) ||
        item.link?.target.includes(contact) === true,
    );
    if (hidden !== undefined)
      return observe(
        "fail",
        `${contact} is in the part but not visible: ${whyHidden(hidden).en}`,
        `「${contact}」は記載されていますが、見えません（${whyHidden(hidden).ja}）`,
      );
  }
  return observe(
    "fail",
    `none of ${shown} is visible as a contact`,
    `連絡先（${shown}）が見当たりません`,
  );
}
