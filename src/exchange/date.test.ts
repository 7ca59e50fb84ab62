// Dates of tables: every form that real tools export, and a remedy for those that cannot be told.
import fc from "fast-check";
import { expect, test } from "vitest";

import { parseDate, parseStopDate, parseZone, tokyoMinutes } from "./date.ts";

test.each([
  ["2026-01-05", "2026-01-04T15:00:00.000Z"],
  ["2026/1/5", "2026-01-04T15:00:00.000Z"],
  ["2026/1/5 9:03", "2026-01-05T00:03:00.000Z"],
  ["2026/01/05 09:03:07", "2026-01-05T00:03:07.000Z"],
  ["2026.1.5", "2026-01-04T15:00:00.000Z"],
  ["20260105", "2026-01-04T15:00:00.000Z"],
  ["2026年1月5日", "2026-01-04T15:00:00.000Z"],
  ["2026年1月5日 9時3分", "2026-01-05T00:03:00.000Z"],
  ["２０２６年１月５日　９：０３", "2026-01-05T00:03:00.000Z"],
  ["2026-01-05T09:03:00+09:00", "2026-01-05T00:03:00.000Z"],
  ["2026-01-05T00:03:00.123456Z", "2026-01-05T00:03:00.123Z"],
  ["2026-01-05 00:03:00 -0530", "2026-01-05T05:33:00.000Z"],
])("%s is %s in Tokyo", (text, instant) => {
  expect(parseDate(text, tokyoMinutes)).toEqual({ kind: "ok", value: new Date(instant) });
});

test("a day may be meant until its end", () => {
  expect(parseDate("2026-12-31", tokyoMinutes, "end")).toEqual({
    kind: "ok",
    value: new Date("2026-12-31T15:00:00Z"),
  });
  expect(parseDate("2026-12-31T10:00:00Z", tokyoMinutes, "end")).toEqual({
    kind: "ok",
    value: new Date("2026-12-31T10:00:00Z"),
  });
});

test.each([
  ["a day that is over", "2026-01-05", "2026-01-05T14:59:59.999Z"],
  ["today", "2026-01-10", "2026-01-10T03:00:00.000Z"],
  ["a day to come", "2026-01-11", "2026-01-10T15:00:00.000Z"],
  ["a time", "2026/1/5 9:03", "2026-01-05T00:03:00.000Z"],
  ["a time to come", "2026-01-10T04:00:00Z", "2026-01-10T04:00:00.000Z"],
])("a stop of %s was said at the last moment that it may mean", (_name, text, instant) => {
  const noon = new Date("2026-01-10T03:00:00Z");
  expect(parseStopDate(text, tokyoMinutes, noon)).toEqual({ kind: "ok", value: new Date(instant) });
});

test.each([
  ["46027", /serial number/],
  ["46027.377", /serial number/],
  ["1/5/2026", /which is the day/],
  ["2026-02-30", /calendar/],
  ["2026-13-01", /calendar/],
  ["2026-01-05 25:00", /clock/],
  ["2026-01-05T09:03:00+19:00", /zone/],
  ["0026-01-05", /before 1900/],
  ["0026/1/5 9:03", /before 1900/],
  ["0026-01-05T09:03:00Z", /before 1900/],
  ["0026年1月5日", /before 1900/],
  ["2026-1/5", /not a date/],
  ["昨日", /not a date/],
  ["", /not a date/],
])("%s is refused", (text, problem) => {
  const parsed = parseDate(text, tokyoMinutes);
  expect(parsed.kind === "bad" ? parsed.problem : "").toMatch(problem);
});

test("reads what toISOString writes, in any zone", () => {
  const dates = fc.date({ min: new Date(0), max: new Date("2999-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(dates, fc.constantFrom(0, 540, -300), (date, zone) => {
      expect(parseDate(date.toISOString(), zone)).toEqual({ kind: "ok", value: date });
    }),
  );
});

test("never throws, and never gives an invalid date", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseDate(text, tokyoMinutes);
      expect(parsed.kind === "ok" && Number.isNaN(parsed.value.getTime())).toBe(false);
    }),
  );
});

test("zones", () => {
  expect(["Asia/Tokyo", "UTC", "Z", "+09:00", "-05:30"].map(parseZone)).toEqual([
    540, 0, 0, 540, -330,
  ]);
  expect(["Europe/Paris", "+25:00", "09:00", ""].map(parseZone)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
