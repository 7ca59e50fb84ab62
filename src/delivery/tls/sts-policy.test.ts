import { expect, test } from "vitest";

import { namesHost } from "./sts-policy.ts";

test.each([
  ["mx.example.net", "mx.example.net", true],
  ["mx.example.net", "MX.Example.net.", true],
  ["mx.example.net", "mx2.example.net", false],
  ["*.example.net", "mx.example.net", true],
  ["*.example.net", "a.mx.example.net", false],
  ["*.example.net", "example.net", false],
  ["*.localhost", "localhost", false],
])("%s and the host %s", (pattern, host, names) => {
  expect(namesHost({ mx: [pattern] }, host)).toBe(names);
});
