// Links that the reader cannot open, or should not: local, private, example hosts, scripts, empty targets.
import { quote, type Page, type Target } from "../page.ts";
import { observe, type Judged, type Observation } from "../rule.ts";
import { destinationOf } from "./destination.ts";
import { isPrivateHost, isReservedHost } from "./host.ts";

export function unsafeLink(judged: Judged): readonly Observation[] {
  return judged.pages.map((page) => {
    let worst: Observation | undefined;
    for (const target of page.targets) {
      const problem = problemOf(page, target, judged);
      if (problem?.outcome === "fail" || worst === undefined) worst = problem;
      if (worst?.outcome === "fail") break;
    }
    return {
      ...(worst ?? observe("pass", "every link can be opened", "リンクに問題はありません")),
      part: page.alternative.part,
    };
  });
}

function problemOf(page: Page, target: Target, judged: Judged): Observation | undefined {
  const destination = destinationOf(target);
  const told = (): string => quote(page, target.start, target.end);
  switch (destination.kind) {
    case "web":
      return isPrivateHost(destination.host) || isReservedHost(destination.host, judged.facts)
        ? observe(
            "fail",
            `"${told()}" leads to ${destination.host}`,
            `「${told()}」の飛び先が ${destination.host} です`,
          )
        : undefined;
    case "mail":
      return isReservedHost(destination.domain, judged.facts) && target.how === "link"
        ? observe(
            "fail",
            `"${told()}" is a mailbox at ${destination.domain}`,
            `「${told()}」の宛先が ${destination.domain} です`,
          )
        : undefined;
    case "nowhere":
      if (destination.why === "placeholder") return undefined; // human/placeholder says so
      if (destination.why === "script")
        return /^(?:cid|webcal|line|intent|fb|twitter|itms|market|geo|maps|callto|skype|whatsapp|viber|zoommtg|msteams|news|ftp):/i.test(
          destination.what,
        ) ||
          (/^[a-z][a-z0-9+.-]{3,}:\/\//i.test(destination.what) &&
            !/^(?:file|javascript|vbscript|data|about|chrome|blob)/i.test(destination.what))
          ? undefined
          : observe(
              "fail",
              `"${told()}" leads to ${destination.what}`,
              `「${told()}」の飛び先が ${destination.what} です`,
            );
      if (target.how === "literal") return undefined;
      return observe(
        "warn",
        `"${told()}" leads nowhere (${destination.what === "" ? "empty" : destination.what})`,
        `「${told()}」の飛び先が設定されていません（${destination.what === "" ? "空" : destination.what}）`,
      );
    case "anchor":
    case "phone":
      return undefined;
  }
}
