import { expect, test } from "vitest";

import { pages } from "./export.ts";

test("a long walk lets other work of this thread through between two pages", async () => {
  const seen: string[] = [];
  const fetch = ({ cursor = "0" }: { readonly cursor?: string }) => {
    const n = Number(cursor);
    seen.push(`page ${n}`);
    setImmediate(() => {
      seen.push("other work");
    });
    return Promise.resolve({ items: [n], next: n < 2 ? String(n + 1) : null });
  };
  const items: number[] = [];
  for await (const item of pages(fetch)) items.push(item);
  expect(items).toEqual([0, 1, 2]);
  expect(seen).toEqual(["page 0", "other work", "page 1", "other work", "page 2"]);
});
