// Where links lead: the short way of reading a host must never differ from the URL parser's.
import fc from "fast-check";
import { expect, test } from "vitest";

import { isNoReply, readDestination } from "./destination.ts";

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

const web = (host: string, secure = true): object => ({ kind: "web", host, secure });
const mail = (address: string, local: string, domain: string): object => ({
  kind: "mail",
  address,
  local,
  domain,
});
const nowhere = (why: string, what: string): object => ({ kind: "nowhere", why, what });
test.each<[string, object]>([
  ["https://u.example.jp", web("u.example.jp")],
  ["http://U.Example.JP/a?b=c", web("u.example.jp", false)],
  ["https://u.example.jp./", web("u.example.jp")],
  ["https://u.example.jp/a?b=%E3%81%82#c", web("u.example.jp")],
  [" https://u.exa\nmple.jp/ ", web("u.example.jp")],
  ["https://例え.jp/", web("xn--r8jz45g.jp")],
  ["https://127.1/", web("127.0.0.1")],
  ["https://a@u.example.jp/", nowhere("broken", "https://a@u.example.jp/")],
  ["https://:b@u.example.jp/", nowhere("broken", "https://:b@u.example.jp/")],
  ["https://", nowhere("broken", "https://")],
  ["", nowhere("empty", "")],
  [" \t", nowhere("empty", "")],
  ["#", nowhere("empty", "#")],
  ["#stop", { kind: "anchor" }],
  ["javascript:void(0)", nowhere("script", "javascript:void(0)")],
  ["xhttps://u.example.jp", nowhere("script", "xhttps://u.example.jp")],
  ["stop.html", nowhere("broken", "stop.html")],
  ["tel:+81-3-0000-0000", { kind: "phone", digits: "+81300000000" }],
  ["SMS:090 0000 0000", { kind: "phone", digits: "09000000000" }],
  ["mailto:Stop@Example.JP", mail("Stop@Example.JP", "stop", "example.jp")],
  ["MAILTO:stop@example.jp?subject=a@b", mail("stop@example.jp", "stop", "example.jp")],
  ["mailto:stop%40example.jp", mail("stop@example.jp", "stop", "example.jp")],
  ["mailto:100%@example.jp", mail("100%@example.jp", "100%", "example.jp")],
  ["mailto: a@example.jp , b@example.com", mail("a@example.jp", "a", "example.jp")],
  ["stop@example.jp", mail("stop@example.jp", "stop", "example.jp")],
  ["mailto:a@b@example.jp.", mail("a@b@example.jp.", "a@b", "example.jp")],
  ["mailto:", nowhere("empty", "mailto:")],
  ["mailto:?subject=stop", nowhere("empty", "mailto:")],
  ["mailto:@example.jp", nowhere("broken", "@example.jp")],
  ["mailto:stop@localhost", nowhere("broken", "stop@localhost")],
  ["mailto:stop@example.j", nowhere("broken", "stop@example.j")],
  ["mailto:stop", nowhere("broken", "stop")],
])("%j leads to %o", (raw, destination) => {
  expect(readDestination(raw)).toMatchObject(destination);
});

test("a link with a placeholder leads nowhere, wherever it stands", () => {
  for (const raw of ["https://u.example.jp/?id={{id}}", "mailto:{{address}}", "{{unsubscribe}}"])
    expect(readDestination(raw)).toMatchObject({ kind: "nowhere", why: "placeholder" });
});

test("only a link that the URL parser leaves as it is counts as written plainly", () => {
  const plainOf = (raw: string): unknown => {
    const destination = readDestination(raw);
    return destination.kind === "web" ? destination.plain : destination.kind;
  };
  expect(plainOf("https://u.example.jp/a?b=c")).toBe("https://u.example.jp/a?b=c");
  for (const raw of [
    "https://u.example.jp/a b",
    "https://u.example.jp:443/",
    "https://u.example.jp/%61",
    "https://-a.example.jp/",
    "https://a-.example.jp/",
    ` https://u.example.jp/`,
    `https://u.example.jp/${"a".repeat(4096)}`,
  ])
    expect([raw.slice(0, 40), plainOf(raw)]).toEqual([raw.slice(0, 40), undefined]);
});

test("what is told of a broken link is short", () => {
  for (const raw of [`x${"y".repeat(200)}`, `data:${"y".repeat(200)}`, `mailto:${"y".repeat(200)}`])
    expect(readDestination(raw)).toMatchObject({
      what: expect.stringMatching(/^.{80}$/) as string,
    });
});

test.each([
  ["no-reply", true],
  ["noreply", true],
  ["No.Reply-news", true],
  ["do-not-reply", true],
  ["donotreply", true],
  ["dont_reply", true],
  ["never-reply", true],
  ["news-noreply", true],
  ["mailer-daemon", true],
  ["bounce", true],
  ["bounces", true],
  ["postmaster", true],
  ["null", true],
  ["devnull", true],
  ["soushin-senyo", true],
  ["soushinsenyo", true],
  ["reply", false],
  ["news", false],
  ["support", false],
  ["bouncer", false],
  ["my-postmaster", false],
  ["casino-reply", false],
])("a mailbox %s is one that nobody reads: %s", (local, isOne) => {
  expect(isNoReply(local)).toBe(isOne);
});
