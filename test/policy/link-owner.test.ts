// Whose opt-out a link is (law.md U33): addresses in every spelling, envelopes, and tokens of this gateway.
import { expect, test } from "vitest";

import type { TokenOwner } from "../../src/policy/checks/link-owner.ts";
import type { Finding } from "../../src/policy/finding.ts";
import type { JudgeFacts } from "../../src/policy/judge.ts";
import { factsFor, judgeMail, outcomeOf } from "../support/judged-mail.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64url");
const hex = (text: string): string => Buffer.from(text).toString("hex");

function look(link: string, more: Partial<JudgeFacts> = {}, to = "taro@example.net"): Finding {
  const found = judgeMail({ to, text: `配信停止はこちら\n${link}` }, factsFor({}, more)).find(
    (one) => one.rule === "jp/opt-out-address",
  );
  if (found === undefined) throw new Error("the rule was not asked");
  return found;
}

/** The same link for a person. */
const links: readonly (readonly [string, (who: string) => string])[] = [
  ["in the query", (who) => `https://u.example.jp/x?email=${encodeURIComponent(who)}`],
  ["encoded twice", (who) => `https://u.example.jp/x?e=${encodeURIComponent(encodeURIComponent(who))}`],
  ["in the path", (who) => `https://u.example.jp/stop/${who}/now`],
  ["in the fragment", (who) => `https://u.example.jp/#${encodeURIComponent(who)}`],
  ["in the path, with a name", (who) => `https://u.example.jp/stop/email=${who}`],
  ["in the fragment, with a name", (who) => `https://u.example.jp/#email=${who}`],
  ["in a query of the fragment", (who) => `https://u.example.jp/#/stop?email=${who}`],
  ["in base64", (who) => `https://u.example.jp/x?id=${base64(who)}`],
  ["in base64 of JSON", (who) => `https://u.example.jp/u/${base64(JSON.stringify({ id: 12, email: who }))}`],
  ["in hexadecimal", (who) => `https://u.example.jp/x?id=${hex(who)}`],
  ["in base64, encoded for a query", (who) => `https://u.example.jp/x?id=${base64(`n=12&email=${encodeURIComponent(who)}`)}`],
  ["in base64 between bars", (who) => `https://u.example.jp/x?id=${base64(`12|${who}|news`)}`],
  ["in base64 behind a number and a dash", (who) => `https://u.example.jp/x?id=${base64(`12-${who}`)}`],
  ["in base64 between a number and dots", (who) => `https://u.example.jp/x?id=${base64(`12.${who}.9`)}`],
  ["in base64 before a number", (who) => `https://u.example.jp/x?id=${base64(`${who}_9`)}`],
  ["in a JSON Web Token", (who) => `https://u.example.jp/x?t=${base64('{"alg":"HS256"}')}.${base64(JSON.stringify({ sub: who }))}.c2ln`],
  ["beside octets of another charset", (who) => `https://u.example.jp/x?q=%94%7A%90%4D%20${encodeURIComponent(who)}`],
  ["encoded three times", (who) => `https://u.example.jp/x?e=${encodeURIComponent(encodeURIComponent(encodeURIComponent(who)))}`],
  ["as all of the query", (who) => `https://u.example.jp/x?${encodeURIComponent(who)}`],
  ["in other letters' case", (who) => `https://u.example.jp/x?email=${who.toUpperCase()}`],
]; // prettier-ignore

for (const [how, link] of links) {
  test(`another's address ${how} fails, masked; the recipient's own passes`, () => {
    const wrong = look(link("hanako@example.net"));
    expect(wrong.outcome).toBe("fail");
    expect(wrong.evidence).toContain("(h***@example.net)");
    expect(wrong.evidence).not.toContain("hanako");
    expect(look(link("taro@example.net")).outcome).toBe("pass");
  });
}

test.each(["a+b", "taro.yamada+news", "o'brien", "a=b", "a%41", "50%off", "a..b", "-a-", "12", "{a}", "a|b", "email=x"])(
  "a link that carries %s@… as written, encoded or in base64 is that person's own",
  (local) => {
    const who = `${local}@docomo.ne.jp`;
    const more = { recipients: [who] };
    for (const spelt of [who, encodeURIComponent(who), base64(who), base64(`12:${who}`)])
      expect(look(`https://u.example.jp/x?id=${spelt}&n=1`, more).outcome, spelt).toBe("pass");
    const mailto = `mailto:stop+${who.replace("@", "=")}@u.example.jp`;
    const html = `<p>配信停止をご希望の方は<a href="${mailto}">こちら</a>へ空メールをお送りください</p>`;
    expect(outcomeOf(judgeMail({ html }, factsFor({}, more)), "jp/opt-out-address")).toBe("pass");
  },
); // prettier-ignore

test.each(["yamada.taro@example.net", "xtaro@example.net", "taro@example.net.jp", "taro@example.networks.jp", "taro@example.net-works.jp", "y-taro@example.net", "taro+x@example.net"])(
  "%s is another mailbox than taro@example.net",
  (who) => {
    for (const spelt of [who, encodeURIComponent(who), base64(who), base64(`12:${who}`)])
      expect(look(`https://u.example.jp/x?id=${spelt}`).outcome, spelt).toBe("fail");
  },
); // prettier-ignore

test("a piece that names the reader and another is not the reader's alone", () => {
  const both = (one: string, other: string): Finding =>
    look(`https://u.example.jp/x?id=${base64(`${one},${other}`)}`);
  expect(both("taro@example.net", "hanako@example.net").outcome).toBe("fail");
  expect(both("hanako@example.net", "taro@example.net").outcome).toBe("fail");
  expect(both("news@example.jp", "taro@example.net").outcome).toBe("pass");
});

const frames: readonly (readonly [string, (who: string) => Buffer])[] = [
  ["a length before and a number behind", (who) => Buffer.from(`\n*${who}\u0010\u0096\u0001`, "latin1")],
  ["a signature behind", (who) => Buffer.from(`${who}k\u008a\u00d1\u0003Z`, "latin1")],
  ["zeros between fields", (who) => Buffer.from(`123\0${who}\0news\0`)],
]; // prettier-ignore

test.each(frames)(
  "an address among octets, with %s, is nobody else's where it is theirs",
  (_, frame) => {
    const link = (who: string): string =>
      `https://u.example.jp/s/${frame(who).toString("base64url")}`;
    expect(look(link("taro@example.net")).outcome).toBe("pass");
    expect(look(link("Taro@Example.net")).outcome).toBe("pass");
  },
);

test.each(frames.filter(([how]) => !how.includes("signature")))(
  "another's address among octets, with %s, fails",
  (_, frame) => {
    const link = `https://u.example.jp/s/${frame("hanako@example.net").toString("base64url")}`;
    expect(look(link)).toMatchObject({ outcome: "fail" });
  },
);

test.each([
  ["subject", "mailto:stop@u.example.jp?subject=stop%20hanako%40example.net"],
  ["body", "mailto:stop@u.example.jp?body=hanako@example.net"],
  ["name of the mailbox", "mailto:stop+hanako=example.net@u.example.jp"],
  ["name of the mailbox, encoded,", "mailto:stop%2Bhanako%3Dexample.net@u.example.jp"],
])("another's address in the %s of an opt-out mail fails", (_, link) => {
  const html = (href: string): Finding | undefined =>
    judgeMail({
      html: `<p>配信停止をご希望の方は<a href="${href}">こちら</a>へ空メールをお送りください</p>`,
    }).find((one) => one.rule === "jp/opt-out-address");
  expect(html(link)?.outcome).toBe("fail");
  expect(html(link.replaceAll("hanako", "taro"))?.outcome).toBe("pass");
});

test("the envelope knows the recipient better than To", () => {
  const link = "https://u.example.jp/x?email=taro%40example.net";
  expect(look(link, { recipients: ["taro@example.net"] }, "all@example.jp").outcome).toBe("pass");
  expect(look(link, { recipients: ["hanako@example.net"] }).outcome).toBe("fail");
});

test("one person's link in a message to several stops the wrong one for the others", () => {
  const link = "https://u.example.jp/x?email=taro%40example.net";
  const recipients = ["taro@example.net", "hanako@example.net"];
  expect(look(link, { recipients }).outcome).toBe("fail");
  expect(look("https://u.example.jp/s/3f9ab2", { recipients }).outcome).toBe("pass");
});

test("the sender's own addresses in a link are nobody's opt-out", () => {
  const link = "https://u.example.jp/x?from=news%40example.jp&to=taro%40example.net";
  expect(look(link).outcome).toBe("pass");
});

test.each([
  "https://u.example.jp/s/0123456789abcdef0123456789abcdef",
  "https://u.example.jp/s/dGhpcyBpcyBhIHRva2VuIG9mIHNvbWUgbGVuZ3Ro",
  "https://u.example.jp/s/%E9%85%8D%E4%BF%A1",
  "https://u.example.jp/s/%",
  // A token of a service account: it says who made it, not whom it is for.
  `https://u.example.jp/s/${base64('{"alg":"RS256"}')}.${base64('{"iss":"svc@project.iam.gserviceaccount.com", "aud" : "api@vendor.com","sub":"81723"}')}.c2ln`,
  // Random octets that hold something like an address: ^@f.plp, M@8.wf
  "https://gw.example.jp/u/AV1RlAGSbmTGyc6FyCOsdeRBlB2GHHGN8TNKijStEic5PWjWt0alkxIKEgtedUBmLnBscMMlYyaiSIP4uk8",
  `https://u.example.jp/s/${Buffer.from("\u00ff\u0002M@8.wf\u0090\u00c1", "latin1").toString("hex")}`,
  `https://u.example.jp/s/${Buffer.from("\u0001hanako.sato@a.qqxzj\u0090", "latin1").toString("base64url")}`,
])("an opaque link (%s) says nothing of whose it is", (link) => {
  expect(look(link).outcome).toBe("pass");
});

const token = "A".repeat(83);
const own = `https://gw.example.jp/u/${token}`;

test.each([own.replace("https:", "http:"), `${own}/`])("%s asks for its owner too", (link) => {
  expect(look(link).tokens).toEqual([token]);
  expect(look(link, { tokenOwners: new Map([[token, "other"]]) }).outcome).toBe("fail");
});

test("a link of this gateway asks for its owner, once", () => {
  expect(look(own)).toMatchObject({ outcome: "pass", tokens: [token] });
  const known = look(own, { tokenOwners: new Map([[token, "recipient"]]) });
  expect(known.outcome).toBe("pass");
  expect(known.tokens).toBeUndefined();
});

test.each([
  ["other", "made for another recipient"],
  ["nobody", "none that this gateway made"],
] as const)("a link of this gateway that is of %s fails", (owner: TokenOwner, said) => {
  const seen = look(own, { tokenOwners: new Map([[token, owner]]) });
  expect(seen.outcome).toBe("fail");
  expect(seen.evidence).toContain(said);
  expect(seen.remedy.ja).toContain("{{sekisho.unsubscribe_url}}");
});

test("the place for the gateway's own link asks for nothing", () => {
  expect(look(own, { optOutLink: own }).tokens).toBeUndefined();
});
