// What delivery asks of the signer (src/dkim): one signature header, or the reason why there is none.
import type { Domain } from "../mail/domain.ts";
import type { SplitMessage } from "../mail/header.ts";

export interface Signer {
  /**
   * `message` has every header the recipient will get, `split` is what splitMessage makes of it. `header` ends in CRLF and
   * goes on top as it is. Never throws.
   */
  readonly sign: (
    message: Buffer,
    fromDomain: Domain,
    split: SplitMessage,
  ) => Promise<
    /** `keys`: `<selector>._domainkey.<domain>` of each key used, for the record. */
    | { readonly kind: "signed"; readonly header: string; readonly keys?: readonly string[] }
    | { readonly kind: "unsigned"; readonly detail: string }
  >;
}
