import { expect, test } from "vitest";

import { listUnsubscribeLines } from "./list-unsubscribe.ts";

const url = "https://gw.example.jp/u/abc";
const mailbox = "unsubscribe+x@gw.example.jp";
const ours = [
  "List-Unsubscribe: <https://gw.example.jp/u/abc>,\r\n <mailto:unsubscribe+x@gw.example.jp?subject=unsubscribe>\r\n",
  "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
];
const remove = ["list-unsubscribe", "list-unsubscribe-post"];

test("keep leaves the client's fields alone", () => {
  expect(listUnsubscribeLines({ policy: "keep", url, mailbox })).toEqual({
    add: [],
    remove: [],
  });
});

test("add writes ours only where the client has none", () => {
  const lines = listUnsubscribeLines({ policy: "add", url, mailbox });
  expect(lines).toEqual({ add: ours, remove, unless: "list-unsubscribe" });
});

test("replace takes the client's fields out", () => {
  expect(listUnsubscribeLines({ policy: "replace", url, mailbox })).toEqual({
    add: ours,
    remove,
  });
});

test("promises one-click only over https", () => {
  const { add } = listUnsubscribeLines({
    policy: "add",
    url: "http://gw.example.jp/u/abc",
  });
  expect(add).toEqual(["List-Unsubscribe: <http://gw.example.jp/u/abc>\r\n"]);
});

test("never removes the client's way out without giving another, nor lets a line break in", () => {
  expect(listUnsubscribeLines({ policy: "replace" })).toEqual({
    add: [],
    remove: [],
  });
  expect(listUnsubscribeLines({ policy: "replace", url: "https://x/\r\nBcc: a" })).toEqual({
    add: [],
    remove: [],
  });
});
