// What a restored backup must not forget: who said stop, whom mail may not be sent to, who was erased since it was made, and
// what an operator has stopped.
import { everyEvent } from "../audit/received.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import type { Act, Ledger, NewConsent, Page } from "../consent/ledger.ts";
import { parseAddress } from "../mail/address.ts";
import { parseDomain } from "../mail/domain.ts";
import { formatTarget, type FreezeStore } from "../queue/freeze.ts";

interface Books {
  readonly ledger: Pick<
    Ledger,
    "listConsents" | "recordConsents" | "listSuppressions" | "suppress" | "erase"
  >;
  readonly audit: Pick<AuditLog, "search">;
  readonly freezes: Pick<FreezeStore, "list" | "freeze" | "pauses" | "pause">;
}

/** How many were not there yet. */
export interface CarriedOver {
  /** Withdrawals, pauses and expiries of consents. */
  readonly stops: number;
  readonly suppressions: number;
  readonly erasures: number;
  /** And pauses of destinations, streams and senders. */
  readonly freezes: number;
}

const pageRows = 1000;

/**
 * Brings over what `to` lacks of it. What only permits stays behind: a grant, a lifted suppression or freeze, whoever came
 * back after an erasure. Rejects where `from` cannot be read; `to` is then to be thrown away.
 */
export async function carryOver(from: Books, to: Books, act: Act): Promise<CarriedOver> {
  const stops = await carryStops(from, to);
  const suppressions = await carrySuppressions(from, to);
  const erasures = await carryErasures(from, to, act);
  return { stops, suppressions, erasures, freezes: await carryFreezes(from, to) };
}

async function carryStops(from: Books, to: Books): Promise<number> {
  let carried = 0;
  await eachPage(
    (cursor) => from.ledger.listConsents({ ...cursor, limit: pageRows }),
    async (items) => {
      const stops = items.flatMap(({ address, ...event }): readonly NewConsent[] => {
        if (event.kind === "granted") return [];
        const parsed = address === undefined ? undefined : parseAddress(address);
        // Of an erased person by index alone, as it stood there.
        return [{ event, ...(parsed?.kind === "ok" ? { address: parsed.value } : {}) }];
      });
      if (stops.length > 0) carried += (await to.ledger.recordConsents(stops)).recorded;
    },
  );
  return carried;
}

async function carrySuppressions(from: Books, to: Books): Promise<number> {
  let carried = 0;
  await eachPage(
    (cursor) => from.ledger.listSuppressions({ ...cursor, limit: pageRows }),
    async (items) => {
      const entries = items.map(({ address = "", ...suppression }) => {
        const parsed = suppression.ofDomain ? parseDomain(address) : parseAddress(address);
        return { suppression, ...(parsed.kind === "ok" ? { target: parsed.value } : {}) };
      });
      carried += (await to.ledger.suppress(entries, { onlyLonger: true })).recorded;
    },
  );
  return carried;
}

async function carryErasures(from: Books, to: Books, act: Act): Promise<number> {
  const nameOf = ({ subject, at }: AuditEvent): string => `${subject ?? ""} ${at.getTime()}`;
  const known = new Set<string>();
  for await (const event of everyEvent(to.audit, { types: ["Erasure"] })) known.add(nameOf(event));
  let carried = 0;
  for await (const event of everyEvent(from.audit, { types: ["Erasure"] })) {
    if (event.subject === undefined || known.has(nameOf(event))) continue;
    if ((await to.ledger.erase(event.subject, act)).erased) carried += 1;
  }
  return carried;
}

async function carryFreezes({ freezes: from }: Books, { freezes: to }: Books): Promise<number> {
  let carried = 0;
  const frozen = new Set((await to.list()).map(formatTarget));
  for (const { reason, actor, at, ...target } of await from.list()) {
    if (frozen.has(formatTarget(target))) continue;
    await to.freeze(target, reason, { actor, at });
    carried += 1;
  }
  const paused = new Set((await to.pauses()).map(formatTarget));
  for (const { reason, actor, at, ...target } of await from.pauses()) {
    if (paused.has(formatTarget(target))) continue;
    await to.pause(target, reason, { actor, at });
    carried += 1;
  }
  return carried;
}

async function eachPage<Item>(
  fetch: (cursor: { readonly cursor?: string }) => Promise<Page<Item>>,
  take: (items: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await fetch(cursor === undefined ? {} : { cursor });
    if (page.items.length > 0) await take(page.items);
    cursor = page.next;
  }
}
