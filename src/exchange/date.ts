// Dates as they stand in exported tables: ISO, slashes, Japanese, with or without time and zone.
import { bad, ok, type Parsed } from "../mail/parsed.ts";

/** Minutes east of UTC for dates that name no zone. */
export type ZoneMinutes = number;

export const tokyoMinutes: ZoneMinutes = 9 * 60; // Asia/Tokyo has had no summer time since 1951

// eslint-disable-next-line no-control-regex
const ascii = /^[\u0000-\u007f]*$/;
const numeric =
  /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const rfc3339 =
  /^\d{4}-\d{2}-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)$/;
const japanese =
  /^(\d{4})(年)(\d{1,2})月(\d{1,2})日(?:\s*(\d{1,2})[時:](\d{1,2})(?:[分:](?:(\d{1,2})秒?)?)?)?$/;
const compact = /^(\d{4})()(\d{2})(\d{2})$/;
const formats = "2026-01-05, 2026/1/5 9:03, 2026年1月5日 or 2026-01-05T09:03:00+09:00";
const dayMs = 86_400_000;
const yearMin = 1900; // what is older is a slip; and the engine takes the years 0 to 99 for 1900 to 1999

/**
 * The instant that the text names. A date without a time is the day's beginning or, where `dayEdge` is "end", the
 * beginning of the next day, in the zone.
 */
export function parseDate(
  text: string,
  zone: ZoneMinutes,
  dayEdge: "start" | "end" = "start",
): Parsed<Date> {
  const instant = instantOf(text);
  if (instant !== undefined) return ok(instant);
  const plain = (ascii.test(text) ? text : text.normalize("NFKC")).trim();
  const match = numeric.exec(plain) ?? japanese.exec(plain) ?? compact.exec(plain);
  if (match === null) return bad(problemOf(plain));
  const [, year, , month, day, hour, minute, second, fraction, offset] = match;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (Number(year) < yearMin) return bad(`is a day before ${yearMin}`);
  const checked = new Date(date);
  if (checked.getUTCMonth() !== Number(month) - 1 || checked.getUTCDate() !== Number(day)) {
    return bad("is a day that no calendar has");
  }
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 59) {
    return bad("is a time that no clock shows");
  }
  const ofDay =
    ((Number(hour ?? 0) * 60 + Number(minute ?? 0)) * 60 + Number(second ?? 0)) * 1000 +
    Math.floor(Number(`0.${fraction ?? 0}`) * 1000);
  const edge = hour === undefined && dayEdge === "end" ? dayMs : 0;
  const zoneMinutes = offset === undefined ? zone : offsetMinutes(offset);
  if (zoneMinutes === undefined) return bad("has a time zone that no country has");
  return ok(new Date(date + ofDay + edge - zoneMinutes * 60_000));
}

/**
 * When a stop was said. A day alone tells not at which of its hours: the last of them that is not behind `latest` is
 * taken, so that it outlasts what the person did earlier on that day. A day to come is left as it is, for whoever refuses it.
 */
export function parseStopDate(text: string, zone: ZoneMinutes, latest: Date): Parsed<Date> {
  const start = parseDate(text, zone);
  const end = parseDate(text, zone, "end");
  if (start.kind === "bad" || end.kind === "bad" || end.value <= start.value) return start;
  const last = new Date(end.value.getTime() - 1);
  if (last <= latest) return ok(last);
  return latest < start.value ? start : ok(latest);
}

/** `now`, but before the end of a pause that was over by then. */
export function latestOfStop(now: Date, end: Date | undefined): Date {
  return end === undefined || now < end ? now : new Date(end.getTime() - 1);
}

/**
 * What most tables hold, an RFC 3339 time, by the engine's own parser. It takes 31 February for a day in March, so only
 * days that every month has are left to it.
 */
function instantOf(text: string): Date | undefined {
  if (!rfc3339.test(text)) return undefined;
  const date = new Date(text);
  return date.getUTCFullYear() >= yearMin ? date : undefined;
}

/** `Asia/Tokyo`, `UTC`, `Z` or `+09:00`; undefined where it is none of them. */
export function parseZone(text: string): ZoneMinutes | undefined {
  if (text === "Asia/Tokyo") return tokyoMinutes;
  return text === "UTC" ? 0 : offsetMinutes(text);
}

function offsetMinutes(text: string): ZoneMinutes | undefined {
  if (text.toUpperCase() === "Z") return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  if (Number(match[3]) > 59 || minutes > 14 * 60) return undefined;
  return match[1] === "-" ? -minutes : minutes;
}

function problemOf(text: string): string {
  if (/^\d{4,5}(\.\d+)?$/.test(text)) {
    return `is a spreadsheet's serial number, not a date: format the column as a date (${formats})`;
  }
  if (/^\d{1,2}\/\d{1,2}\/\d{2,4}/.test(text)) {
    return `does not say which is the day and which the month: write ${formats}`;
  }
  return `is not a date: write ${formats}`;
}
