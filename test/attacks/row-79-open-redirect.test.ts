// Ways to say "elsewhere" that look like a path.
import fc from "fast-check";
import { expect, test } from "vitest";

import { ownPath } from "../../src/http/own-path.ts";

test.each([
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "\\/evil.example",
  "https://evil.example",
  "https:evil.example",
  "http:/evil.example",
  "javascript:alert(1)",
  "/\t/evil.example",
  "/\n/evil.example",
  "\t//evil.example",
  " //evil.example",
  "/ /evil",
  "/x/..//evil.example",
  "/.//evil.example",
  "/%2e//evil.example",
  "/%2e%2e//evil.example",
  "evil.example",
  "@evil.example",
  "",
  "/\u2028/evil",
  "/／evil.example",
])("row 79: %j leads home", (next) => {
  expect(ownPath(next)).toBe("/");
});

test("row 79: an own path stays, and nothing leads to another origin", () => {
  expect(ownPath("/console/held?id=1#top")).toBe("/console/held?id=1#top");
  expect(ownPath(undefined)).toBe("/");
  const piece = fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "%2e",
    "%2f",
    "@",
    ":",
    "evil.example",
    "?",
    "#",
    "a",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const way = ownPath(pieces.join(""));
      expect(new URL(way, "https://own.example").origin).toBe("https://own.example");
      expect(way.startsWith("/") && !way.startsWith("//")).toBe(true);
    }),
  );
});
