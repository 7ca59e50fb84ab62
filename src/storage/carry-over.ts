// What a restored backup must not forget: who said stop, whom mail may not be sent to, and who was erased since it was made.
import { everyEvent } from "../audit/received.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import type { Act, Ledger, NewConsent, Page } from "../consent/ledger.ts";
import { parseAddress } from "../mail/address.ts";
import { parseDomain } from "../mail/domain.ts";

interface Books {
  readonly ledger: Pick<
    Ledger,
    "listConsents" | "recordConsents" | "listSuppressions" | "suppress" | "erase"
  >;
  readonly audit: Pick<AuditLog, "search">;
}

/** How many were not there yet. */
export interface CarriedOver {
  /** Withdrawals, pauses and expiries of consents. */
  readonly stops: number;
  readonly suppressions: number;
  readonly erasures: number;
}

const pageRows = 1000;

/**
 * Brings over what `to` lacks of it. What only permits stays behind: a grant, a lifted suppression, whoever came back after
 * an erasure. Rejects where `from` cannot be read; `to` is then to be thrown away.
 */
export async function carryOver(from: Books, to: Books, act: Act): Promise<CarriedOver> {
  const stops = await carryStops(from, to);
  const suppressions = await carrySuppressions(from, to);
  return { stops, suppressions, erasures: await carryErasures(from, to, act) };
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
