// threats.md row 90: consent is forged by backdating, by replay, or by an import that would undo a withdrawal.
import fc from "fast-check";
import { expect, test } from "vitest";

import { eventProblems } from "../../src/consent/basis.ts";
import { standing } from "../../src/consent/standing.ts";
import { at, grant, withdraw } from "../support/consent-events.ts";

test("row 90: no import, backdated or postdated, undoes a withdrawal", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4000, max: 4000 })), (days) => {
      const forged = days.map((day) => grant(day, "import"));
      const events = [grant(1), withdraw(2), ...forged];
      expect(standing(events, "news", at(3)).kind).toBe("withdrawn");
    }),
  );
});

test("row 90: a person's old form sent again (replay) does not undo a later withdrawal", () => {
  const form = grant(1);
  expect(standing([form, withdraw(2), form], "news", at(3)).kind).toBe("withdrawn");
});

test("row 90: a grant dated ahead, to outlast withdrawals to come, is refused", () => {
  const proof = { method: "web-form", source: "https://example.jp/form" };
  const ahead = { ...grant(10), evidence: proof };
  expect(eventProblems(ahead, at(9)).map(({ column }) => column)).toEqual(["granted_at"]);
  expect(standing([withdraw(2), ahead], "news", at(9)).kind).toBe("withdrawn");
  expect(eventProblems(ahead, at(10))).toEqual([]);
});
