// The same Japanese text in every charset and under every name that mail gives it.
import { describe, expect, test } from "vitest";

import { mail, print, utf8, view } from "../../test/support/read-mail.ts";

describe("Japanese charsets", () => {
  const sample = "㈱髙﨑①ｶﾅ配信停止";
  // The same text as each charset writes it; ISO-2022-JP holds NEC and IBM extensions as Windows clients send them.
  const eucBytes =
    "\xad\xea\xfc\xe2\xf9\xf5\xad\xa1\x8e\xb6\x8e\xc5\xc7\xdb\xbf\xae\xc4\xe4\xbb\xdf";
  const sjisBytes = "\x87\x8a\xfb\xfc\xfa\xb1\x87\x40\xb6\xc5\x94\x7a\x90\x4d\x92\xe2\x8e\x7e";
  const jisBytes = "\x1b$B-j|by\x75-!\x1b(I6E\x1b$BG[?.Dd;_\x1b(B";
  const cases = [
    ["utf-8", utf8(sample)],
    ["UTF8", utf8(sample)],
    ['"utf-8"', utf8(sample)],
    ["iso-2022-jp", jisBytes],
    ["ISO-2022-JP-MS", jisBytes],
    ["cp50220", jisBytes],
    ["cp50221", jisBytes],
    ["shift_jis", sjisBytes],
    ["Shift-JIS", sjisBytes],
    ["cp932", sjisBytes],
    ["windows-31j", sjisBytes],
    ["x-sjis", sjisBytes],
    ["euc-jp", eucBytes],
    ["eucJP-ms", eucBytes],
    ["cp51932", eucBytes],
  ] as const;
  test.each(cases)("%s", (charset, bytes) => {
    const content = mail([`Content-Type: text/plain; charset=${charset}`, "", bytes]);
    expect(print(content)).toEqual([`text/plain: ${sample}`]);
  });
  test("encoded words in ISO-2022-JP, one behind the other", () => {
    const content = Buffer.from(
      "Subject: =?ISO-2022-JP?B?GyRCR1s/LhsoQg==?=\r\n =?ISO-2022-JP?B?GyRCRGQ7XxsoQg==?=\r\n\r\nx",
    );
    expect(view(content).header.subject).toBe("配信停止");
    expect(view(content).ambiguities).toEqual([]);
  });
});
