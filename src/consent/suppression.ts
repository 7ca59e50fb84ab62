// Addresses and domains that must not be sent to, whatever consent says.
import type { AddressIndex } from "./address-index.ts";

export const suppressionKinds = [
  "hard-bounce",
  "complaint",
  "unsubscribe",
  "manual",
  "import",
] as const;
export type SuppressionKind = (typeof suppressionKinds)[number];

/** all senders of this gateway · one sender · one stream. */
export type SuppressionScope =
  | { readonly kind: "all" }
  | { readonly kind: "sender"; readonly id: string }
  | { readonly kind: "stream"; readonly id: string };

export interface Suppression {
  /** Index of the address or, where `ofDomain`, of the domain. */
  readonly subject: AddressIndex;
  readonly ofDomain: boolean;
  readonly kind: SuppressionKind;
  readonly scope: SuppressionScope;
  /** What made it: `cli:root`, `token:ID`, `recipient`, `bounce`, `import:FILE-DIGEST`. */
  readonly origin: string;
  readonly reason?: string;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
  /** The message whose bounce, complaint or link brought it about. */
  readonly messageId?: string;
}

/** `all`, `sender:ID`, `stream:ID`; undefined where the text is none of them. */
export function parseScope(text: string): SuppressionScope | undefined {
  if (text === "all") return { kind: "all" };
  const match = /^(sender|stream):(.+)$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  return { kind: match[1] === "sender" ? "sender" : "stream", id: match[2] };
}

export function formatScope(scope: SuppressionScope): string {
  return scope.kind === "all" ? "all" : `${scope.kind}:${scope.id}`;
}

/** Whether `a` ends after `b`: one without an end outlasts every other. */
export function outlasts(a: Suppression, b: Suppression): boolean {
  if (b.expiresAt === undefined) return false;
  return a.expiresAt === undefined || a.expiresAt > b.expiresAt;
}

/** Whether the suppression holds for mail of this sender and stream at that time. */
export function applies(
  suppression: Suppression,
  to: { sender: string; stream: string; now: Date },
): boolean {
  if (suppression.expiresAt !== undefined && suppression.expiresAt <= to.now) return false;
  switch (suppression.scope.kind) {
    case "all":
      return true;
    case "sender":
      return suppression.scope.id === to.sender;
    case "stream":
      return suppression.scope.id === to.stream;
  }
}
