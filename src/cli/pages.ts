// Reads a list page by page up to a limit: no list is ever held in memory whole.
import type { Page } from "../consent/ledger.ts";

const pageSize = 500;

/** Calls `each` for at most `limit` items. */
export async function pages<T>(
  limit: number,
  fetch: (cursor: { readonly cursor?: string }, limit: number) => Promise<Page<T>>,
  each: (item: T) => void,
): Promise<void> {
  let left = limit;
  let cursor: string | null = null;
  do {
    const page: Page<T> = await fetch(cursor === null ? {} : { cursor }, Math.min(left, pageSize));
    for (const item of page.items) each(item);
    left -= page.items.length;
    cursor = page.next;
  } while (cursor !== null && left > 0);
}

/** "one of a, b, c", for the help of an option with a closed list. */
export function oneOf(values: readonly string[]): string {
  return `one of ${values.join(", ")}`;
}
