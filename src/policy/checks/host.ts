// What kind of host a link leads to: registered, the sender's own, reserved, private, a shortener, or a look-alike.
import { getDomain, parse } from "tldts";

import { detach } from "../../mail/detach.ts";
import type { JudgeFacts } from "../judge.ts";
import { onceFor } from "../once-for.ts";

// RFC 2606, RFC 6761, RFC 6762, RFC 8375: names that no reader can open.
const reservedTlds = new Set([
  "test",
  "example",
  "invalid",
  "localhost",
  "local",
  "internal",
  "lan",
  "localdomain",
]);
const exampleDomains = new Set(["example.com", "example.net", "example.org"]);
const shorteners = new Set([
  "bit.ly", "t.co", "tinyurl.com", "ow.ly", "goo.gl", "is.gd", "v.gd", "buff.ly", "x.gd", "cutt.ly", "rebrand.ly",
  "rb.gy", "t.ly", "s.id", "shorturl.at", "tiny.cc", "bl.ink", "lnkd.in", "amzn.to", "onl.la", "urx.nu", "urx2.nu",
  "ux.nu", "00m.in", "p.tl", "j.mp", "dlvr.it", "ift.tt", "soo.gd", "adf.ly", "lin.ee", "page.link", "qr.paps.jp",
]); // prettier-ignore

const withPrivate = { allowPrivateDomains: true, validateHostname: false } as const;

/** The registrable domain, public suffixes of hosting companies counted as such; undefined for IP addresses. */
export function registrable(host: string): string | undefined {
  const known = registrables.get(host);
  if (known !== undefined) return known.domain;
  const own = detach(host);
  const domain = getDomain(own, withPrivate) ?? undefined;
  if (registrables.size >= keptHostsMax) registrables.clear();
  registrables.set(own, { domain });
  return domain;
}

/** Whether the host ends in a public suffix that registries give out (the ICANN part of the Public Suffix List). */
export function hasKnownSuffix(host: string): boolean {
  return parse(host, { validateHostname: false }).isIcann === true;
}

const keptHostsMax = 1000; // the links of a message lead to a handful
const registrables = new Map<string, { readonly domain: string | undefined }>();

export function isShortener(host: string): boolean {
  return shorteners.has(host) || shorteners.has(registrable(host) ?? "");
}

/** Loopback, link-local, private and unspecified addresses (RFC 1918, 4193, 6598, 6890) and names of one label. */
export function isPrivateHost(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  if (host.startsWith("["))
    return /^\[(::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*|::ffff:.*)\]$/.test(host);
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)?.slice(1).map(Number);
  if (octets === undefined) return !host.includes(".");
  const [a = 0, b = 0] = octets;
  return (
    a === 10 || a === 127 || a === 0 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) ||
    (a === 169 && b === 254) || (a === 100 && b >= 64 && b <= 127) || a >= 224
  ); // prettier-ignore
}

/** Names set aside for documentation and tests. A host that the operator registered is never one (closed networks). */
export function isReservedHost(host: string, facts: JudgeFacts): boolean {
  const reserved =
    reservedTlds.has(host.slice(host.lastIndexOf(".") + 1)) ||
    host.endsWith(".home.arpa") ||
    exampleDomains.has(registrable(host) ?? host);
  return reserved && !isOwnHost(host, facts) && !isOptOutHost(host, facts);
}

/**
 * Whether an opt-out may lead there. Exactly the listed hosts: a subdomain may be run by somebody else, and the list is
 * the operator's word that this very host takes refusals.
 */
export function isOptOutHost(host: string, facts: JudgeFacts): boolean {
  return (
    plainHosts(facts.stream.sender.legal.optOutHosts).has(host) ||
    plainHosts(facts.gatewayHosts).has(host)
  );
}

const plainHosts = onceFor((listed: readonly string[]) => new Set(listed.map(plain)));

/** Whether the host is under a registrable domain of the sender: its From domains, its contacts, its opt-out hosts. */
export function isOwnHost(host: string, facts: JudgeFacts): boolean {
  const domain = registrable(host);
  return ownHosts(facts.stream.sender).some(
    (own) =>
      host === own.host ||
      host.endsWith(`.${own.host}`) ||
      (domain !== undefined && own.domain === domain),
  );
}

const ownHosts = onceFor(({ domains, legal }: JudgeFacts["stream"]["sender"]) =>
  [...domains, ...contactHosts(legal.contacts), ...legal.optOutHosts]
    .map(plain)
    .map((host) => ({ host, domain: registrable(host) })),
);

/** Whether mail to this domain reaches the sender by its own registration. */
export function isOwnMailDomain(domain: string, facts: JudgeFacts): boolean {
  return (
    facts.stream.sender.domains.some((own) => own === domain) ||
    contactHosts(facts.stream.sender.legal.contacts).some((own) => own === domain)
  );
}

/** The registered host that this one could be taken for, if it is none itself. */
export function lookAlike(host: string, facts: JudgeFacts): string | undefined {
  const listed = [
    ...facts.stream.sender.legal.optOutHosts,
    ...facts.gatewayHosts,
    ...facts.stream.sender.domains,
  ];
  for (const own of listed.map(plain)) {
    if (own === host || own === "") continue;
    if (host.startsWith(`${own}.`) || host.includes(own.replaceAll(".", "-"))) return own;
    if (skeleton(host) === skeleton(own) || isOneEditApart(host, own)) return own;
  }
  return host.includes("xn--") ? "a name in other letters" : undefined;
}

/** Hosts of the registered contacts' URLs and mail addresses. */
const contactHosts = onceFor((contacts: readonly string[]) =>
  contacts.flatMap((contact) => {
    if (/^https?:/i.test(contact)) return URL.parse(contact)?.hostname ?? [];
    const at = contact.lastIndexOf("@");
    return at === -1 ? [] : [contact.slice(at + 1).toLowerCase()];
  }),
);

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/** Letters that look alike made one (UTS 39 in small, for ASCII). */
function skeleton(host: string): string {
  return host
    .replaceAll("rn", "m")
    .replaceAll("vv", "w")
    .replace(/[0]/g, "o")
    .replace(/[1i]/g, "l")
    .replaceAll("-", "");
}

function isOneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  return Math.max(endA, endB) - start <= 1;
}
