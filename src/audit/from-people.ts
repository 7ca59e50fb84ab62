// The audit events of people, sessions, approvals and the kill switch: who, from where, before and after; never a secret. Pure.
import type { AuditDraft, Detail, EventType } from "./event.ts";

/** An administrative act: who did it, when, from which IP address, and why. */
export interface PeopleAct {
  readonly actor: string;
  readonly reason?: string;
  readonly at: Date;
  readonly from?: string;
}

/** What of a user stands in the record. */
interface UserFacts {
  readonly id: string;
  readonly emailIndex: string;
  readonly roles: readonly string[];
  readonly senders: readonly string[];
  readonly disabledAt?: Date;
  readonly deputyOf?: readonly { readonly user: string; readonly until: Date }[];
}

export function userChanged(
  before: UserFacts | undefined,
  after: UserFacts,
  change: string,
  act: PeopleAct,
): AuditDraft {
  return acted("User", act, {
    change,
    user: after.id,
    ...(before === undefined ? {} : factsOf("before", before)),
    ...factsOf("after", after),
    ...(before === undefined || before.emailIndex === after.emailIndex
      ? {}
      : { addressChanged: true }),
    ...(change === "deputy"
      ? { beforeDeputyOf: deputiesOf(before), afterDeputyOf: deputiesOf(after) }
      : {}),
  });
}

function deputiesOf(user: UserFacts | undefined): readonly string[] {
  return (user?.deputyOf ?? []).map(
    (each) => `user:${each.user} until ${each.until.toISOString()}`,
  );
}

function factsOf(when: "before" | "after", user: UserFacts): Detail {
  const disabled = user.disabledAt !== undefined;
  return {
    [`${when}Roles`]: [...user.roles],
    [`${when}Senders`]: [...user.senders],
    [`${when}Disabled`]: disabled,
  };
}

/** `result`: begun, refused, throttled, ended, proved. `user` is absent where the name is unknown. */
export function loginEvent(
  result: string,
  act: PeopleAct,
  more: { readonly user?: string; readonly method?: string },
): AuditDraft {
  return acted("Login", act, { channel: "http", result, ...more });
}

/** One account in use from two places at once: the person should know of both, or somebody else has the password. */
export function loginElsewhere(
  user: string,
  others: readonly { readonly remote: string }[],
  act: PeopleAct,
): AuditDraft {
  return acted("Alarm", act, {
    what: "concurrent logins from different places",
    user,
    others: [...new Set(others.map(({ remote }) => remote))],
  });
}

/** Any other act of administration. */
export function operation(act: PeopleAct, detail: Detail): AuditDraft {
  return acted("Operation", act, detail);
}

export function acted(type: EventType, act: PeopleAct, detail: Detail): AuditDraft {
  return {
    type,
    at: act.at,
    actor: act.actor,
    detail: { ...detail, ...(act.from === undefined ? {} : { from: act.from }) },
    ...(act.reason === undefined ? {} : { personal: { reason: act.reason } }),
  };
}
