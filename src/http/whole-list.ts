// Lists that are short and read as a whole (keys, senders, tokens …), in pages for whoever asks for pages.
import Type from "typebox";

import { closed, pageMax, paging } from "./fields.ts";

const mark = "after "; // what every cursor of ours begins with

/** Query of such a list. */
export const wholeListQuery = Type.Object(
  {
    cursor: paging.cursor,
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: pageMax, description: "At most so many; absent: all." }),
    ),
  },
  closed,
);

/**
 * The part that was asked for, in the order of `nameOf`, which tells the items apart: what is made or removed between two
 * pages makes none of the others come twice or not at all. Without cursor and limit all of it, as it is. Throws a RangeError
 * for a cursor that is none.
 */
export function partOf<Item>(
  items: readonly Item[],
  { cursor, limit }: { readonly cursor?: string; readonly limit?: number },
  nameOf: (item: Item) => string,
): { readonly items: readonly Item[]; readonly next: string | null } {
  if (cursor === undefined && limit === undefined) return { items, next: null };
  const last = cursor === undefined ? undefined : readCursor(cursor);
  const rest = items
    .map((item) => ({ item, name: nameOf(item) }))
    .filter(({ name }) => last === undefined || name > last)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const part = rest.slice(0, limit);
  const end = part.at(-1);
  return {
    items: part.map(({ item }) => item),
    next: end === undefined || part.length === rest.length ? null : cursorAfter(end.name),
  };
}

function cursorAfter(name: string): string {
  return Buffer.from(mark + name).toString("base64url");
}

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  if (!text.startsWith(mark)) throw new RangeError("not a cursor of this list");
  return text.slice(mark.length);
}
