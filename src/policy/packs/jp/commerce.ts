// What 特定商取引法 wants an advertising mail to show: its items or a link to them, and the seller's mail address.
import { isNoReply, destinationOf } from "../../checks/destination.ts";
import { isOwnMailDomain } from "../../checks/host.ts";
import { linkOut, standsFor } from "../../checks/link-out.ts";
import { judgeLegibility } from "../../checks/opt-out-reading.ts";
import type { Page } from "../../page.ts";
import { observe, type Judged, type Observation } from "../../rule.ts";

const itemsLabel =
  /特定商取引(?:に関する法律|法)?(?:に(?:基づく|もとづく|関する|よる))?|特商法|通信販売法に基づく|通販法/u;

/** Items that a message without the link must carry itself (施行規則 23条). */
const items: readonly (readonly [string, RegExp])[] = [
  ["価格", /円|価格|¥|無料/u],
  ["送料", /送料|配送料|ダウンロード/u],
  ["支払方法", /支払|お支払い|決済|クレジット/u],
  ["引渡時期", /引渡|引き渡し|発送|お届け|納期|配送/u],
  ["返品", /返品|返金|キャンセル|解除/u],
];

export function commercialItems(page: Page, judged: Judged): Observation {
  const link = linkOut(page, judged, itemsLabel, itemsOn);
  if (link !== undefined && standsFor(link)) return link;
  const missing = missingItems(page);
  if (missing.length === 0)
    return observe(
      "pass",
      "the items stand in the message itself",
      "表示事項が本文に記載されています",
    );
  if (link !== undefined) return link;
  return observe(
    "fail",
    `no link 特定商取引法に基づく表記, and these items are not in the message: ${missing.join(", ")}`,
    `「特定商取引法に基づく表記」へのリンクがなく、本文に次の事項もありません：${missing.join("、")}`,
  );
}

function missingItems(page: Page): readonly string[] {
  return items.filter(([, pattern]) => !pattern.test(page.words)).map(([item]) => item);
}

function itemsOn(linked: Page): Observation {
  const missing = missingItems(linked);
  return missing.length === 0
    ? observe("pass", "every item", "表示事項")
    : observe("fail", `without ${missing.join(", ")}`, `${missing.join("、")}がありません`);
}

export function sellerMailbox(page: Page, judged: Judged): Observation {
  let problem: Observation | undefined;
  for (const target of page.targets) {
    const destination = destinationOf(target);
    if (destination.kind !== "mail") continue;
    const { address, local, domain } = destination;
    const isShown = target.text.includes(address.toLowerCase());
    if (isNoReply(local))
      problem ??= observe(
        "fail",
        `${address} is a mailbox that nobody reads`,
        `${address} は受信しないアドレスです`,
      );
    else if (!isOwnMailDomain(domain, judged.facts))
      problem ??= observe(
        "fail",
        `${address} is not at a domain of the sender`,
        `${address} は送信者のドメインではありません`,
      );
    else if (!isShown)
      problem ??= observe(
        "fail",
        `${address} is the target of a link only, its text does not show it`,
        `${address} はリンク先にあるだけで、文字として表示されていません`,
      );
    else
      return (
        judgeLegibility(page, target.start, target.end) ??
        observe("pass", `mailbox ${address}`, `メールアドレス ${address}`)
      );
  }
  return (
    problem ??
    observe(
      "fail",
      "no mail address of the seller is visible",
      "販売業者のメールアドレスが見当たりません",
    )
  );
}
