// The domains that return paths and opt-out mailboxes are at, and those that they once were at: what was sent with them lies
// in people's mailboxes, and a wish to stop has no date after which it may be ignored (特定電子メール法 3条3項).
//
// Each new one is written to the audit log (`Config`, return-domains, with all that are known) before mail leaves with it.
import type { Config } from "../config/config.ts";
import type { Domain } from "../mail/domain.ts";
import { parseDomain } from "../mail/domain.ts";
import type { Office } from "../office.ts";

export interface ReturnDomains {
  /** Those of now and all former ones. */
  readonly all: () => readonly Domain[];
  /** As a reload asks its parts (reload/takeover.ts). Rejects where a new domain cannot be recorded. */
  readonly prepare: (
    config: Config,
  ) => Promise<{ readonly commit: () => void; readonly abandon: () => Promise<void> }>;
}

const change = "return-domains";
const pageMax = 500; // events of the configuration read at once

/** Rejects with the store's error. */
export async function openReturnDomains(office: Office): Promise<ReturnDomains> {
  let known = new Set(await recorded(office));
  const withRecorded = async (config: Config): Promise<ReadonlySet<Domain>> => {
    const next = new Set([...known, ...returnDomainsOf(config)]);
    if (next.size > known.size)
      await office.storage.audit.append([
        {
          type: "Config",
          at: office.clock(),
          actor: "gateway",
          detail: { change, domains: [...next] },
        },
      ]);
    return next;
  };
  const former = (config: Config): readonly Domain[] => {
    const current = returnDomainsOf(config);
    return [...known].filter((domain) => !current.includes(domain));
  };
  known = new Set(await withRecorded(office.config));
  const gone = former(office.config);
  if (gone.length > 0) office.log.info({ domains: gone }, stillTaken);
  return {
    all: () => [...known],
    prepare: async (config) => {
      const next = await withRecorded(config);
      const before = former(office.config);
      return {
        commit: () => {
          known = new Set(next);
          const lost = former(config).filter((domain) => !before.includes(domain));
          if (lost.length > 0) office.log.warn({ domains: lost }, stillTaken);
        },
        abandon: () => Promise.resolve(),
      };
    },
  };
}

const stillTaken =
  "mail to former bounce and feedback domains is still taken: leave their MX in DNS";

/** None where no listener takes what comes back: nothing then leaves with one of them. */
export function returnDomainsOf({ feedback }: Pick<Config, "feedback">): readonly Domain[] {
  const { domain, bounceDomains } = feedback;
  return domain === undefined ? [] : [...new Set([domain, ...Object.values(bounceDomains)])];
}

/** From the last record, which has them all. */
async function recorded({ storage }: Office): Promise<readonly Domain[]> {
  let cursor: string | undefined;
  do {
    const { items, next } = await storage.audit.search({
      types: ["Config"],
      newestFirst: true,
      limit: pageMax,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { detail } of items) {
      const domains = detail?.["change"] === change ? detail["domains"] : undefined;
      if (Array.isArray(domains)) return domains.flatMap(toDomain);
    }
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return [];
}

function toDomain(text: string): readonly Domain[] {
  const parsed = parseDomain(text);
  return parsed.kind === "ok" ? [parsed.value] : [];
}
