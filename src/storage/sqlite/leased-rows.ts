// The rows of recipients that were leased by the commit that stored them, remembered until they are settled: most are,
// a moment later, and need not be looked for. Others may change a row meanwhile; whoever settles one finds out.
import type { RecipientRow } from "./recipient-end.ts";

const rememberedMax = 4000; // some 500 octets each; the recipients that go straight to their attempts are half as many

export interface LeasedRows {
  readonly note: (recipientId: string, row: RecipientRow) => void;
  /** The row, which is forgotten with that. */
  readonly take: (recipientId: string) => RecipientRow | undefined;
  /** After a rollback, or where rows were removed: a number may come again, as another message's. */
  readonly forget: () => void;
}

export function createLeasedRows(): LeasedRows {
  const rows = new Map<string, RecipientRow>();
  return {
    note: (recipientId, row) => {
      if (rows.size >= rememberedMax) rows.clear();
      rows.set(recipientId, row);
    },
    take: (recipientId) => {
      const row = rows.get(recipientId);
      if (row !== undefined) rows.delete(recipientId);
      return row;
    },
    forget: () => {
      rows.clear();
    },
  };
}
