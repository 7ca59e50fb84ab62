// Whether the address in From is who sent a message: an aligned DKIM signature or SPF result (RFC 6376, 7208; alignment of RFC 9989).
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { getDomain } from "tldts";

import { foldAddress, type Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";
import { headOf, readField, type HeaderField } from "../mail/header.ts";
import { parseMailboxes } from "../mail/mailbox.ts";
import type { Resolver } from "./resolver.ts";
import { spfVerdict } from "./spf-verdict.ts";

/** A message as a listener took it in. */
export interface ArrivedMail {
  readonly mailFrom: Address | null;
  readonly content: Buffer;
  readonly helo: string;
  readonly remoteAddress: string;
}

/** Whose mail it says it is, and the mailbox of ours that it came to. */
export interface Claim {
  readonly from: Address;
  readonly mailbox: Address;
}

const contentMaxOctets = 262_144; // hashed on this thread; what a person writes is far shorter
const signaturesMax = 10; // a mail that was passed on has two or three; each is a look-up and a computation
const deadlineMs = 15_000; // name servers of strangers; the other side waits for its answer
const publicSuffixes = { allowPrivateDomains: true } as const;

/**
 * True only where the message has exactly one From, `claim.from`, and a passing DKIM signature or SPF result of the same
 * organization. A signature proves what it covers: it has to cover a To or Cc that names the mailbox, so that nobody
 * brings a mail here that was written to somebody else, and the subject, where there is one. A receiver's own policy
 * does not matter here: no proof, no belief. Never throws; slow DNS is no proof.
 */
export async function provesFrom(
  mail: ArrivedMail,
  claim: Claim,
  resolver: Resolver,
): Promise<boolean> {
  if (mail.content.length > contentMaxOctets) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs);
  });
  try {
    return await Promise.race([prove(mail, claim, resolver), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function prove(
  { content, mailFrom, helo, remoteAddress }: ArrivedMail,
  { from, mailbox }: Claim,
  resolver: Resolver,
): Promise<boolean> {
  const { fields, malformed, isWhole } = headOf(content);
  // What is no field to us may be one to the verifier.
  if (!isWhole || malformed.length > 0 || isExcessive(fields)) return false;
  const dkim = await dkimVerify(content, {
    resolver: (name: string) => textRecords(resolver, name),
    strict: true,
  });
  const [writer, ...others] = dkim.headerFrom ?? [];
  if (dkim.fromFields !== 1 || others.length > 0) return false;
  if (writer?.toLowerCase() !== from.text.toLowerCase()) return false;
  const subjects = fields.filter(({ key }) => key === "subject").length;
  const signed = dkim.results.some(
    ({ status, signingDomain = "", signingHeaders }) =>
      status.result === "pass" &&
      isAligned(signingDomain.toLowerCase(), from.domain) &&
      coversWords(signingHeaders?.headers ?? [], subjects, mailbox),
  );
  if (signed) return true;
  if (mailFrom === null || !isAligned(mailFrom.domain, from.domain)) return false;
  const verdict = await spfVerdict(
    { domain: mailFrom.domain, address: remoteAddress, helo },
    resolver,
  );
  return verdict === "pass";
}

/**
 * Whether trying the signatures costs more than they are worth. Each `l=` is a hash of its own over the body, and proves
 * nothing: anybody may have written what follows (RFC 6376 §8.2).
 */
function isExcessive(fields: readonly HeaderField[]): boolean {
  const signatures = fields.filter(({ key }) => key === "dkim-signature");
  return (
    signatures.length > signaturesMax ||
    signatures.some(({ value }) => /(?:^|;)\s*l\s*=/i.test(value))
  );
}

/**
 * `covered`: the fields that a signature covers, as they stand in the message. A subject beside the one it covers was put
 * there by anybody.
 */
function coversWords(covered: readonly string[], subjects: number, mailbox: Address): boolean {
  const fields = covered.map((raw) => readField(raw)).filter((field) => field !== undefined);
  const covers = (key: string): readonly HeaderField[] =>
    fields.filter((field) => field.key === key);
  if (subjects > 1 || covers("subject").length !== subjects) return false;
  return [...covers("to"), ...covers("cc")].some(({ value }) => {
    const named = parseMailboxes(value);
    return (
      named.kind === "ok" &&
      named.value.some(({ address }) => foldAddress(address) === foldAddress(mailbox))
    );
  });
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
