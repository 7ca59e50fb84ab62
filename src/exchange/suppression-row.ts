// One row of a suppressions table (consent.md, Files) → a suppression and its target, or what is wrong with it.
import {
  parseScope,
  suppressionKinds,
  type Suppression,
  type SuppressionKind,
  type SuppressionScope,
} from "../consent/suppression.ts";
import type { Address } from "../mail/address.ts";
import { parseDomain, type Domain } from "../mail/domain.ts";
import type { Parsed } from "../mail/parsed.ts";
import { parseDate } from "./date.ts";
import type { ColumnSpec, NamedRow } from "./header.ts";
import {
  personalNumbers,
  readAddress,
  rowProblem,
  type RowContext,
  type RowProblem,
  type RowReading,
} from "./row-problem.ts";

export const suppressionColumns = ["email", "kind", "scope", "reason", "expires_at"] as const;

export const suppressionSpecs: readonly ColumnSpec[] = [
  {
    name: "email",
    aliases: ["mail", "e-mail", "email_address", "メールアドレス", "メール", "アドレス"],
  },
  { name: "kind", aliases: ["type", "種別", "区分"] },
  { name: "scope", aliases: ["範囲", "対象"] },
  { name: "reason", aliases: ["理由", "備考"] },
  { name: "expires_at", aliases: ["有効期限", "解除日"] },
];

export interface NewSuppression {
  readonly target: Address | Domain;
  readonly suppression: Suppression;
}

const reasonMaxCharacters = 500;

/** `*@example.jp` stands for the whole domain. An empty kind is `import`, an empty scope `all`: the widest. */
export function readSuppressionRow(row: NamedRow, context: RowContext): RowReading<NewSuppression> {
  const cell = (name: string): string => row.get(name) ?? "";
  const problems: RowProblem[] = personalNumbers(row, context.trusted);
  const complain = (column: string, problem: string, remedy: string): void => {
    problems.push(rowProblem(column, cell(column), problem, remedy));
  };
  const target = readTarget(cell("email"));
  if (target.kind === "bad")
    complain("email", target.problem, "correct the address or leave the row out");
  const kind = kindOf(cell("kind"));
  if (kind === undefined) {
    complain("kind", "is none that is known", `write one of: ${suppressionKinds.join(", ")}`);
  }
  const scope = knownScope(cell("scope"), context);
  if (scope === undefined) {
    complain(
      "scope",
      "is none that is known",
      `write one of: ${allowedScopes(context).join(", ")}`,
    );
  }
  const expires =
    cell("expires_at") === "" ? undefined : parseDate(cell("expires_at"), context.zone, "end");
  if (expires?.kind === "bad")
    complain("expires_at", expires.problem, "correct the date or leave it empty");
  const reason = cell("reason");
  if (reason.length > reasonMaxCharacters) {
    complain("reason", `is longer than ${reasonMaxCharacters} characters`, "shorten it");
  }
  if (
    problems.length > 0 ||
    target.kind === "bad" ||
    kind === undefined ||
    scope === undefined ||
    expires?.kind === "bad"
  ) {
    return { kind: "bad", problems };
  }
  const ofDomain = typeof target.value === "string";
  return {
    kind: "ok",
    value: {
      target: target.value,
      suppression: {
        subject:
          typeof target.value === "string"
            ? context.indexer.domain(target.value)
            : context.indexer.address(target.value),
        ofDomain,
        kind,
        scope,
        origin: context.actor,
        createdAt: context.now,
        ...(reason === "" ? {} : { reason }),
        ...(expires === undefined ? {} : { expiresAt: expires.value }),
      },
    },
  };
}

const keyOctets = 16; // of the subject

/** A suppression while its table is judged: the key, and JSON. */
export function packSuppression(row: NewSuppression): Uint8Array {
  return Buffer.concat([
    Buffer.from(row.suppression.subject, "hex"),
    Buffer.from(JSON.stringify(row)),
  ]);
}

export function unpackSuppression(octets: Uint8Array): NewSuppression {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  // The parser of what `packSuppression` wrote: dates alone lose their form in JSON.
  const { target, suppression } = JSON.parse(text.toString("utf8", keyOctets)) as NewSuppression;
  const { createdAt, expiresAt, ...rest } = suppression;
  return {
    target,
    suppression: {
      ...rest,
      createdAt: new Date(createdAt),
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    },
  };
}

function readTarget(text: string): Parsed<Address | Domain> {
  return text.startsWith("*@") ? parseDomain(text.slice(2)) : readAddress(text);
}

function kindOf(text: string): SuppressionKind | undefined {
  const word = text.normalize("NFKC").toLowerCase().replaceAll(/[ _]/g, "-");
  if (word === "") return "import";
  return suppressionKinds.find((kind) => kind === word);
}

/** The scope where it names a sender or stream of this gateway; undefined where it does not. */
export function knownScope(
  text: string,
  known: Pick<RowContext, "senders" | "streams">,
): SuppressionScope | undefined {
  const scope = parseScope(text === "" ? "all" : text);
  switch (scope?.kind) {
    case undefined:
      return undefined;
    case "all":
      return scope;
    case "sender":
      return known.senders.some((sender) => sender.id === scope.id) ? scope : undefined;
    case "stream":
      return known.streams.includes(scope.id) ? scope : undefined;
  }
}

/** What `scope` may be, for messages. */
export function allowedScopes(known: Pick<RowContext, "senders" | "streams">): readonly string[] {
  return [
    "all",
    ...known.senders.map((sender) => `sender:${sender.id}`),
    ...known.streams.map((stream) => `stream:${stream}`),
  ];
}
