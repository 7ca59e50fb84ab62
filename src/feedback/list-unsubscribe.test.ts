import { expect, test } from "vitest";

import { listUnsubscribeLines } from "./list-unsubscribe.ts";

const url = "https://gw.example.jp/u/abc";
const mailbox = "unsubscribe+x@gw.example.jp";
const none = (): boolean => false;
const has = (key: string): boolean => key === "list-unsubscribe";
const ours = [
  "List-Unsubscribe: <https://gw.example.jp/u/abc>,\r\n <mailto:unsubscribe+x@gw.example.jp?subject=unsubscribe>\r\n",
  "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
];
const remove = ["list-unsubscribe", "list-unsubscribe-post"];

test("keep leaves the client's fields alone", () => {
  expect(listUnsubscribeLines({ policy: "keep", present: none, url, mailbox })).toEqual({
    add: [],
    remove: [],
  });
});

test("add writes ours only where the client has none", () => {
  expect(listUnsubscribeLines({ policy: "add", present: none, url, mailbox })).toEqual({
    add: ours,
    remove,
  });
  expect(listUnsubscribeLines({ policy: "add", present: has, url, mailbox })).toEqual({
    add: [],
    remove: [],
  });
});

test("replace takes the client's fields out", () => {
  expect(listUnsubscribeLines({ policy: "replace", present: has, url, mailbox })).toEqual({
    add: ours,
    remove,
  });
});

test("promises one-click only over https", () => {
  const { add } = listUnsubscribeLines({
    policy: "add",
    present: none,
    url: "http://gw.example.jp/u/abc",
  });
  expect(add).toEqual(["List-Unsubscribe: <http://gw.example.jp/u/abc>\r\n"]);
});

test("never removes the client's way out without giving another, nor lets a line break in", () => {
  expect(listUnsubscribeLines({ policy: "replace", present: has })).toEqual({
    add: [],
    remove: [],
  });
  expect(
    listUnsubscribeLines({ policy: "replace", present: has, url: "https://x/\r\nBcc: a" }),
  ).toEqual({ add: [], remove: [] });
});
