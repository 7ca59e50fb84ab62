// Where links lead: the short way of reading a host must never differ from the URL parser's.
import fc from "fast-check";
import { expect, test } from "vitest";

import { readDestination } from "./destination.ts";

const hosts = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9.@:\\/?#%_\-[\]]{1,24}$/),
  fc.constantFrom("u.example.jp", "127.1", "0x7f.1", "xn--a.jp", "u.example.jp.", "a@u.example.jp"),
);

test("a web destination's host and scheme are those of the URL parser", () => {
  fc.assert(
    fc.property(fc.constantFrom("https://", "HTTP://"), hosts, hosts, (scheme, host, rest) => {
      const text = `${scheme}${host}/${rest}`;
      const destination = readDestination(text);
      if (destination.kind !== "web") return;
      expect(destination.url.href).toBe(new URL(text).href);
      expect(destination.host).toBe(destination.url.hostname.replace(/\.$/, ""));
      expect(destination.secure).toBe(destination.url.protocol === "https:");
    }),
    { numRuns: 2000 },
  );
});
