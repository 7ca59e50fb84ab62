// A row of `users` and the user it stands for: address and TOTP secret sealed, the rest as JSON written here.
import type { KeyObject } from "node:crypto";

import type { User } from "../../identity/user.ts";
import { seal, unseal } from "../sealing.ts";

export interface UserRow {
  readonly id: string;
  readonly email_index: Buffer;
  readonly created_at: number;
  readonly disabled_at: number | null;
  readonly last_used_at: number | null;
  readonly totp_step: number;
  readonly recovery: string;
  readonly rest: string;
  readonly sealed: Buffer;
}

interface Rest {
  readonly roles: readonly string[];
  readonly senders: readonly string[];
  readonly deputyOf: readonly { readonly user: string; readonly until: number }[];
  readonly password?: {
    readonly hash: string;
    readonly setAt: number;
    readonly initial: boolean;
    readonly expiresAt?: number;
  };
  readonly oidcSubject?: string;
  readonly oidcIssuer?: string;
}

type Sealed = Pick<User, "email" | "totp">;

export const userPlace = (id: string): string => `user ${id}`;

/** Columns in the order of the table, `totp_step` left out. */
export function userColumns(
  user: User,
  key: KeyObject,
): readonly (string | number | Buffer | null)[] {
  const { password, deputyOf, oidcSubject, oidcIssuer } = user;
  const rest: Rest = {
    roles: user.roles,
    senders: user.senders,
    deputyOf: deputyOf.map(({ user: whose, until }) => ({ user: whose, until: until.getTime() })),
    ...(password === undefined
      ? {}
      : {
          password: {
            hash: password.hash,
            setAt: password.setAt.getTime(),
            initial: password.initial,
            ...(password.expiresAt === undefined
              ? {}
              : { expiresAt: password.expiresAt.getTime() }),
          },
        }),
    ...(oidcSubject === undefined ? {} : { oidcSubject }),
    ...(oidcIssuer === undefined ? {} : { oidcIssuer }),
  };
  const secret: Sealed = {
    email: user.email,
    ...(user.totp === undefined ? {} : { totp: user.totp }),
  };
  return [
    user.id,
    Buffer.from(user.emailIndex, "hex"),
    user.createdAt.getTime(),
    user.disabledAt?.getTime() ?? null,
    user.lastUsedAt?.getTime() ?? null,
    JSON.stringify(user.recovery),
    JSON.stringify(rest),
    seal(key, userPlace(user.id), Buffer.from(JSON.stringify(secret))),
  ];
}

export function toUser(row: UserRow, key: KeyObject): User {
  const { password, deputyOf, ...rest } = JSON.parse(row.rest) as Rest;
  const secret = JSON.parse(unseal(key, userPlace(row.id), row.sealed).toString("utf8")) as Sealed;
  return {
    ...rest,
    ...secret,
    id: row.id,
    emailIndex: Buffer.from(row.email_index).toString("hex"),
    createdAt: new Date(row.created_at),
    ...(row.disabled_at === null ? {} : { disabledAt: new Date(row.disabled_at) }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: new Date(row.last_used_at) }),
    recovery: JSON.parse(row.recovery) as readonly string[],
    deputyOf: deputyOf.map(({ user, until }) => ({ user, until: new Date(until) })),
    ...(password === undefined
      ? {}
      : {
          password: {
            hash: password.hash,
            setAt: new Date(password.setAt),
            initial: password.initial,
            ...(password.expiresAt === undefined
              ? {}
              : { expiresAt: new Date(password.expiresAt) }),
          },
        }),
  };
}
