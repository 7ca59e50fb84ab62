// Whether a link or address is one by which a reader can really refuse mail, at a host the operator registered.
import { legibility, quote, type Page, type Target } from "../page.ts";
import { observe, type Judged, type Observation, type Wording } from "../rule.ts";
import { ownToken, strangerIn } from "./link-owner.ts";
import { unfinishedLink } from "./unfinished-link.ts";
import { isNoReply, destinationOf, type Destination } from "./destination.ts";
import { isOptOutHost, isOwnMailDomain, isPrivateHost, isReservedHost, isShortener, lookAlike } from "./host.ts"; // prettier-ignore

/** `sendOnly`: the text says that answers to the From address are not read. */
export function judgeOptOutTarget(
  page: Page,
  target: Target,
  judged: Judged,
  sendOnly: boolean,
): Observation {
  const destination = destinationOf(target);
  const shown = shorten(target.raw);
  switch (destination.kind) {
    case "nowhere":
      return nowhere(destination, quote(page, target.start, target.end));
    case "anchor":
      return observe(
        "fail",
        `the link "${shown}" leads to a place in the message itself`,
        `リンク「${shown}」はメール内の位置を指しているだけです`,
      );
    case "phone":
      return observe(
        "fail",
        "a phone number is neither a mail address nor a URL",
        "電話番号は、電子メールアドレスにも URL にも当たりません",
      );
    case "mail":
      return judgeMailbox(target, destination, judged, sendOnly);
    case "web":
      return judgeWeb(page, target, destination, judged);
  }
}

function nowhere(destination: Destination & { kind: "nowhere" }, words: string): Observation {
  switch (destination.why) {
    case "empty":
      return observe(
        "fail",
        `the link "${words}" leads nowhere`,
        `リンク「${words}」の飛び先が設定されていません`,
      );
    case "placeholder":
      return observe(
        "fail",
        `the placeholder ${destination.what} was not filled in`,
        `差し込み項目 ${destination.what} が置換されていません`,
      );
    case "script":
    case "broken":
      return observe(
        "fail",
        `the link "${words}" has no target that a mail client opens: ${destination.what}`,
        `リンク「${words}」の飛び先（${destination.what}）はメールソフトで開けません`,
      );
  }
}

function judgeMailbox(
  { raw }: Target,
  destination: Destination & { kind: "mail" },
  judged: Judged,
  sendOnly: boolean,
): Observation {
  const { address, local, domain } = destination;
  if (isNoReply(local))
    return observe(
      "fail",
      `${address} is by its name a mailbox that nobody reads`,
      `${address} は受信しないアドレス（no-reply 等）です`,
    );
  const isFrom = judged.view.header.from.some(
    (from) => from.address.text.toLowerCase() === address.toLowerCase(),
  );
  if (isFrom && sendOnly)
    return observe(
      "fail",
      `${address} is the sending address, and the text says that it is for sending only`,
      `${address} は送信元アドレスですが、本文に「送信専用」とあります`,
    );
  const stranger = strangerIn(destination, raw, judged);
  if (stranger !== undefined) return ofAnother(stranger);
  if (isOptOutHost(domain, judged.facts) || isOwnMailDomain(domain, judged.facts))
    return observe("pass", `mailbox ${address}`, `配信停止用アドレス ${address}`);
  return observe(
    "fail",
    `the mailbox ${address} is at a domain that is not registered for opt-outs`,
    `アドレス ${address} のドメインは配信停止先として登録されていません`,
  );
}

function judgeWeb(
  page: Page,
  target: Target,
  destination: Destination & { kind: "web" },
  judged: Judged,
): Observation {
  const { facts } = judged;
  const { host, secure, url } = destination;
  const isListed = isOptOutHost(host, facts);
  if (!isListed && isShortener(host))
    return observe(
      "fail",
      `${host} is a link shortener: the reader cannot see where it leads`,
      `${host} は短縮 URL で、飛び先が分かりません`,
    );
  if (!isListed) {
    if (isPrivateHost(host) || isReservedHost(host, facts))
      return observe(
        "fail",
        `${host} is a local, private or example host`,
        `${host} はローカル・プライベート・例示用のホストです`,
      );
    const own = lookAlike(host, facts);
    return own === undefined
      ? observe(
          "fail",
          `${host} is not registered as an opt-out host`,
          `${host} は配信停止先のホストとして登録されていません`,
        )
      : observe(
          "fail",
          `${host} is not registered and looks like ${own}`,
          `${host} は未登録で、${own} と紛らわしいホストです`,
        );
  }
  if (isPrivateHost(host))
    return observe(
      "fail",
      `${host} is a local or private host`,
      `${host} はローカルまたはプライベートのホストです`,
    );
  const stranger = strangerIn(destination, target.raw, judged);
  if (stranger !== undefined) return ofAnother(stranger);
  const token = ownToken(url, host, facts);
  const owner = token === undefined ? undefined : facts.tokenOwners?.get(token);
  if (owner === "other" || owner === "nobody") return ofToken(owner);
  const seen = secure
    ? (misleading(target, host) ??
      unfinishedLink(page, target, url) ??
      observe("pass", `link to ${host}`, `${host} へのリンク`))
    : notSecure(host);
  return token === undefined || owner !== undefined ? seen : { ...seen, tokens: [token] };
}

function notSecure(host: string): Observation {
  return {
    ...observe(
      "warn",
      `the link to ${host} is http, not https`,
      `${host} へのリンクが https ではなく http です`,
    ),
    remedy: {
      en: "Let the opt-out link begin with https://.",
      ja: "配信停止リンクを https:// で始まる URL にしてください。",
    },
  };
}

function ofAnother(stranger: string): Observation {
  return {
    ...observe(
      "fail",
      `the link carries the address of another person (${stranger})`,
      `リンクに別の受信者のアドレス（${stranger}）が含まれています`,
    ),
    remedy: ownLink,
  };
}

function ofToken(owner: "other" | "nobody"): Observation {
  return {
    ...(owner === "other"
      ? observe(
          "fail",
          "the opt-out link was made for another recipient: it would stop that person's mail",
          "別の受信者用に発行された配信停止リンクです（その人の配信が停止されます）",
        )
      : observe(
          "fail",
          "the opt-out link is none that this gateway made: it stops nothing",
          "このゲートウェイが発行した配信停止リンクではないため、機能しません",
        )),
    remedy: ownLink,
  };
}

const ownLink: Wording = {
  en: "Let the tool fill in each recipient's own opt-out link (a template made from a mail that was received still holds that reader's), or write {{sekisho.unsubscribe_url}} and let the gateway fill it in.",
  ja: "受信者ごとの配信停止リンクを差し込んでください（受信したメールをテンプレートにすると、その受信者のリンクが残ります）。{{sekisho.unsubscribe_url}} と記載すれば、ゲートウェイが差し込みます。",
};

/** The visible words are a URL of another host than the link's. */
function misleading(target: Target, host: string): Observation | undefined {
  if (target.how !== "link" || !/^https?:\/\//.test(target.text) || !URL.canParse(target.text))
    return undefined;
  const shown = new URL(target.text).hostname;
  return shown === host
    ? undefined
    : observe(
        "warn",
        `the link shows ${shown} and leads to ${host}`,
        `表示は ${shown} ですが、リンク先は ${host} です`,
      );
}

/** Refusing by answering: the answer must come to a mailbox whose mail the gateway or a registered host takes in. */
export function replyTarget(judged: Judged, sendOnly: boolean): Observation {
  if (sendOnly)
    return observe(
      "fail",
      "the text asks for a reply and says that the address is for sending only",
      "「返信してください」とありますが、送信専用アドレスとも書かれています",
    );
  const { header } = judged.view;
  const [mailbox] = header.replyTo.length > 0 ? header.replyTo : header.from;
  if (mailbox === undefined)
    return observe("fail", "there is no address to reply to", "返信先のアドレスがありません");
  const { address } = mailbox;
  if (isNoReply(address.local))
    return observe(
      "fail",
      `replies go to ${address.text}, which nobody reads`,
      `返信先 ${address.text} は受信しないアドレスです`,
    );
  return isOptOutHost(address.domain, judged.facts)
    ? observe("pass", `by reply to ${address.text}`, `${address.text} への返信で受け付け`)
    : observe(
        "fail",
        `replies go to ${address.text}, and nothing there is registered to take opt-outs`,
        `返信先 ${address.text} は配信停止を受け付けるホストとして登録されていません`,
      );
}

/** Whether words can be seen at all, however badly. */
export function isShown(page: Page, { start, end }: Pick<Target, "start" | "end">): boolean {
  return legibility(page, start, end).contrast > 1.2;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
