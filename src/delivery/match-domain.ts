// Whether a pattern of the configuration holds for a domain.
import type { Domain } from "../mail/domain.ts";

/** `*` matches every domain, `*.example.jp` those below it, anything else itself. */
export function matchDomain(pattern: string, domain: Domain): boolean {
  return (
    pattern === "*" ||
    pattern.toLowerCase() === domain ||
    (pattern.startsWith("*.") && domain.endsWith(pattern.slice(1).toLowerCase()))
  );
}
