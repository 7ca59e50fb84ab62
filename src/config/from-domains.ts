// Which domains may stand in From, over all senders.
import { parseDomain } from "../mail/domain.ts";
import type { GatewayFile } from "./schema/gateway.ts";

/** As A-labels; what is no domain is told elsewhere. */
export function fromDomains(senders: GatewayFile["senders"]): readonly string[] {
  return senders
    .flatMap((sender) => sender.domains)
    .map(parseDomain)
    .flatMap((parsed) => (parsed.kind === "ok" ? [parsed.value] : []));
}
