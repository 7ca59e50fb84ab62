// Whether a target shows by itself that it is for stopping mail: its host or its path says so, or the header names it.
import type { Page, Target } from "../page.ts";
import type { Judged } from "../rule.ts";
import { destinationOf } from "./destination.ts";
import { isOptOutHost, registrable } from "./host.ts";

const speaking =
  /unsub|opt[-_]?out|(?:^|[^a-z])stop(?:$|[^a-z])|cancel|ka[iy]?jo|kaijyo|teishi|haishin|(?:^|[^a-z])leave|remove|tai?kai|withdraw|refus|kyohi|mail-?off|preference/i;

/** The first targets of the page that show it, in reading order. */
export function evidentWays(page: Page, judged: Judged): Target[] {
  const linked = pagesLinkedAt(page);
  const found: Target[] = [];
  for (const target of page.targets.slice(0, targetsMax)) {
    if (found.length >= waysMax) break;
    if (isEvident(target, judged, linked)) found.push(target);
  }
  return found;
}

const targetsMax = 2000; // links looked at; no mail that a person reads has more
const waysMax = 20;

function isEvident(
  target: Target,
  judged: Judged,
  linked: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  const destination = destinationOf(target);
  switch (destination.kind) {
    case "web":
      return (
        isOptOutHost(destination.host, judged.facts) &&
        destination.url.pathname.length > 1 &&
        (isForNothingElse(destination.host, judged) ||
          linked.get(destination.host)?.size === 1 ||
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

/** The pages of each host that the text leads to. */
function pagesLinkedAt(page: Page): Map<string, Set<string>> {
  const linked = new Map<string, Set<string>>();
  for (const target of page.targets.slice(0, targetsMax)) {
    const destination = destinationOf(target);
    if (destination.kind !== "web") continue;
    const urls = linked.get(destination.host) ?? new Set<string>();
    linked.set(destination.host, urls.add(destination.url.href));
  }
  return linked;
}

/** A host registered for opt-outs that neither sends the mail nor carries the sender's site. */
function isForNothingElse(host: string, { facts }: Judged): boolean {
  const bare = host.replace(/^www\./, "");
  return bare !== registrable(host) && !facts.stream.sender.domains.some((own) => own === bare);
}
