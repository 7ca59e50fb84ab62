// Whether the address in From is who sent a message: an aligned DKIM signature or SPF result (RFC 6376, 7208; alignment of RFC 9989).
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { getDomain } from "tldts";

import type { Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";
import type { Resolver } from "./resolver.ts";
import { spfVerdict } from "./spf-verdict.ts";

/** A message as a listener took it in. */
export interface ArrivedMail {
  readonly mailFrom: Address | null;
  readonly content: Buffer;
  readonly helo: string;
  readonly remoteAddress: string;
}

const contentMaxOctets = 1_048_576; // hashed on this thread; what a person writes is far shorter
const deadlineMs = 15_000; // name servers of strangers; the other side waits for its answer
const publicSuffixes = { allowPrivateDomains: true } as const;

/**
 * True only where the message has exactly one From, `from`, and a passing DKIM signature or SPF result of the same
 * organization. A receiver's own policy does not matter here: no proof, no belief. Never throws; slow DNS is no proof.
 */
export async function provesFrom(
  mail: ArrivedMail,
  from: Address,
  resolver: Resolver,
): Promise<boolean> {
  if (mail.content.length > contentMaxOctets) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs);
  });
  try {
    return await Promise.race([prove(mail, from, resolver), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function prove(mail: ArrivedMail, from: Address, resolver: Resolver): Promise<boolean> {
  const dkim = await dkimVerify(mail.content, {
    resolver: (name: string) => textRecords(resolver, name),
    strict: true,
  });
  const [writer, ...others] = dkim.headerFrom ?? [];
  if (dkim.fromFields !== 1 || others.length > 0) return false;
  if (writer?.toLowerCase() !== from.text.toLowerCase()) return false;
  const signed = dkim.results.some(
    ({ status, signingDomain = "", canonBodyLengthLimited }) =>
      status.result === "pass" &&
      canonBodyLengthLimited !== true && // RFC 6376 §8.2: anybody may have written what follows
      isAligned(signingDomain.toLowerCase(), from.domain),
  );
  if (signed) return true;
  const { mailFrom, helo, remoteAddress } = mail;
  if (mailFrom === null || !isAligned(mailFrom.domain, from.domain)) return false;
  const verdict = await spfVerdict(
    { domain: mailFrom.domain, address: remoteAddress, helo },
    resolver,
  );
  return verdict === "pass";
}

function isAligned(domain: string, from: Domain): boolean {
  const organization = getDomain(from, publicSuffixes);
  return (
    domain === from || (organization !== null && getDomain(domain, publicSuffixes) === organization)
  );
}

/** In the shape of node:dns, which mailauth takes. */
async function textRecords(resolver: Resolver, name: string): Promise<string[][]> {
  const answer = await resolver.txt(name);
  if (answer.kind === "records") return answer.records.map((text) => [text]);
  const codes = { nxdomain: "ENOTFOUND", nodata: "ENODATA", unavailable: "ETIMEOUT" } as const;
  throw Object.assign(new Error(answer.kind), { code: codes[answer.kind] });
}
