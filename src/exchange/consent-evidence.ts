// The evidence of one row of a consents table: what its columns prove beside the facts of the event itself.
import type { Evidence } from "../consent/event.ts";
import type { NamedRow } from "./header.ts";

const ownColumns: ReadonlySet<string> = new Set([
  "email",
  "sender",
  "topic",
  "basis",
  "granted_at",
  "expires_at",
]);

const factColumns: ReadonlySet<string> = new Set([
  ...ownColumns,
  "method",
  "source",
  "wording",
  "evidence",
  "policy_version",
]);

/** Reads evidence, and gives the same object again for rows that follow one another with the same: most of a table do. */
export function createEvidenceReader(): (row: NamedRow) => Evidence {
  let lastKey: string | undefined;
  let last: Evidence = {};
  return (row) => {
    let key = "";
    for (const [name, value] of row) if (!ownColumns.has(name)) key += `${name}\0${value}\0`;
    if (key === lastKey) return last;
    lastKey = key;
    last = readEvidence(row);
    return last;
  };
}

/** Columns that are not facts of the event itself are evidence; a JSON object in `evidence` is taken apart. */
export function readEvidence(row: NamedRow): Evidence {
  const given = parseEvidence(row.get("evidence") ?? "");
  const more = given.filter(([name]) => name !== "policy_version");
  for (const entry of row) if (!factColumns.has(entry[0]) && entry[1] !== "") more.push(entry);
  const method = row.get("method") ?? "";
  const source = row.get("source") ?? "";
  const wording = row.get("wording") ?? "";
  const policyVersion =
    row.get("policy_version") ?? given.find(([name]) => name === "policy_version")?.[1] ?? "";
  return {
    ...(method === "" ? {} : { method }),
    ...(source === "" ? {} : { source }),
    ...(wording === "" ? {} : { wording }),
    ...(policyVersion === "" ? {} : { policyVersion }),
    // fromEntries defines properties, so that a column named __proto__ is a name like any other.
    ...(more.length === 0 ? {} : { more: Object.fromEntries(more) }),
  };
}

function parseEvidence(text: string): (readonly [string, string])[] {
  if (text === "") return [];
  if (!text.startsWith("{")) return [["evidence", text]];
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return [["evidence", text]];
    return Object.entries(parsed).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
  } catch {
    return [["evidence", text]]; // Free text may begin with a brace.
  }
}
