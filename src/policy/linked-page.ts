// Pages of the sender that messages point to, as facts for the rules: what a reader of such a page sees, or why nobody can.
import type { Alternative } from "../content/view.ts";
import { createPage, type Page } from "./page.ts";
import type { Wording } from "./rule.ts";

export type LinkedPage =
  | {
      readonly kind: "read";
      /** What the page shows, as content/ sees it. */
      readonly shown: Alternative;
      /** It has a form, or a frame that may hold one: something to write into. */
      readonly takesInput: boolean;
    }
  /** It is not there or cannot be read, and waiting does not change that. */
  | { readonly kind: "unusable"; readonly why: Wording }
  /** It cannot be had now. */
  | { readonly kind: "away"; readonly why: Wording };

/** By {@link linkedPageKey}. The same object as long as no page has changed. */
export type LinkedPages = ReadonlyMap<string, LinkedPage>;

/** trust: the link is enough · fetch: the page must be read and show it · fetch-if-reachable: unless it cannot be had now. */
export const linkedPageModes = ["trust", "fetch", "fetch-if-reachable"] as const;
export type LinkedPageMode = (typeof linkedPageModes)[number];

/** One page under its several links: the fragment and what campaigns add for statistics (utm_…) do not name it. */
export function linkedPageKey(url: URL): string {
  const plain = new URL(url);
  plain.hash = "";
  const names = Array.from(plain.searchParams.keys());
  for (const name of names) if (name.startsWith("utm_")) plain.searchParams.delete(name);
  return plain.href;
}

const prepared = new WeakMap<LinkedPage, Page>();

/** A page prepared for the rules; kept for as long as the fact lives. */
export function pageOf(linked: Extract<LinkedPage, { kind: "read" }>): Page {
  const known = prepared.get(linked);
  if (known !== undefined) return known;
  const page = createPage(linked.shown);
  prepared.set(linked, page);
  return page;
}
