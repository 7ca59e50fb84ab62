// What a receiver's SPF check says of mail from one of our addresses: mailauth's evaluator on our resolver.
import { spf } from "mailauth/lib/spf/index.js";

import type { Answer, Resolver } from "./resolver.ts";

export type SpfVerdict =
  "pass" | "fail" | "softfail" | "neutral" | "none" | "permerror" | "temperror";

const evaluationMaxMs = 20_000; // RFC 7208 §4.6.4 wants at least 20 s

/** Never throws: what goes wrong is `temperror`. */
export async function spfVerdict(
  mail: { readonly domain: string; readonly address: string; readonly helo: string },
  resolver: Resolver,
): Promise<SpfVerdict> {
  try {
    const { status } = await spf({
      sender: `postmaster@${mail.domain}`,
      ip: mail.address,
      helo: mail.helo,
      mta: mail.helo,
      strict: true,
      maxElapsedTime: evaluationMaxMs,
      // Its type forgets that MX records are objects.
      resolver: async (name: string, type: string) => (await ask(resolver, name, type)) as string[],
    });
    return verdicts.find((verdict) => verdict === status.result) ?? "temperror";
  } catch {
    return "temperror";
  }
}

const verdicts = ["pass", "fail", "softfail", "neutral", "none", "permerror"] as const;

/** In the shape of node:dns, which mailauth takes: records, or an error with a code. */
async function ask(resolver: Resolver, name: string, type: string): Promise<unknown[]> {
  switch (type) {
    case "TXT":
      return recordsOf(await resolver.txt(name)).map((text) => [text]);
    case "A":
      return [...recordsOf(await resolver.a(name))];
    case "AAAA":
      return [...recordsOf(await resolver.aaaa(name))];
    case "MX":
      return recordsOf(await resolver.mx(name)).map(({ preference, exchange }) => ({
        priority: preference,
        exchange,
      }));
    default:
      throw withCode("ENODATA"); // PTR is asked for the ptr term only, which nobody should rely on.
  }
}

function recordsOf<T>(answer: Answer<T>): readonly T[] {
  switch (answer.kind) {
    case "records":
      return answer.records;
    case "nxdomain":
      throw withCode("ENOTFOUND");
    case "nodata":
      throw withCode("ENODATA");
    case "unavailable":
      throw withCode("ETIMEOUT");
  }
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
