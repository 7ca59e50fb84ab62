// Addresses that one recipient could read of another in To and Cc.
import { foldAddress } from "../../mail/address.ts";
import { observe, type Judged, type Observation } from "../rule.ts";

const visibleAddressesMax = 1; // one person's mail shows that person alone

export function recipientsExposed({ view }: Judged): readonly Observation[] {
  const { to, cc } = view.header;
  const distinct = new Set([...to, ...cc].map((mailbox) => foldAddress(mailbox.address)));
  if (distinct.size <= visibleAddressesMax)
    return [
      observe(
        "pass",
        distinct.size === 1 ? "To and Cc show one address" : "To and Cc show no address",
        `To・Cc のアドレスは ${distinct.size} 件です`,
        "header",
      ),
    ];
  // The addresses themselves are personal data and stay out of the evidence.
  return [
    observe(
      "fail",
      `${distinct.size} addresses are shown (To ${to.length}, Cc ${cc.length})`,
      `${distinct.size} 件のアドレスが表示されています（To ${to.length} 件、Cc ${cc.length} 件）`,
      "header",
    ),
  ];
}
