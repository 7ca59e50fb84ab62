// The pace that receivers and the operator ask for, read from data (config/shaping.yaml) and checked before use.
import { bad, ok, type Parsed } from "../../mail/parsed.ts";

/** At most `messages` in any `seconds`, as a bucket that fills evenly. */
export interface Rate {
  readonly messages: number;
  readonly seconds: number;
}

export interface GroupShape {
  readonly name: string;
  /** Names of mail exchangers; those below them included. */
  readonly mx: readonly string[];
  readonly connections?: number;
  readonly messagesPerConnection?: number;
  readonly rates: readonly Rate[];
  /** First pause after a reply that asks for one. */
  readonly pauseSeconds?: number;
}

export const sourceKinds = ["sender", "stream", "from"] as const;

/** The operator's bound for what one sender, stream or From domain sends in all, or while it is new. */
export interface SourceShape {
  readonly kind: (typeof sourceKinds)[number];
  readonly name: string;
  readonly connections?: number;
  readonly rates: readonly Rate[];
  /** First day of the warm-up ladder, which bounds each group of receivers for itself. */
  readonly warmUp?: Date;
}

export interface Shaping {
  readonly groups: readonly GroupShape[];
  /** Messages to one group on day 1, 2, 3 … of a warm-up. */
  readonly ladder: readonly number[];
}

const groupsMax = 1000;
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const groupKeys = new Set([
  "name",
  "mx",
  "connections",
  "messages_per_connection",
  "rate",
  "pause",
]);

export function parseRate(text: string): Rate | undefined {
  const match = /^(\d{1,9})\/([smhd])$/.exec(text);
  const seconds = unitSeconds[match?.[2] ?? ""];
  const messages = Number(match?.[1] ?? 0);
  return seconds === undefined || messages === 0 ? undefined : { messages, seconds };
}

/** Checks parsed YAML. The problem names the group. */
export function parseShaping(data: unknown): Parsed<Shaping> {
  if (!isRecord(data) || !Array.isArray(data["groups"])) return bad("has no list `groups`");
  const rows: readonly unknown[] = data["groups"];
  if (rows.length > groupsMax) return bad(`has more than ${groupsMax} groups`);
  const groups: GroupShape[] = [];
  for (const [index, row] of rows.entries()) {
    const group = parseGroup(row);
    if (group.kind === "bad") return bad(`groups[${index}] ${group.problem}`);
    groups.push(group.value);
  }
  const ladder = data["warm_up"] ?? [];
  if (!Array.isArray(ladder) || !(ladder as readonly unknown[]).every(isCount))
    return bad("has a `warm_up` that is no list of whole numbers");
  return ok({ groups, ladder: ladder as readonly number[] });
}

function parseGroup(row: unknown): Parsed<GroupShape> {
  if (!isRecord(row)) return bad("is not a mapping");
  const unknownKey = Object.keys(row).find((key) => !groupKeys.has(key));
  if (unknownKey !== undefined) return bad(`has an unknown key \`${unknownKey}\``);
  const { name, mx, connections, messages_per_connection: perConnection, rate, pause } = row;
  if (typeof name !== "string" || !/^[a-z0-9-]{1,64}$/.test(name)) return bad("has no `name`");
  if (!isTexts(mx) || mx.length === 0) return bad(`(${name}) has no list \`mx\``);
  if (connections !== undefined && !isCount(connections))
    return bad(`(${name}) has \`connections\` that are no whole number`);
  if (perConnection !== undefined && !isCount(perConnection))
    return bad(`(${name}) has \`messages_per_connection\` that are no whole number`);
  const rates = isTexts(rate ?? []) ? ((rate ?? []) as readonly string[]).map(parseRate) : [];
  if (!isTexts(rate ?? []) || rates.some((each) => each === undefined))
    return bad(`(${name}) has a \`rate\` that is no list such as ["10/s"]`);
  const pauseSeconds = pause === undefined ? undefined : secondsOf(pause);
  if (pause !== undefined && pauseSeconds === undefined)
    return bad(`(${name}) has a \`pause\` that is no time such as 10m`);
  return ok({
    name,
    mx: mx.map((host) => host.toLowerCase()),
    rates: rates.filter((each) => each !== undefined),
    ...(connections === undefined ? {} : { connections }),
    ...(perConnection === undefined ? {} : { messagesPerConnection: perConnection }),
    ...(pauseSeconds === undefined ? {} : { pauseSeconds }),
  });
}

function secondsOf(value: unknown): number | undefined {
  const match = typeof value === "string" ? /^(\d{1,6})([smhd])$/.exec(value) : null;
  return match === null ? undefined : Number(match[1]) * (unitSeconds[match[2] ?? ""] ?? 0);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && (value as readonly unknown[]).every((item) => typeof item === "string")
  );
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
