// What is paused stops, by whom it was paused, and until the last of these lifts it.
import { expect, test } from "vitest";

import { toAddress } from "../../test/support/delivery-office.ts";
import { createPauses, type Pausable } from "./pauses.ts";

const { domain } = toAddress("a@example.net");
const mail = { destination: domain, stream: "news", sender: "sample" };

test.each<[Pausable, boolean]>([
  [{ kind: "all" }, true],
  [{ kind: "destination", name: domain }, true],
  [{ kind: "destination", name: toAddress("a@example.com").domain }, false],
  [{ kind: "stream", name: "news" }, true],
  [{ kind: "stream", name: "sample" }, false],
  [{ kind: "sender", name: "sample" }, true],
  [{ kind: "sender", name: "news" }, false],
])("a pause of %o stops mail of stream news of sender sample to example.net: %s", (what, stops) => {
  const pauses = createPauses();
  expect(pauses.stops(mail)).toBe(false);
  pauses.add(what, "operator");
  expect(pauses.stops(mail)).toBe(stops);
  expect(pauses.stopsAll()).toBe(what.kind === "all");
  expect(pauses.except()).toEqual({
    destinations: what.kind === "destination" ? [what.name] : [],
    streams: what.kind === "stream" ? [what.name] : [],
    senders: what.kind === "sender" ? [what.name] : [],
  });
  pauses.remove(what, "operator");
  expect([pauses.stops(mail), pauses.stopsAll()]).toEqual([false, false]);
});

test("whoever pauses lifts their own pause alone", () => {
  const pauses = createPauses();
  const what = { kind: "stream", name: "news" } as const;
  pauses.add(what, "operator");
  pauses.add(what, "operator");
  pauses.add(what, "domain care");
  pauses.remove(what, "somebody");
  pauses.remove(what, "operator");
  expect(pauses.stops(mail)).toBe(true);
  pauses.remove(what, "domain care");
  expect(pauses.stops(mail)).toBe(false);
  pauses.remove(what, "domain care");
  pauses.add(what, "operator");
  expect(pauses.stops(mail)).toBe(true);
});
