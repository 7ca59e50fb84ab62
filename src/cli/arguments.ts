// Arguments that several commands take: addresses, senders, topics, scopes, times. A wrong one is told with what is allowed.
import { parseAddress, parseRecordedAddress, type Address } from "../mail/address.ts";
import { parseDomain, type Domain } from "../mail/domain.ts";
import type { Parsed } from "../mail/parsed.ts";
import { latestOfStop, parseDate, parseStopDate, tokyoMinutes } from "../exchange/date.ts";
import { allowedScopes, knownScope } from "../exchange/suppression-row.ts";
import type { SuppressionScope } from "../consent/suppression.ts";
import { Usage } from "./output.ts";

/** Senders with their topics, and streams, as the configuration has them. */
export interface KnownNames {
  readonly senders: readonly { readonly id: string; readonly topics: readonly string[] }[];
  readonly streams: readonly string[];
}

export function knownNames(config: {
  readonly senders: readonly { readonly id: string }[];
  readonly streams: readonly {
    readonly id: string;
    readonly topic: string;
    readonly sender: { readonly id: string };
  }[];
}): KnownNames {
  return {
    senders: config.senders.map(({ id }) => ({
      id,
      topics: [
        ...new Set(
          config.streams.filter((stream) => stream.sender.id === id).map((stream) => stream.topic),
        ),
      ],
    })),
    streams: config.streams.map((stream) => stream.id),
  };
}

export function addressArgument(name: string, text: string, parse = parseAddress): Address {
  const address = parse(text.trim());
  if (address.kind === "bad") {
    throw new Usage(`${name} ${text} ${address.problem}; give it as local@domain`);
  }
  return address.value;
}

/** As {@link addressArgument}, of somebody whom something is put on record for. */
export function recordedAddressArgument(name: string, text: string): Address {
  return addressArgument(name, text, parseRecordedAddress);
}

export function domainArgument(name: string, text: string): Domain {
  const domain = parseDomain(text.trim());
  if (domain.kind === "bad") {
    throw new Usage(`${name} ${text} ${domain.problem}; give it as example.jp`);
  }
  return domain.value;
}

/** Of a flag that may be given several times, or once with commas. */
export function names(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(",").map((name) => name.trim())];
}

/** Throws Usage where one of them is not configured. */
export function knownSenders(
  wanted: readonly string[],
  senders: readonly { readonly id: string }[],
  name = "--sender",
): void {
  const unknown = wanted.find((id) => !senders.some((each) => each.id === id));
  if (unknown === undefined) return;
  const ids = senders.map(({ id }) => id).join(", ");
  throw new Usage(`${name} ${unknown} is not in the configuration; allowed: ${ids}`);
}

export function senderArgument(text: string, known: KnownNames, name = "--sender"): string {
  knownSenders([text], known.senders, name);
  return text;
}

export function streamArgument(text: string, { streams }: KnownNames): string {
  if (streams.includes(text)) return text;
  throw new Usage(`--stream ${text} is not in the configuration; allowed: ${streams.join(", ")}`);
}

export function topicArgument(text: string, sender: string, known: KnownNames): string {
  const topics = known.senders.find((candidate) => candidate.id === sender)?.topics ?? [];
  if (topics.includes(text)) return text;
  throw new Usage(
    `--topic ${text} is the topic of no stream of sender ${sender}; allowed: ${topics.join(", ")}`,
  );
}

export function scopeArgument(text: string, known: KnownNames): SuppressionScope {
  const scope = knownScope(text, known);
  if (scope === undefined || text === "") {
    throw new Usage(
      `--scope ${text} names nothing in the configuration; allowed: ${allowedScopes(known).join(", ")}`,
    );
  }
  return scope;
}

export function choiceArgument<T extends string>(
  name: string,
  text: string,
  allowed: readonly T[],
): T {
  const choice = allowed.find((candidate) => candidate === text);
  if (choice === undefined) {
    throw new Usage(`${name} ${text} is not known; allowed: ${allowed.join(", ")}`);
  }
  return choice;
}

/** `--lang`, else the terminal's. */
export function languageArgument(lang: string | undefined): "ja" | "en" {
  if (lang === "ja" || lang === "en") return lang;
  if (lang !== undefined) throw new Usage(`--lang ${lang} is not known; give ja or en`);
  return Intl.DateTimeFormat().resolvedOptions().locale.startsWith("ja") ? "ja" : "en";
}

/** RFC 3339, or a date alone, in Japan's time where no zone is named. `dayEdge`: see {@link parseDate}. */
export function timeArgument(name: string, text: string, dayEdge: "start" | "end" = "start"): Date {
  return timeOf(name, text, parseDate(text, tokyoMinutes, dayEdge));
}

/** As {@link timeArgument}, of a stop; `end`: that of a pause. See {@link parseStopDate}. */
export function stopTimeArgument(name: string, text: string, now: Date, end?: Date): Date {
  return timeOf(name, text, parseStopDate(text, tokyoMinutes, latestOfStop(now, end)));
}

function timeOf(name: string, text: string, time: Parsed<Date>): Date {
  if (time.kind === "bad") {
    throw new Usage(`${name} ${text} ${time.problem}`);
  }
  return time.value;
}

/** Collects `--evidence KEY=VALUE --evidence KEY=VALUE`. */
export function pairs(name: string): (text: string, before?: Pairs) => Pairs {
  return (text, before = {}) => {
    const match = /^([^=]+)=(.*)$/s.exec(text);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new Usage(`${name} ${text} is not of the form KEY=VALUE`);
    }
    return { ...before, [match[1].trim()]: match[2].trim() };
  };
}

export type Pairs = Readonly<Record<string, string>>;
