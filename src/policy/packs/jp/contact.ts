// CONTACT: a registered phone number, a mailbox that is read, or a page that takes questions and complaints.
import { optOutReading } from "../../checks/opt-out.ts";
import { judgeLegibility } from "../../checks/opt-out-reading.ts";
import { isNoReply, destinationOf, type Destination } from "../../checks/destination.ts";
import { areFollowed, follow, type FittingLink } from "../../checks/follow.ts";
import { isOwnHost, isOwnMailDomain } from "../../checks/host.ts";
import { labelOf } from "../../checks/link-out.ts";
import { foldText } from "../../normalise.ts";
import { onceFor } from "../../once-for.ts";
import { lineAt, quote, type Page, type Target } from "../../page.ts";
import { observe, type Judged, type Observation } from "../../rule.ts";
import { tellUnseen } from "../../checks/unseen.ts";
import {
  asksQuestions,
  contactLabel,
  isNotTaken,
  optOutPurpose,
  takesNoCalls,
} from "./contact-words.ts";
import { japanese } from "./language.ts";
import { dialled, phonesOn } from "./phone.ts";

type Web = Extract<Destination, { kind: "web" }>;

export function contactPoint(page: Page, judged: Judged): Observation {
  const fitting: FittingLink[] = [];
  const seen = contactsOn(page, judged, areFollowed(judged) ? fitting : undefined);
  const good = best(seen);
  if (good !== undefined) return good;
  const there = follow(fitting, judged, (linked, { takesInput }) => {
    const found = best(contactsOn(linked, judged));
    if (found !== undefined) return found;
    return takesInput
      ? observe("pass", "a form", "フォーム")
      : observe(
          "fail",
          "neither a registered contact nor a form",
          "登録された連絡先もフォームもありません",
        );
  });
  return there ?? seen[0] ?? absent(page, judged);
}

/** Links to pages of the sender go to `fitting` where that is given: the page has the last word on them. */
function contactsOn(page: Page, judged: Judged, fitting?: FittingLink[]): Observation[] {
  return [
    ...phones(page, judged),
    ...page.targets.flatMap((target) => fromTarget(page, target, judged, fitting)),
  ];
}

function best(seen: readonly Observation[]): Observation | undefined {
  return seen.find((one) => one.outcome === "pass") ?? seen.find((one) => one.outcome === "warn");
}

const phonesIn = onceFor((contacts: readonly string[]) =>
  contacts
    .map((contact) => contact.normalize("NFKC")) // ０３－… as an input method writes it
    .filter((contact) => /^[+\d()\s.‐-―−ー-]+$/u.test(contact.trim()))
    .map(dialled),
);

function registeredPhones(judged: Judged): readonly string[] {
  return phonesIn(judged.facts.stream.sender.legal.contacts);
}

function phones(page: Page, judged: Judged): Observation[] {
  const registered = registeredPhones(judged);
  return phonesOn(page.text).map(({ number, shown, start, end, isFax }) => {
    if (isFax) return observe("fail", `"${shown}" is a fax number`, `「${shown}」は FAX 番号です`);
    if (!registered.includes(number))
      return observe(
        "fail",
        `"${shown}" is not a registered phone number`,
        `「${shown}」は登録された電話番号ではありません`,
      );
    if (takesNoCalls(page.text) || isNotTaken(page, end, "phone"))
      return observe(
        "fail",
        `"${shown}" is said to take no questions`,
        `「${shown}」では受け付けていないとの記載です`,
      );
    return judgeLegibility(page, start, end) ?? observe("pass", `"${shown}"`, `「${shown}」`);
  });
}

function fromTarget(
  page: Page,
  target: Target,
  judged: Judged,
  fitting?: FittingLink[],
): Observation[] {
  const destination = destinationOf(target);
  const shown = (): string => quote(page, target.start, target.end);
  const weak = (): Observation | undefined => judgeLegibility(page, target.start, target.end);
  switch (destination.kind) {
    case "phone":
      if (target.how === "literal") return [];
      return registeredPhones(judged).includes(dialled(destination.digits))
        ? [weak() ?? observe("pass", `phone link "${shown()}"`, `電話リンク「${shown()}」`)]
        : [
            observe(
              "fail",
              `the phone link "${shown()}" is not a registered number`,
              `電話リンク「${shown()}」は登録された番号ではありません`,
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
      const registered = isRegisteredUrl(destination, judged);
      const label = labelOf(page, target, contactLabel);
      const isWritten =
        registered && /^https?:\/\//.test(target.text) && destination.url.pathname !== "/";
      if (label === undefined && !isWritten) return [];
      if (label !== undefined && !registered && isForStopping(page, target, label, judged))
        return [];
      const words = label ?? shown();
      if (!registered && !isOwnHost(destination.host, judged.facts))
        return [
          observe(
            "fail",
            `"${words}" leads to ${destination.host}, which is not registered (senders[].legal.contacts)`,
            `「${words}」の飛び先 ${destination.host} は登録されていません（senders[].legal.contacts）`,
          ),
        ];
      const seen =
        weak() ??
        observe("pass", `"${words}" at ${destination.host}`, `「${words}」（${destination.host}）`);
      if (fitting === undefined || seen.outcome === "fail") return [seen];
      fitting.push({ words, url: destination.url, seen });
      return [];
    }
    case "anchor":
    case "nowhere":
      return [];
  }
}

/** "受信を希望しない旨のご連絡はこちら": what stops the mail takes no complaints, unless it says so. */
function isForStopping(page: Page, target: Target, label: string, judged: Judged): boolean {
  const words = foldText(label);
  if (optOutPurpose.test(words)) return true;
  if (asksQuestions.test(words)) return false;
  return optOutReading(page, judged, japanese).ways.some((way) => way.target === target);
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
  if (isNotTaken(page, target.end, "mail"))
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

/** Asks for the URL only where the host is one: a message has hundreds of links, and URLs are slow to read. */
function isRegisteredUrl(web: Web, judged: Judged): boolean {
  return registeredUrls(judged.facts.stream.sender.legal.contacts).some(
    (own) =>
      own.hostname.replace(/\.$/, "") === web.host &&
      own.hostname === web.url.hostname &&
      own.pathname.replace(/\/$/, "") === web.url.pathname.replace(/\/$/, ""),
  );
}

const registeredUrls = onceFor((contacts: readonly string[]) =>
  contacts
    .filter((contact) => /^https?:/i.test(contact))
    .flatMap((contact) => URL.parse(contact) ?? []),
);

function absent(page: Page, judged: Judged): Observation {
  const shown = judged.facts.stream.sender.legal.contacts.join(" / ");
  for (const contact of judged.facts.stream.sender.legal.contacts) {
    const hidden = page.alternative.hidden.find(
      (item) =>
        foldText(item.text).includes(foldText(contact)) ||
        item.link?.target.includes(contact) === true,
    );
    if (hidden !== undefined) return tellUnseen({ words: contact, hidden });
  }
  return observe(
    "fail",
    `none of ${shown} is visible as a contact`,
    `連絡先（${shown}）が見当たりません`,
  );
}
