// Which evidence each basis needs before it may be recorded, and what makes it void (law.md JP-05…11, S3). Pure.
import type { Basis, ConsentEvent, Evidence } from "./event.ts";

/** What stands in the way of recording an event: the column (or field) it is about, and what to do. */
export interface EventProblem {
  readonly column: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Clocks of two machines differ; an event dated further ahead than this is a mistake or a forgery (threats.md row 90). */
const aheadMaxMs = 5 * 60_000;
const valueMaxCharacters = 4000; // a long consent wording fits; a whole web page does not
const entriesMax = 50; // columns of a wide customer export
const keyMaxCharacters = 64;

const yes = new Set(["true", "yes", "1", "y", "on", "はい", "有", "あり"]);
const no = new Set(["false", "no", "0", "n", "off", "いいえ", "無", "なし"]);
const businesses = new Set(["organisation", "organization", "company", "sole_trader", "business"]);
const consumers = new Set(["consumer", "individual", "private"]);

/** All problems, none for an event that may be recorded. Names in `column` are those of the CSV (consent.md, Files). */
export function eventProblems(event: ConsentEvent, now: Date): readonly EventProblem[] {
  return [
    ...timeProblems(event, now),
    ...sizeProblems(event.evidence),
    // What stops mail needs no proof.
    ...(event.kind === "granted" ? basisRules[event.basis](event.evidence) : []),
  ];
}

type Rule = (evidence: Evidence) => readonly EventProblem[];

const basisRules: Readonly<Record<Basis, Rule>> = {
  // 特定電子メール法 3条1項1号; 規則4条1項: time, method and circumstances are kept.
  consent: (evidence) => [
    ...filled(
      evidence,
      "method",
      "how the person consented: web-form, double-opt-in, paper, phone",
    ),
    ...filled(evidence, "source", "where: the form's URL, the shop or the event"),
    // law.md JP-06: the person must be able to tell who will send.
    ...senderNamed(evidence),
  ],
  // 3条1項2号; 規則2条2項: a card that says "no sales mail" is void.
  written_notice: (evidence) => [
    ...anyFilled(
      evidence,
      ["source", "event", "collector"],
      "where or by whom the card was received",
    ),
    ...stated(evidence, "refusal_on_card", "the card itself says that it wants no such mail"),
  ],
  // 規則2条1項1号.
  any_notice: (evidence) => [
    ...filled(evidence, "method", "how the address was notified: phone, web-form, e-mail"),
    ...filled(evidence, "source", "where it was notified"),
  ],
  // 3条1項3号.
  relationship: (evidence) =>
    anyFilled(
      evidence,
      ["contract_id", "source"],
      "the contract or account that shows the relationship",
    ),
  // 3条1項4号; 規則3条.
  published_address: (evidence) => [
    ...url(evidence),
    ...stated(
      evidence,
      "refusal_notice",
      "the page says beside the address that it wants no such mail",
    ),
    ...publisher(evidence),
  ],
  // 規則6条1号.
  contract: (evidence) =>
    anyFilled(evidence, ["contract_id", "source"], "the contract that the mail is about"),
};

function timeProblems(event: ConsentEvent, now: Date): readonly EventProblem[] {
  const problems: EventProblem[] = [];
  if (!(event.at.getTime() <= now.getTime() + aheadMaxMs)) {
    problems.push({
      column: "granted_at",
      problem: "lies in the future",
      remedy: "give the time at which it happened",
    });
  }
  const end = endOf(event);
  if (end !== undefined && !(end > event.at)) {
    problems.push({
      column: "expires_at",
      problem: "is not later than the event itself",
      remedy:
        event.kind === "paused" ? "give a later time" : "give a later time, or leave it empty",
    });
  }
  return problems;
}

/** When it stops having effect by itself; undefined: never. */
export function endOf(event: ConsentEvent): Date | undefined {
  switch (event.kind) {
    case "granted":
      return event.expiresAt;
    case "paused":
      return event.until;
    case "withdrawn":
    case "expired":
      return undefined;
  }
}

function sizeProblems(evidence: Evidence): readonly EventProblem[] {
  const problems: EventProblem[] = [];
  const more = Object.entries(evidence.more ?? {});
  if (more.length > entriesMax) {
    problems.push({
      column: "evidence",
      problem: `has more than ${entriesMax} entries`,
      remedy: "leave out the columns that prove nothing",
    });
  }
  for (const [column, value] of [...fixedFields(evidence), ...more]) {
    if (column.length > keyMaxCharacters) {
      problems.push({
        column: `${column.slice(0, keyMaxCharacters)}…`,
        problem: `has a name longer than ${keyMaxCharacters} characters`,
        remedy: "shorten the name",
      });
    }
    if (value.length > valueMaxCharacters) {
      problems.push({
        column,
        problem: `is longer than ${valueMaxCharacters} characters`,
        remedy: "shorten it, or name the document that holds the rest",
      });
    }
  }
  return problems;
}

function fixedFields(evidence: Evidence): readonly (readonly [string, string])[] {
  return [
    ["method", evidence.method ?? ""],
    ["source", evidence.source ?? ""],
    ["wording", evidence.wording ?? ""],
    ["policy_version", evidence.policyVersion ?? ""],
  ];
}

function valueOf(evidence: Evidence, column: string): string {
  if (column === "method") return evidence.method?.trim() ?? "";
  if (column === "source") return evidence.source?.trim() ?? "";
  return Object.hasOwn(evidence.more ?? {}, column) ? (evidence.more?.[column]?.trim() ?? "") : "";
}

function filled(evidence: Evidence, column: string, what: string): readonly EventProblem[] {
  return valueOf(evidence, column) !== ""
    ? []
    : [{ column, problem: "is empty", remedy: `say ${what}` }];
}

function anyFilled(
  evidence: Evidence,
  columns: readonly [string, ...string[]],
  what: string,
): readonly EventProblem[] {
  if (columns.some((column) => valueOf(evidence, column) !== "")) return [];
  return [
    {
      column: columns[0],
      problem: `is empty, as are all of ${columns.join(", ")}`,
      remedy: `say ${what} in one of them`,
    },
  ];
}

/** The operator must have said that the voiding fact is not so: silence is not evidence. */
function stated(evidence: Evidence, column: string, voiding: string): readonly EventProblem[] {
  const value = valueOf(evidence, column).toLowerCase();
  if (no.has(value)) return [];
  if (yes.has(value)) {
    return [
      {
        column,
        problem: `is ${value}: ${voiding}, so the basis is void`,
        remedy: "leave this address out, or obtain consent",
      },
    ];
  }
  return [
    {
      column,
      problem: value === "" ? "is not stated" : "is neither true nor false",
      remedy: `look, and say false unless ${voiding}`,
    },
  ];
}

function senderNamed(evidence: Evidence): readonly EventProblem[] {
  if (!no.has(valueOf(evidence, "sender_named").toLowerCase())) return [];
  return [
    {
      column: "sender_named",
      problem: "is false: a consent that did not name the sender is void",
      remedy: "obtain a consent that names the sender, or leave this address out",
    },
  ];
}

function url(evidence: Evidence): readonly EventProblem[] {
  const source = valueOf(evidence, "source");
  const parsed = URL.canParse(source) ? new URL(source) : undefined;
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return [];
  return [
    {
      column: "source",
      problem: source === "" ? "is empty" : "is not an http or https URL",
      remedy: "give the URL of the page that shows the address; granted_at is when it was seen",
    },
  ];
}

function publisher(evidence: Evidence): readonly EventProblem[] {
  const value = valueOf(evidence, "publisher").toLowerCase();
  if (businesses.has(value)) return [];
  return [
    {
      column: "publisher",
      problem: consumers.has(value)
        ? "is a consumer: only an organisation's or a sole trader's own address counts"
        : "does not say who published the address",
      remedy: "say organisation or sole_trader, or leave this address out",
    },
  ];
}
