// A domain name as SMTP and DNS carry it: lower-case A-labels.
import { domainToASCII } from "node:url";

import { bad, ok, type Parsed } from "./parsed.ts";

declare const brand: unique symbol;

/** Lower-case, A-labels only, no trailing dot, at least two labels. Made by {@link parseDomain} alone. */
export type Domain = string & { readonly [brand]: "Domain" };

const domainMaxOctets = 255; // RFC 5321 §4.5.3.1.2
// Most domains have this form, in which nothing is left to convert; a-labels (xn--) still need their punycode checked.
const plainDomain =
  /^(?=.{1,255}$)(?!.*xn--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const labelPattern = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/; // RFC 1035 §2.3.4, RFC 1123 §2.1

/** Accepts U-labels (RFC 5890) and gives A-labels. Address literals and single labels are refused (RFC 5321 §2.3.5). */
export function parseDomain(text: string): Parsed<Domain> {
  const trimmed = text.endsWith(".") ? text.slice(0, -1) : text;
  if (plainDomain.test(trimmed)) return ok(trimmed as Domain);
  if (trimmed.length === 0) return bad("has an empty domain");
  if (trimmed.startsWith("[")) return bad("has an address literal in place of a domain name");
  // domainToASCII follows the URL standard, which forgives characters that a mail domain may not have.
  if (/[\s/?#@:%\\[\]<>"^`{|}]/.test(trimmed))
    return bad("has a character that no domain name may have");
  const ascii = domainToASCII(trimmed).toLowerCase();
  if (ascii.length === 0) return bad("has a domain that is not a valid name");
  if (ascii.length > domainMaxOctets) return bad("has a domain longer than 255 octets");
  const labels = ascii.split(".");
  if (labels.length < 2) return bad("has a domain without a dot");
  if (!labels.every((label) => labelPattern.test(label)))
    return bad("has a domain that is not a valid name");
  if (/^\d+$/.test(labels.at(-1) ?? "")) return bad("has an IP address in place of a domain name");
  return ok(ascii as Domain); // Here and in the line of the plain form alone does a string become a Domain.
}

/** Whether `domain` is `parent` or below it. */
export function isWithin(domain: Domain, parent: Domain): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}
