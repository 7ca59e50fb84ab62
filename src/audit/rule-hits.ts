// What each rule did in a window of time, and whether people agreed: shows which rule earns its keep.
import type { AuditLog } from "./log.ts";
import { everyEvent } from "./received.ts";

export interface RuleHits {
  readonly rule: string;
  readonly refused: number;
  readonly held: number;
  /** Of those held: let go by a person, so that the rule was wrong or too strict. */
  readonly released: number;
  /** Of those held: stopped by a person, so that the rule was right. */
  readonly rejected: number;
  /** In shadow: would have been refused. */
  readonly observed: number;
}

const heldMax = 200_000; // messages remembered until a person's word on them comes

type Counter = { -readonly [key in Exclude<keyof RuleHits, "rule">]: number };

/** Most hits first. */
export async function countRuleHits(
  audit: Pick<AuditLog, "search">,
  window: {
    readonly since?: Date;
    readonly until?: Date;
    readonly stream?: string;
    readonly sender?: string;
  },
): Promise<readonly RuleHits[]> {
  const hits = new Map<string, Counter>();
  const heldBy = new Map<string, readonly string[]>();
  const add = (rules: readonly string[], what: keyof Counter): void => {
    for (const rule of rules) {
      const counter = hits.get(rule) ?? {
        refused: 0,
        held: 0,
        released: 0,
        rejected: 0,
        observed: 0,
      };
      counter[what] += 1;
      hits.set(rule, counter);
    }
  };
  const types = ["Refusal", "Held", "Observed", "Released", "Rejected"] as const;
  for await (const { type, detail, messageId = "" } of everyEvent(audit, { ...window, types })) {
    const named = detail?.["rules"];
    const rules = Array.isArray(named) ? named.filter((rule) => typeof rule === "string") : [];
    if (type === "Refusal") add(rules, "refused");
    if (type === "Observed" && typeof detail?.["rule"] === "string")
      add([detail["rule"]], "observed");
    if (type === "Held") {
      add(rules, "held");
      if (heldBy.size < heldMax) heldBy.set(messageId, rules);
    }
    if (type === "Released" || type === "Rejected") {
      add(heldBy.get(messageId) ?? [], type === "Released" ? "released" : "rejected");
      heldBy.delete(messageId);
    }
  }
  const total = ({ refused, held, observed }: Counter): number => refused + held + observed;
  return [...hits]
    .toSorted(([, left], [, right]) => total(right) - total(left))
    .map(([rule, counter]) => ({ rule, ...counter }));
}
