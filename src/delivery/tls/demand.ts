// What a connection to one host must prove before mail is given to it.
import { createHash } from "node:crypto";

import type { TlsaRecord } from "../../dns/validating-resolver.ts";

/**
 * encrypt: TLS 1.2 or later, any certificate. verify: a certificate that is valid for the host's name too, because the
 * operator or the domain's MTA-STS policy says so. dane: a certificate that the domain's signed TLSA records name.
 */
export type TlsDemand =
  | { readonly kind: "encrypt" }
  | { readonly kind: "verify"; readonly by: "operator" | "mta-sts" }
  | {
      readonly kind: "dane";
      /** Usable ones only, at least one: usage 2 or 3 (RFC 7672 §3.1). */
      readonly records: readonly TlsaRecord[];
      /** Names that a certificate under usage 2 may be for; the first one is the TLSA base domain, for SNI. */
      readonly names: readonly string[];
    };

/** The same for equal demands: a connection that met one demand is not used for another. */
export function demandKey(demand: TlsDemand): string {
  switch (demand.kind) {
    case "encrypt":
      return "encrypt";
    case "verify":
      return "verify"; // one proof, whoever asks for it
    case "dane": {
      const hash = createHash("sha256").update(demand.names.join(" "));
      for (const { usage, selector, matchingType, data } of demand.records)
        hash.update(`\n${usage} ${selector} ${matchingType} `).update(data);
      return `dane ${hash.digest("base64")}`;
    }
  }
}
