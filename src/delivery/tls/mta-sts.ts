// Finds the MTA-STS policy of a domain: the cached one as long as it lives, a new one where the record's id changed.
//
// A policy once fetched stays until its max_age has passed, whatever becomes of the record or the web server (RFC 8461
// §3.3, §10.2; threats.md rows 38, 39): blocking a look-up must not take the protection away.
import type { Answer } from "../../dns/resolver.ts";
import type { Domain } from "../../mail/domain.ts";
import type { Log } from "../log.ts";
import type { HttpsClient } from "./https.ts";
import type { StsCache } from "./sts-cache.ts";
import { parseStsPolicy, readStsRecord, type StsPolicy } from "./sts-policy.ts";

/** `failure`: a policy is announced and could not be had; RFC 8460 §4.3.2 names it in reports. */
export interface StsFinding {
  readonly policy?: StsPolicy;
  readonly failure?: "sts-policy-fetch-error" | "sts-policy-invalid" | "sts-webpki-invalid";
}

export interface MtaSts {
  /** Never throws. */
  readonly find: (domain: Domain) => Promise<StsFinding>;
}

export interface MtaStsParts {
  readonly resolver: { readonly txt: (name: string) => Promise<Answer<string>> };
  readonly https: HttpsClient;
  readonly cache: StsCache;
  readonly clock: () => Date;
  readonly log: Log;
}

const refetchAfterFailureMs = 300_000; // RFC 8461 §3.3: no new try within five minutes
const refreshMs = 86_400_000; // §10.2: fetched again daily, so that a live policy never runs out unseen
const failuresMax = 10_000;

export function createMtaSts(parts: MtaStsParts): MtaSts {
  const failed = new Map<string, { readonly at: number; readonly finding: StsFinding }>();
  const underWay = new Map<Domain, Promise<StsFinding>>();

  const find = async (domain: Domain): Promise<StsFinding> => {
    const now = parts.clock().getTime();
    const known = parts.cache.get(domain);
    const live =
      known !== undefined && now < known.fetchedAt.getTime() + known.policy.maxAgeSeconds * 1000
        ? known
        : undefined;
    const record = await parts.resolver.txt(`_mta-sts.${domain}`);
    const id = record.kind === "records" ? readStsRecord(record.records) : undefined;
    const kept: StsFinding = live === undefined ? {} : { policy: live.policy };
    if (id === undefined) return kept;
    if (live?.id === id && now < live.fetchedAt.getTime() + refreshMs) return kept;
    const failure = failed.get(domain);
    if (failure !== undefined && Math.abs(now - failure.at) < refetchAfterFailureMs)
      return { ...failure.finding, ...kept };
    const fetched = await fetchPolicy(domain, parts.https);
    if (fetched.policy === undefined) {
      parts.log.warn({ domain, problem: fetched.problem }, "MTA-STS policy not fetched");
      const finding: StsFinding = fetched.failure === undefined ? {} : { failure: fetched.failure };
      failed.set(domain, { at: now, finding });
      for (const oldest of failed.keys()) {
        if (failed.size <= failuresMax) break;
        failed.delete(oldest);
      }
      return { ...finding, ...kept };
    }
    failed.delete(domain);
    await parts.cache.set(domain, { policy: fetched.policy, id, fetchedAt: parts.clock() });
    return { policy: fetched.policy };
  };

  return {
    find: (domain) => {
      const running = underWay.get(domain);
      if (running !== undefined) return running;
      const finding = find(domain).finally(() => {
        underWay.delete(domain);
      });
      underWay.set(domain, finding);
      return finding;
    },
  };
}

async function fetchPolicy(
  domain: Domain,
  https: HttpsClient,
): Promise<StsFinding & { readonly problem?: string }> {
  const answer = await https.ask({
    host: `mta-sts.${domain}`,
    path: "/.well-known/mta-sts.txt",
  });
  if (answer.kind === "failed")
    return {
      failure: answer.tls ? "sts-webpki-invalid" : "sts-policy-fetch-error",
      problem: answer.problem,
    };
  // RFC 8461 §3.3: redirects must not be followed, and only 200 is a policy; §3.2: its type is text/plain.
  if (answer.status !== 200 || !/^text\/plain\s*(?:;|$)/i.test(answer.contentType))
    return {
      failure: "sts-policy-fetch-error",
      problem: `status ${answer.status}, type ${answer.contentType}`,
    };
  const policy = parseStsPolicy(answer.body.toString("utf8"));
  return policy.kind === "bad"
    ? { failure: "sts-policy-invalid", problem: policy.problem }
    : { policy: policy.value };
}
