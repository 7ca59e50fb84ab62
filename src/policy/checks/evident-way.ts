// Whether a target shows by itself that it is for stopping mail: its host or its path says so, or the header names it.
import type { Page, Target } from "../page.ts";
import type { Judged } from "../rule.ts";
import { destinationOf } from "./destination.ts";
import { isOptOutHost, registrable } from "./host.ts";

const speaking =
  /unsub|opt[-_]?out|(?:^|[^a-z])stop(?:$|[^a-z])|cancel|ka[iy]?jo|kaijyo|teishi|haishin|(?:^|[^a-z])leave|remove|tai?kai|withdraw|refus|kyohi|mail-?off|preference/i;

export function isEvidentWay(page: Page, target: Target, judged: Judged): boolean {
  const destination = destinationOf(target);
  switch (destination.kind) {
    case "web":
      return (
        isOptOutHost(destination.host, judged.facts) &&
        destination.url.pathname.length > 1 &&
        (isForNothingElse(destination.host, judged) ||
          isAlone(page, destination.host) ||
          speaking.test(destination.url.pathname + destination.url.search) ||
          judged.view.header.listUnsubscribe.includes(destination.url.href))
      );
    case "mail":
      return (
        speaking.test(destination.local) &&
        (isOptOutHost(destination.domain, judged.facts) ||
          judged.facts.stream.sender.domains.some((own) => own === destination.domain))
      );
    case "phone":
    case "anchor":
    case "nowhere":
      return false;
  }
}

/** A host registered for opt-outs that neither sends the mail nor carries the sender's site. */
function isForNothingElse(host: string, { facts }: Judged): boolean {
  const bare = host.replace(/^www\./, "");
  return bare !== registrable(host) && !facts.stream.sender.domains.some((own) => own === bare);
}

/** No other page of that host is linked to. */
function isAlone(page: Page, host: string): boolean {
  const urls = new Set<string>();
  for (const target of page.targets) {
    const destination = destinationOf(target);
    if (destination.kind === "web" && destination.host === host) urls.add(destination.url.href);
  }
  return urls.size === 1;
}
