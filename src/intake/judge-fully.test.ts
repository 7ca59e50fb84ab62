// Facts that only a message's own links name: asked for as long as a judgement names new ones, and not for ever.
import { expect, test } from "vitest";

import { factsFor, composeMail } from "../../test/support/judged-mail.ts";
import { parseAddressIndex, type AddressIndex } from "../consent/address-index.ts";
import { judgeFully } from "./judge-fully.ts";
import { judgeMessage } from "./judge-worker.ts";
import type { JudgeResult } from "./judge.ts";

const index = (digit: string): AddressIndex => {
  const parsed = parseAddressIndex(digit.repeat(32));
  if (parsed === undefined) throw new Error("no index");
  return parsed;
};
const taro = index("1");
const owners: Readonly<Record<string, AddressIndex>> = {
  ["A".repeat(40)]: index("2"),
  ["B".repeat(40)]: index("3"),
  ["T".repeat(40)]: taro,
};

/** A mail whose ways to refuse are these tokens' links, one behind the other. */
async function judged(...tokens: readonly string[]): Promise<JudgeResult> {
  const ways = tokens.map(
    (each) => `配信停止はこちら\nhttps://gw.example.jp/u/${each.repeat(40)}\n`,
  );
  const text = `株式会社サンプル商事\n〒999-9999 東京都架空区見本町1-2-3\n03-0000-0000\n\n${ways.join("\n")}`;
  return judgeFully(
    {
      judge: { judge: async (content, facts) => Promise.resolve(judgeMessage(content, facts)) },
      tokenSubject: (token) => owners[token],
    },
    composeMail({ to: "taro@example.net", text }),
    factsFor(),
    new Set([taro]),
  );
}

const outcome = (result: JudgeResult): string | undefined =>
  result.kind === "judged"
    ? result.findings.find(({ rule }) => rule === "jp/opt-out-address")?.outcome
    : result.kind;

test("a link of the recipient's own passes", async () => {
  expect(outcome(await judged("T"))).toBe("pass");
});

test("the second link of somebody else is asked about too", async () => {
  expect(outcome(await judged("A"))).toBe("fail");
  expect(outcome(await judged("A", "B"))).toBe("fail");
});
