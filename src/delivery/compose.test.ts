// What a stream that adds an opt-out of ours makes of the client's own fields.
import { expect, test } from "vitest";

import { parseDomain } from "../mail/domain.ts";
import { compose } from "./compose.ts";

const domain = parseDomain("example.jp");
if (domain.kind === "bad") throw new Error(domain.problem);
const fromDomain = domain.value;
const ours = [
  "List-Unsubscribe: <https://gw.example.jp/u/x>\r\n",
  "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
];

function optOutFields(...fields: readonly string[]): readonly string[] {
  const content = ["From: news@example.jp", ...fields, "", "body", ""].join("\r\n");
  const composed = compose(Buffer.from(content), {
    messageId: "01m8a4ecwgrbb0eyf94p4fy8ak",
    hostname: "gw.example.jp",
    receivedAt: new Date("2026-11-24T00:00:00Z"),
    trace: { helo: "ma.example.jp", protocol: "ESMTPSA" },
    fromDomain,
    headers: {
      add: ours,
      remove: ["list-unsubscribe", "list-unsubscribe-post"],
      unless: "list-unsubscribe",
    },
  });
  if (composed.kind === "bad") throw new Error(composed.problem);
  return composed.value.split.fields
    .filter(({ key }) => key.startsWith("list-unsubscribe"))
    .map(({ raw }) => raw);
}

test.each([
  ["none", []],
  ["an empty one, of a template without a value", ["List-Unsubscribe: "]],
  ["an empty one on two lines", ["List-Unsubscribe:\r\n\t", "List-Unsubscribe-Post: x"]],
  ["a Post field alone", ["List-Unsubscribe-Post: List-Unsubscribe=One-Click"]],
])("List-Unsubscribe is added where there is %s", (_what, fields) => {
  expect(optOutFields(...fields)).toEqual(ours);
});

test("List-Unsubscribe is left as it is where it says something", () => {
  const own = "List-Unsubscribe: <mailto:stop@u.example.jp>";
  expect(optOutFields(own)).toEqual([`${own}\r\n`]);
});
