// Composes the desk that reads senders' pages: resolver, address guard, bounded fetching, reading in a thread of its own.
import type { Config } from "../config/config.ts";
import { createAddressGuard } from "../delivery/address-guard.ts";
import type { Resolver } from "../dns/resolver.ts";
import type { PageDesk } from "../intake/page-desk.ts";
import { createTimedPool, type TimedPool } from "../intake/timed-pool.ts";
import type { LinkedPage } from "../policy/linked-page.ts";
import { fetchPage, type FetchParts } from "./fetch-page.ts";
import { createPageDesk, type PageDeskParts } from "./page-desk.ts";

export interface Pages extends PageDesk, AsyncDisposable {}

interface PagesParts {
  readonly settings: Config["pages"];
  readonly resolver: Pick<Resolver, "a" | "aaaa">;
  readonly log: PageDeskParts["log"];
  /** PEM, trusted beside the runtime's own. */
  readonly authorities?: readonly string[];
}

/** Costs nothing until a message needs a page: the thread is started then. */
export function createPages({ settings, resolver, log, authorities = [] }: PagesParts): Pages {
  const { allowPrivate, timeoutMs } = settings;
  const guard = createAddressGuard(allowPrivate);
  const onlyPublic = createAddressGuard([]);
  const fetching: FetchParts = {
    resolver,
    guard,
    anyPort: (address) => onlyPublic.refuse(address) !== undefined, // then it is one of allow_private
    authorities,
    timeoutMs,
  };
  let pool: TimedPool<{ readonly contentType: string }, object, LinkedPage> | undefined;
  const readOctets = async (octets: Buffer, contentType: string): Promise<LinkedPage> => {
    pool ??= createTimedPool(
      { worker: new URL("./read-worker.ts", import.meta.url), name: "readTask" },
      { threads: 1 },
    );
    const outcome = await pool.run(octets, { contentType });
    switch (outcome.kind) {
      case "done":
        return outcome.result;
      case "failed":
        log.warn({ err: outcome.cause, why: outcome.why }, "page not read by its thread");
        return {
          kind: "unusable",
          why: { en: "it takes too long to read", ja: "読み取りに時間がかかりすぎます" },
        };
      case "busy":
        return { kind: "away", why: { en: "too many wait to be read", ja: "読み取り待ちです" } };
    }
  };
  const desk = createPageDesk({
    ...settings,
    log,
    now: () => performance.now(),
    read: async (url) => {
      const fetched = await fetchPage(url, fetching);
      return fetched.kind === "page" ? readOctets(fetched.octets, fetched.contentType) : fetched;
    },
  });
  return {
    ...desk,
    [Symbol.asyncDispose]: async () => {
      await pool?.[Symbol.asyncDispose]();
    },
  };
}
