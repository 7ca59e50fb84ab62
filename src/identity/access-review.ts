// Who has what, when it was last used, and what looks forgotten: for the regular review of rights (law.md S107).
import type { Credential } from "./credential.ts";
import type { Token } from "./token.ts";
import { hasSecondFactor, type User } from "./user.ts";

export const staleDaysStandard = 90;
const dayMs = 86_400_000;

export interface ReviewLine {
  readonly kind: "user" | "token" | "credential";
  readonly id: string;
  /** Address of a person, name of a token or credential. */
  readonly name: string;
  /** Roles of a person, scopes of a token, stream of a credential. */
  readonly rights: readonly string[];
  readonly senders: readonly string[];
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  /** What a reviewer should look at; empty: nothing. */
  readonly remarks: readonly string[];
}

/** Those that can be used, each once; what was disabled or revoked has no rights to review. */
export function reviewAccess(
  given: {
    readonly users: readonly User[];
    readonly tokens: readonly Token[];
    readonly credentials: readonly Credential[];
  },
  now: Date,
  staleDays: number = staleDaysStandard,
): readonly ReviewLine[] {
  const forgotten = (createdAt: Date, lastUsedAt: Date | undefined): readonly string[] => {
    const idle = now.getTime() - (lastUsedAt ?? createdAt).getTime();
    if (idle < staleDays * dayMs) return [];
    return [
      lastUsedAt === undefined
        ? `never used in ${Math.floor(idle / dayMs)} days`
        : `not used for ${Math.floor(idle / dayMs)} days`,
    ];
  };
  return [
    ...given.users
      .filter((user) => user.disabledAt === undefined)
      .map((user): ReviewLine => ({
        ...common(user),
        kind: "user",
        id: user.id,
        name: user.email,
        rights: user.roles,
        senders: user.senders,
        remarks: [...forgotten(user.createdAt, user.lastUsedAt), ...remarksOnUser(user, now)],
      })),
    ...given.tokens
      .filter((token) => isUsable(token, now))
      .map((token): ReviewLine => ({
        ...common(token),
        kind: "token",
        id: token.id,
        name: token.name,
        rights: token.scopes,
        senders: token.senders ?? [],
        remarks: [
          ...forgotten(token.createdAt, token.lastUsedAt),
          ...(token.expiresAt === undefined ? ["never expires"] : []),
          ...(token.scopes.includes("*") ? ["has every right"] : []),
        ],
      })),
    ...given.credentials
      .filter((each) => isUsable(each, now))
      .map((each): ReviewLine => ({
        ...common(each),
        kind: "credential",
        id: each.username,
        name: each.name,
        rights: [`send:${each.stream}`],
        senders: [],
        remarks: [
          ...forgotten(each.createdAt, each.lastUsedAt),
          ...(each.ranges.length === 0 ? ["usable from any address"] : []),
        ],
      })),
  ];
}

function common(each: {
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}): Pick<ReviewLine, "createdAt" | "lastUsedAt"> {
  return { createdAt: each.createdAt, lastUsedAt: each.lastUsedAt ?? null };
}

function isUsable(
  each: { readonly expiresAt?: Date; readonly revokedAt?: Date },
  now: Date,
): boolean {
  return each.revokedAt === undefined && (each.expiresAt === undefined || each.expiresAt > now);
}

function remarksOnUser(user: User, now: Date): readonly string[] {
  return [
    ...(user.password !== undefined && !hasSecondFactor(user) ? ["no second factor"] : []),
    ...(user.password?.initial === true ? ["has not changed the initial password"] : []),
    ...(user.roles.includes("administrator") && user.senders.length === 0
      ? ["has every right"]
      : []),
    ...(user.roles.length === 0 ? ["has no role"] : []),
    ...user.deputyOf
      .filter(({ until }) => until > now)
      .map((each) => `decides for user:${each.user} until ${each.until.toISOString()}`),
  ];
}
