// How suppressions stand in their table, and the digest of a row that its audit event holds.
import { hash, type KeyObject } from "node:crypto";

import {
  formatScope,
  suppressionKinds,
  type Suppression,
  type SuppressionScope,
} from "../../consent/suppression.ts";
import { unseal } from "../sealing.ts";
import type { Names } from "./names.ts";
import { indexText } from "./subjects.ts";

export interface SuppressionRow {
  readonly subject: Buffer;
  readonly scope_kind: number;
  /** 0 where the scope is all. */
  readonly scope_name: number;
  readonly kind: number;
  readonly of_domain: number;
  readonly origin: number;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly message_id: string | null;
  readonly reason: Buffer | null;
  readonly sequence: number;
}

export const suppressionColumns =
  "subject, scope_kind, scope_name, kind, of_domain, origin, created_at, expires_at, message_id, reason, sequence";

/** Place in these lists is what the table holds: append only. */
const scopeKinds = ["all", "sender", "stream"] as const;

/** The scope's two columns. `number` gives the number of a name, undefined where the name is unknown. */
export function scopeColumns(
  scope: SuppressionScope,
  number: (name: string) => number | undefined,
): { readonly kind: number; readonly name: number } | undefined {
  const name = scope.kind === "all" ? 0 : number(scope.id);
  return name === undefined ? undefined : { kind: scopeKinds.indexOf(scope.kind), name };
}

function scopeOf(row: SuppressionRow, names: Names): SuppressionScope {
  const kind = scopeKinds[row.scope_kind];
  if (kind === undefined) throw new Error("a suppression has an unknown scope");
  switch (kind) {
    case "all":
      return { kind };
    case "sender":
    case "stream":
      return { kind, id: names.of(row.scope_name) };
  }
}

/** Where the sealed reason is bound to. */
export function reasonPlace(sequence: number): string {
  return `suppression/${sequence}`;
}

/** `key` undefined leaves the reason out. */
export function rowToSuppression(row: SuppressionRow, names: Names, key?: KeyObject): Suppression {
  const kind = suppressionKinds[row.kind];
  if (kind === undefined) throw new Error("a suppression has an unknown kind");
  const reason = row.reason === null || key === undefined ? undefined : openReason(key, row);
  return {
    subject: indexText(row.subject),
    ofDomain: row.of_domain === 1,
    kind,
    scope: scopeOf(row, names),
    origin: names.of(row.origin),
    ...(reason === undefined ? {} : { reason }),
    createdAt: new Date(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at) }),
    ...(row.message_id === null ? {} : { messageId: row.message_id }),
  };
}

function openReason(key: KeyObject, row: SuppressionRow): string | undefined {
  if (row.reason === null) return undefined;
  try {
    return unseal(key, reasonPlace(row.sequence), row.reason).toString("utf8");
  } catch {
    return undefined; // sealed before the person was erased and came back
  }
}

export function suppressionDigest(row: SuppressionRow, names: Names): string {
  const text = JSON.stringify([
    row.sequence,
    row.subject.toString("hex"),
    formatScope(scopeOf(row, names)),
    row.kind,
    row.of_domain,
    names.of(row.origin),
    row.created_at,
    row.expires_at,
    row.message_id,
    row.reason === null ? null : row.reason.toString("base64"),
  ]);
  return hash("sha256", text, "hex");
}
