// The verbs of people and their sessions that change something.
import { loginElsewhere, loginEvent, userChanged } from "../../audit/from-people.ts";
import { isAdministrator, isLastAdministrator } from "../../identity/administrator.ts";
import { revokeToken } from "../../identity/issue.ts";
import type { UserSaved } from "../../identity/people-store.ts";
import type { Session } from "../../identity/session.ts";
import type { Act } from "../../identity/store.ts";
import { userActor, type User, type UserChange } from "../../identity/user.ts";
import { networkOf } from "../../mail/party.ts";
import type { WriterContext } from "./context.ts";
import { createIdentityReader } from "./identity-rows.ts";
import { createIdentityVerbs } from "./identity.ts";
import { isSameRecord } from "./same-record.ts";
import { toSession, type SessionRow } from "./session-rows.ts";
import { toUser, userColumns, type UserRow } from "./user-rows.ts";

const touchMilliseconds = 60_000; // activity is noted at most once a minute

/** After these nobody may go on with what was proved before. */
const endsSessions: readonly UserChange[] = ["disable", "reset", "password", "totp-remove"];

/** What people do to one another. Single sign-on is not among them: who lost a role at the provider has lost it. */
const takesRights: readonly UserChange[] = ["disable", "roles"];

export interface UserVerbs {
  readonly saveUser: (
    user: User,
    change: UserChange,
    act: Act,
    keep?: string,
    was?: User,
  ) => UserSaved;
  readonly spendStep: (id: string, step: number) => boolean;
  readonly spendRecovery: (id: string, hash: string, act: Act) => boolean;
  readonly touchUser: (id: string, at: Date) => void;
  readonly beginSession: (
    session: Session,
    max: number,
    act: Act,
    method: string,
  ) => readonly Session[];
  readonly seenSession: (hash: string, at: Date) => void;
  readonly provedSession: (hash: string, at: Date, act: Act) => void;
  readonly endSession: (hash: string, act: Act) => void;
  readonly sweepSessions: (createdBefore: Date, seenBefore: Date) => void;
}

export function createUserVerbs(context: WriterContext): UserVerbs {
  const { db, audit, keys } = context;
  const byId = db.prepare<[string], UserRow>("SELECT * FROM users WHERE id = ?");
  const byEmail = db.prepare<[Buffer], UserRow>("SELECT * FROM users WHERE email_index = ?");
  const everybody = db.prepare<[], UserRow>("SELECT * FROM users WHERE disabled_at IS NULL");
  const put = db.prepare(
    `INSERT INTO users (id, email_index, created_at, disabled_at, last_used_at, recovery, rest, sealed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET email_index = excluded.email_index, disabled_at = excluded.disabled_at,
       recovery = excluded.recovery, rest = excluded.rest, sealed = excluded.sealed`,
  );
  const spend = db.prepare<[number, string, number]>(
    "UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?",
  );
  const setRecovery = db.prepare<[string, string]>("UPDATE users SET recovery = ? WHERE id = ?");
  const touch = db.prepare<[number, string, number]>(
    "UPDATE users SET last_used_at = ? WHERE id = ? AND coalesce(last_used_at, 0) <= ?",
  );
  const endAllOf = db.prepare<[string, string]>(
    "DELETE FROM sessions WHERE user = ? AND hash <> ?",
  );
  const tokens = createIdentityReader(db);
  const { saveToken } = createIdentityVerbs(context);
  const endTokensOf = (id: string, act: Act): void => {
    for (const token of tokens.tokens())
      if (token.owner === userActor(id) && token.revokedAt === undefined)
        saveToken(revokeToken(token, act.at), "revoke", act);
  };
  return {
    saveUser: (user, change, act, keep = "", was) => {
      const row = byId.get(user.id);
      const before = row === undefined ? undefined : toUser(row, keys.seal);
      if (was !== undefined && !isSameRecord(before, was)) return "changed";
      if (before !== undefined && takesRights.includes(change) && !isAdministrator(user)) {
        const others = everybody.all().map((each) => toUser(each, keys.seal));
        if (isLastAdministrator(before, others)) return "last-administrator";
      }
      const same = byEmail.get(Buffer.from(user.emailIndex, "hex"));
      if (same !== undefined && same.id !== user.id) return "exists";
      put.run(...userColumns(user, keys.seal));
      if (endsSessions.includes(change)) endAllOf.run(user.id, keep);
      audit.append(userChanged(before, user, change, act));
      // For good: who is let in again makes new ones, and whoever had theirs meanwhile does not come back with them.
      if (change === "disable") endTokensOf(user.id, act);
      return "saved";
    },
    spendStep: (id, step) => spend.run(step, id, step).changes === 1,
    spendRecovery: (id, hash, act) => {
      const row = byId.get(id);
      if (row === undefined) return false;
      const left = JSON.parse(row.recovery) as readonly string[];
      if (!left.includes(hash)) return false;
      setRecovery.run(JSON.stringify(left.filter((each) => each !== hash)), id);
      audit.append(loginEvent("recovery-code-used", act, { user: id }));
      return true;
    },
    touchUser: (id, at) => {
      touch.run(at.getTime(), id, at.getTime() - touchMilliseconds);
    },
    ...createSessionVerbs(context),
  };
}

type SessionVerb =
  "beginSession" | "seenSession" | "provedSession" | "endSession" | "sweepSessions";

function createSessionVerbs({ db, audit }: WriterContext): Pick<UserVerbs, SessionVerb> {
  const insert = db.prepare(
    `INSERT INTO sessions (hash, user, created_at, last_seen_at, proved_at, remote)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const trim = db.prepare<[string, string, number]>(
    `DELETE FROM sessions WHERE user = ? AND hash NOT IN
       (SELECT hash FROM sessions WHERE user = ? ORDER BY created_at DESC, hash LIMIT ?)`,
  );
  const ofUser = db.prepare<[string], SessionRow>(
    "SELECT * FROM sessions WHERE user = ? ORDER BY created_at, hash",
  );
  const seen = db.prepare<[number, string, number]>(
    "UPDATE sessions SET last_seen_at = ? WHERE hash = ? AND last_seen_at <= ?",
  );
  const proved = db.prepare<[number, string]>("UPDATE sessions SET proved_at = ? WHERE hash = ?");
  const owner = db.prepare<[string], string>("SELECT user FROM sessions WHERE hash = ?").pluck();
  const remove = db.prepare<[string]>("DELETE FROM sessions WHERE hash = ?");
  const sweep = db.prepare<[number, number]>(
    "DELETE FROM sessions WHERE created_at <= ? OR last_seen_at <= ?",
  );
  return {
    beginSession: (session, max, act, method) => {
      insert.run(
        session.hash,
        session.user,
        session.createdAt.getTime(),
        session.lastSeenAt.getTime(),
        session.provedAt.getTime(),
        session.remote,
      );
      trim.run(session.user, session.user, max);
      audit.append(loginEvent("begun", act, { user: session.user, method }));
      const elsewhere = ofUser
        .all(session.user)
        .map(toSession)
        .filter(({ remote }) => networkOf(remote) !== networkOf(session.remote));
      if (elsewhere.length > 0) audit.append(loginElsewhere(session.user, elsewhere, act));
      return elsewhere;
    },
    seenSession: (hash, at) => {
      seen.run(at.getTime(), hash, at.getTime() - touchMilliseconds);
    },
    provedSession: (hash, at, act) => {
      proved.run(at.getTime(), hash);
      audit.append(loginEvent("proved", act, {}));
    },
    endSession: (hash, act) => {
      const user = owner.get(hash);
      if (user === undefined) return;
      remove.run(hash);
      audit.append(loginEvent("ended", act, { user }));
    },
    sweepSessions: (createdBefore, seenBefore) => {
      sweep.run(createdBefore.getTime(), seenBefore.getTime());
    },
  };
}
