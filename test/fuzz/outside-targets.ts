// What strangers send us: returned mail, the answers of receivers, the records of other people's zones, and forged tokens.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { loadReplyClassifier } from "../../src/cli/reply-classifier.ts";
import { parseAddressIndex } from "../../src/consent/address-index.ts";
import { createTokens } from "../../src/consent/token.ts";
import { createReplyReader } from "../../src/delivery/reply-reader.ts";
import { namesHost, parseStsPolicy, readStsRecord } from "../../src/delivery/tls/sts-policy.ts";
import { readRua } from "../../src/delivery/tls/tls-report.ts";
import { parseRecord } from "../../src/dkim/record.ts";
import { discoverDmarc } from "../../src/dns/dmarc.ts";
import type { Answer, Resolver } from "../../src/dns/resolver.ts";
import { readSpf } from "../../src/dns/spf.ts";
import { readReturned } from "../../src/feedback/reading.ts";
import { createReturnPath } from "../../src/feedback/return-path.ts";
import { createMessageId } from "../../src/mail/message-id.ts";
import { returnedTexts } from "../support/returned-texts.ts";
import { must, settled } from "./must.ts";
import { mutated } from "./mutations.ts";
import type { FuzzTarget } from "./targets.ts";

const folder = join(import.meta.dirname, "../fixtures/bounces");
const returned = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith(".eml"))
    .map((name) => readFileSync(join(folder, name), "latin1")),
  ...returnedTexts.map(({ text }) => Buffer.from(text).toString("latin1")),
];
const returnedWords = [
  "\r\n",
  "\n\n",
  "Content-Type: message/delivery-status\r\n\r\n",
  "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n",
  "--b\r\n",
  "Final-Recipient: rfc822; a@example.net\r\n",
  "Action: failed\r\n",
  "Status: 5.1.1\r\n",
  "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
  "Feedback-Type: abuse\r\n",
  "Auto-Submitted: auto-replied\r\n",
  "Content-Transfer-Encoding: base64\r\n",
  "charset=iso-2022-jp",
  "\x1b$B",
  "=?utf-8?B?",
  "http://gw.example.jp/u/",
  "b-01hv3",
  "<",
  ">",
  ";",
  "550 ",
  "\0",
];

/** Read the same twice, within its bounds, and the message is left as it was. */
export const returnedTarget: FuzzTarget = {
  name: "returned mail",
  weight: 1,
  run: ({ seed, runs }) =>
    settled(() => {
      const classifier = loadReplyClassifier();
      fc.assert(
        fc.property(mutated(returned, returnedWords), (text) => {
          const content = Buffer.from(text, "latin1");
          const before = Buffer.from(content);
          const reading = readReturned(content, classifier);
          must(content.equals(before), "the message was changed");
          must(
            JSON.stringify(reading) === JSON.stringify(readReturned(content, classifier)),
            "read twice, it is two messages",
          );
          must(reading.mailboxes.length <= 50 && reading.tokens.length <= 50, "too much was found");
          must(
            Object.values(reading.excerpt).every((each) => String(each).length <= 512),
            "an excerpt that is too long",
          );
        }),
        { seed, numRuns: runs },
      );
    }),
};

const replies = [
  "220 mx.example.net ESMTP\r\n250-mx.example.net\r\n250-SIZE 1000\r\n250 8BITMIME\r\n",
  "250 2.1.0 ok\r\n550-5.1.1 no such user\r\n550 5.1.1 \xe5\xae\x9b\r\n354 go\r\n250 done\r\n",
  "421 4.7.0 busy\r\n",
];
const repliesAtOnceMax = 8; // beyond, how many stand there at once depends on the packets
const replyWords = ["\r\n", "\n", "\r", "250-", "250 ", "550", "999 ", "5.1.1 ", "\0", "\x1b[2J"];

/** The same replies in whatever packets, each a line of text and a code that there is. */
export const replyTarget: FuzzTarget = {
  name: "receivers' replies",
  weight: 10,
  run: ({ seed, runs }) =>
    settled(() => {
      fc.assert(
        fc.property(
          mutated(replies, replyWords),
          fc.array(fc.nat(), { maxLength: 10 }),
          (text, cuts) => {
            const octets = Buffer.from(text, "latin1");
            const whole = readReplies(octets, []);
            must(
              whole.replies.length > repliesAtOnceMax ||
                JSON.stringify(whole) === JSON.stringify(readReplies(octets, cuts)),
              "cut elsewhere, they are other replies",
            );
            for (const { code, text: said } of whole.replies) {
              must(code >= 200 && code <= 599, `a reply of ${code}`);
              must(!/\p{Cc}/u.test(said), "a control character in a reply");
            }
          },
        ),
        { seed, numRuns: runs },
      );
    }),
};

function readReplies(
  octets: Buffer,
  cuts: readonly number[],
): {
  readonly replies: readonly { readonly code: number; readonly text: string }[];
  readonly broken: boolean;
} {
  const reader = createReplyReader();
  const found: { readonly code: number; readonly text: string }[] = [];
  let start = 0;
  const borders = [...cuts.map((cut) => cut % (octets.length + 1)), octets.length];
  for (const border of borders.toSorted((a, b) => a - b)) {
    const problem = reader.feed(octets.subarray(start, border));
    for (let next = reader.shift(); next !== undefined; next = reader.shift())
      found.push(next.reply);
    if (problem !== undefined) return { replies: found, broken: true };
    start = border;
  }
  return { replies: found, broken: false };
}

const records = [
  "v=spf1 include:_spf.example.net a mx/24 ip4:192.0.2.1/24 ip6:2001:db8::/32 exists:%{i}.example.net redirect=_spf.example.org -all",
  "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=r; rua=mailto:a@example.net,https://example.net/; psd=n",
  "v=STSv1; id=20261125000000",
  "v=TLSRPTv1; rua=mailto:tls@example.net,https://example.net/r",
  "v=DKIM1; k=rsa; h=sha256; s=email; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
  "version: STSv1\r\nmode: enforce\r\nmx: mx.example.net\r\nmx: *.example.net\r\nmax_age: 604800\r\n",
];
const recordWords = [
  ";",
  "=",
  ":",
  "/",
  " ",
  "\t",
  ",",
  "%",
  "%{s}",
  "include:example.test",
  "redirect=example.test",
  "ptr",
  " a",
  " a:b.example.test",
  " mx:c.example.test",
  " exists:d.example.test",
  "v=spf1 ",
  "p=",
  "psd=y",
  "rua=",
  "mailto:",
  "mode: none\n",
  "mx: *\n",
  "max_age: 99999999999\n",
  "\0",
  "\xff",
];
const questionsMax = 100; // 30 names of an SPF record with an A and an AAAA each, and what DMARC asks

/** A reading or a no, whatever a zone holds, after a bounded number of questions. */
export const recordTarget: FuzzTarget = {
  name: "records of other zones",
  weight: 3,
  run: ({ seed, runs }) =>
    fc.assert(
      fc.asyncProperty(
        mutated(records, recordWords),
        mutated(records, recordWords),
        async (...texts) => {
          let questions = 0;
          const zone = resolverOf(
            (name) => texts[name.length % 2] ?? "",
            () => {
              questions += 1;
            },
          );
          await readSpf("example.test", zone);
          await discoverDmarc("a.very.long.name.below.example.test", zone);
          must(questions <= questionsMax, `${questions} questions for one name`);
          for (const text of texts) {
            readStsRecord([text]);
            readRua([text]);
            parseRecord(text);
            const policy = parseStsPolicy(text);
            if (policy.kind === "ok")
              must(
                !namesHost(policy.value, "mx.attacker.example") || /attacker/i.test(text),
                "the policy names a host that does not stand in it",
              );
          }
        },
      ),
      { seed, numRuns: runs },
    ),
};

/** Every name has one TXT record and nothing else. */
function resolverOf(txt: (name: string) => string, asked: () => void): Resolver {
  const none = (): Promise<Answer<never>> => {
    asked();
    return Promise.resolve({ kind: "nodata" });
  };
  return {
    mx: none,
    a: none,
    aaaa: none,
    txt: (name) => {
      asked();
      return Promise.resolve({ kind: "records", records: [txt(name)] });
    },
    ptr: none,
    cname: none,
    ns: none,
    soa: none,
    host: none,
    forget: () => undefined,
    close: () => undefined,
  };
}

const now = new Date("2026-11-25T00:00:00Z");
const messageId = createMessageId(now);
const paths = createReturnPath(Buffer.alloc(32, 1));
const tokens = createTokens(Buffer.alloc(32, 2));
const known = [{ sender: "sample", topic: "news" }];
const subject = parseAddressIndex("ab".repeat(16));
assert(subject !== undefined);
const issued = {
  bounce: paths.issue(`${messageId}-7`, "bounce", now),
  unsubscribe: paths.issue(`${messageId}-8`, "unsubscribe", now),
  link: tokens.issue({ subject, sender: "sample", topic: "news", messageId }),
};
/** Each with the beginning of the other purpose. */
const disguised = [
  issued.bounce.replace("b-", "unsubscribe+"),
  issued.unsubscribe.replace("unsubscribe+", "b-"),
];
const tokenWords = ["-", "_", "b-", "unsubscribe+", "A", "=", "0", "zzzz", "\0", "%00", "+", "/"];

/** What was changed is not ours, and what was issued for one purpose is no other's (threats.md rows 70, 88). */
export const tokenTarget: FuzzTarget = {
  name: "tokens and return paths",
  weight: 10,
  run: ({ seed, runs }) =>
    settled(() => {
      fc.assert(
        fc.property(mutated([...Object.values(issued), ...disguised], tokenWords, 3), (text) => {
          const path = paths.read(text, now);
          const own = [issued.bounce, issued.unsubscribe].includes(text.toLowerCase());
          must(
            (path.kind === "ok") === own,
            `a return path that was changed is read as ${path.kind}`,
          );
          must(
            path.kind !== "ok" || issued[path.purpose] === text.toLowerCase(),
            "a return path is read as one of another purpose",
          );
          const link = tokens.read(text, known);
          must((link !== undefined) === (text === issued.link), "a token that was changed is read");
        }),
        { seed, numRuns: runs },
      );
    }),
};
