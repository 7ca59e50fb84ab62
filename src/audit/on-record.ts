// Whether a sender or stream that is not in the configuration was there once: its mail and its people are in the log.
import type { EventType } from "./event.ts";
import type { AuditLog } from "./log.ts";

/** Not the acts of operators, who may have mistyped the name. */
const types: readonly EventType[] = ["Reception", "Delivery", "Consent", "Unsubscribe"];

/** At once where nothing bears the name; a walk over the log where only acts of operators do. */
export async function isOnRecord(
  audit: Pick<AuditLog, "search">,
  name: { readonly sender: string } | { readonly stream: string },
): Promise<boolean> {
  const { items } = await audit.search({ ...name, types, newestFirst: true, limit: 1 });
  return items.length > 0;
}
