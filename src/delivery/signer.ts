// What delivery asks of the signer (src/dkim): one signature header, or the reason why there is none.
import type { Domain } from "../mail/domain.ts";

export interface Signer {
  /** `message` has every header the recipient will get. `header` ends in CRLF and goes on top as it is. Never throws. */
  readonly sign: (
    message: Buffer,
    fromDomain: Domain,
  ) => Promise<
    /** `keys`: `<selector>._domainkey.<domain>` of each key used, for the record. */
    | { readonly kind: "signed"; readonly header: string; readonly keys?: readonly string[] }
    | { readonly kind: "unsigned"; readonly detail: string }
  >;
}
