// What the feedback listener does with a recipient and a message: takes only what is addressed to us, and learns from it.
import type { AuditDraft } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import type { Indexer } from "../consent/address-index.ts";
import { type Address, parseAddress } from "../mail/address.ts";
import { messageIdTime } from "../mail/message-id.ts";
import type { Desk } from "./desk.ts";
import { createHourlyQuota } from "./hourly-quota.ts";
import type { Signal, SignalSubject } from "./learn.ts";
import type { PassOn } from "./pass-on.ts";
import type { Reading } from "./reading.ts";
import type { ReturnPath, ReturnPurpose } from "./return-path.ts";
import type { SentCopy, SentDirectory } from "./sent.ts";
import { signalsOfRole, signalsOfToken } from "./signals.ts";

/** Mailboxes that people and providers write to: complaints (FBL), replies to a sender's mail, postmaster and abuse. */
export interface RoleMailbox {
  /** Lower case. */
  readonly address: string;
  /** Whose mail is answered there; an opt-out written to it is an opt-out from that sender. */
  readonly sender?: string;
}

export interface ReturnedMail {
  readonly mailFrom: Address | null;
  readonly recipients: readonly Address[];
  readonly content: Buffer;
  readonly helo: string;
  readonly remoteAddress: string;
  /** What limits count by: the address, of IPv6 its /64. */
  readonly client: string;
}

export interface FeedbackParts {
  /** Lower-case names that our return paths and opt-out mailboxes are at. */
  readonly hosts: readonly string[];
  readonly roles: readonly RoleMailbox[];
  readonly returnPath: ReturnPath;
  readonly sent: SentDirectory;
  readonly desk: Desk;
  readonly audit: Pick<AuditLog, "append">;
  readonly indexer: Pick<Indexer, "address">;
  /** Within a deadline, away from the thread that speaks SMTP: what cannot be read is `unreadable`. Never rejects. */
  readonly read: (content: Buffer) => Promise<Reading>;
  /** Reads the token of an opt-out link that was quoted; absent: links prove nothing. */
  readonly readToken?: (token: string) => SignalSubject | undefined;
  /** Absent: what comes back to a return path is not passed on to the client. */
  readonly passOn?: PassOn;
  readonly clock: () => Date;
  /** Addresses that one host may have suppressed in an hour; more looks like an attack or a mishap. Default 500. */
  readonly lossesPerHourMax?: number;
  /**
   * Whether the address in From is proved to have written to this mailbox, by an aligned SPF or DKIM result. Without it a
   * written opt-out that carries no token of ours goes to a person: anybody could have written it (threats.md row 88).
   */
  readonly provesFrom?: (
    mail: ReturnedMail,
    claim: { readonly from: Address; readonly mailbox: Address },
  ) => Promise<boolean>;
}

export const feedbackCounts = [
  "bounce",
  "complaint",
  "unsubscribe",
  "auto-reply",
  "unclear",
  "forged",
  "stale",
  "foreign",
  "unknown",
  "held",
  "repeated",
  "passed-on",
] as const;
export type FeedbackCount = (typeof feedbackCounts)[number];

/** Has the shape of the SMTP listener's seam, and answers no mail: nothing is ever sent from here (RFC 3834 §2). */
export interface Feedback {
  /** Of the first of our domains. */
  readonly postmaster?: string;
  readonly recipient: (address: Address) => Promise<boolean>;
  readonly message: (mail: ReturnedMail) => Promise<void>;
  /** Since the start, for metrics. forged, stale and foreign count refused recipients. */
  readonly counts: () => Readonly<Record<FeedbackCount, number>>;
}

const lossesPerHourMax = 500; // of one host; the busiest receivers of a large campaign stay below
const perCopyHourMax = 20; // reports, delays and answers on one copy; more is a bombed address (threats.md row 88)
const recordingMaxMs = 3_600_000; // a store that is away for longer is an outage of another kind
const tokensMax = 20; // copies that one complaint may be about
const alarmsPerHourMax = 500; // that one host may have a person read
const proofsPerHourMax = 500; // look-ups and hashes that one host may cause: a large provider's people, after a campaign

export function createFeedback(parts: FeedbackParts): Feedback {
  const counts = Object.fromEntries(feedbackCounts.map((name) => [name, 0])) as Counts;
  const { clock } = parts;
  const teach = createTeacher(parts, counts);
  const atToken = createTokenDoor(parts, counts, teach);
  const atRole = createRoleDoor(parts, counts, teach);
  const roleOf = (address: Address): RoleMailbox | undefined =>
    parts.roles.find((role) => role.address === address.text.toLowerCase());
  const postmaster = parts.roles.find(({ address }) => address.startsWith("postmaster@"))?.address;
  return {
    ...(postmaster === undefined ? {} : { postmaster }),
    recipient: (address) => {
      if (roleOf(address) !== undefined) return Promise.resolve(true);
      const reading = parts.hosts.includes(address.domain)
        ? parts.returnPath.read(address.local, clock())
        : ({ kind: "foreign" } as const);
      if (reading.kind !== "ok") counts[reading.kind] += 1;
      return Promise.resolve(reading.kind === "ok");
    },
    message: async (mail) => {
      const reading = await parts.read(mail.content);
      counts[reading.returned.kind] += 1;
      const arrival = { mail, reading, at: clock() };
      for (const recipient of mail.recipients) {
        const role = roleOf(recipient);
        await (role === undefined ? atToken(recipient, arrival) : atRole(role, arrival));
      }
    },
    counts: () => ({ ...counts }),
  };
}

type Counts = Record<FeedbackCount, number>;
type Teach = (signal: Signal, mail: ReturnedMail) => Promise<void>;

/** Dead addresses are believed of one host up to a number an hour; what is beyond goes to a person. */
function createTeacher(parts: FeedbackParts, counts: Counts): Teach {
  const max = parts.lossesPerHourMax ?? lossesPerHourMax;
  const isBelievable = createHourlyQuota(max);
  return async (signal, mail) => {
    const isLoss = signal.kind === "bounce" && signal.permanent && signal.final;
    if (!isLoss || isBelievable(mail.client, signal.at)) {
      await parts.desk.teach(signal);
      return;
    }
    counts.held += 1;
    const why = "one host reports more dead addresses in an hour than is believable";
    await parts.desk.teach({ kind: "unclear", about: signal.about, at: signal.at, why });
  };
}

/** Return paths and opt-out mailboxes: addresses that name one copy. */
function createTokenDoor(
  parts: FeedbackParts,
  counts: Counts,
  teach: Teach,
): (recipient: Address, arrival: Arrival) => Promise<void> {
  const isWithinCopy = createHourlyQuota(perCopyHourMax, true);
  return async (recipient, { mail, reading, at }) => {
    const named = await copyOf(parts, recipient.local, at);
    if (named === undefined) {
      // A fast report can overtake the record of the delivery that it is about.
      if (isYoung(parts, recipient.local, at)) throw new Error("the copy is not recorded yet");
      counts.unknown += 1;
      return;
    }
    const { copy, purpose } = named;
    const signal = signalsOfToken(named, { reading, fromNull: mail.mailFrom === null }, at);
    // A wish to stop is never too much: said again it changes nothing and is not written down again.
    const isWish = purpose === "unsubscribe" && signal.kind === "opt-out";
    if (!isWish && !isWithinCopy(`${purpose} ${copy.recipientId ?? ""}`, at)) {
      counts.repeated += 1;
      return;
    }
    if (purpose !== "bounce" || parts.passOn?.withholds(mail, reading) !== true) {
      await teach(signal, mail);
      if (purpose !== "bounce") return;
      if ((await parts.passOn?.queue(mail, copy)) === "queued") counts["passed-on"] += 1;
      return;
    }
    if (signal.kind !== "unclear") await teach(signal, mail);
    const why = "mail to a return path that bears a sender's name and is no report; not passed on";
    const { about } = signal;
    await teach({ kind: "unclear", about, at, why, excerpt: reading.excerpt }, mail);
  };
}

/** Mailboxes that anybody knows. */
function createRoleDoor(
  parts: FeedbackParts,
  counts: Counts,
  teach: Teach,
): (role: RoleMailbox, arrival: Arrival) => Promise<void> {
  const mayAlarm = createHourlyQuota(alarmsPerHourMax);
  const mayProve = createHourlyQuota(proofsPerHourMax);
  return async (role, arrival) => {
    const { mail, reading, at } = arrival;
    const from = parseAddress(reading.returned.recipients[0]?.address ?? "");
    const mailbox = parseAddress(role.address);
    const prove = async (): Promise<SignalSubject | undefined> =>
      from.kind === "ok" &&
      mailbox.kind === "ok" &&
      role.sender !== undefined &&
      mayProve(mail.client, at) &&
      (await parts.provesFrom?.(mail, { from: from.value, mailbox: mailbox.value })) === true
        ? { subject: parts.indexer.address(from.value), sender: role.sender }
        : undefined;
    const abouts = await subjectsIn(parts, reading, at);
    const { signals, alarm } = await signalsOfRole({ reading, abouts, prove, at });
    if (signals.length === 0) counts.unknown += 1;
    for (const signal of signals) await teach(signal, mail);
    if (alarm === undefined) return;
    // Not taken rather than lost: the other side keeps it and comes again.
    if (!mayAlarm(mail.client, at))
      throw new Error("one host sends more than a person can read in an hour");
    await parts.audit.append([alarmEvent(alarm, role, arrival, parts.indexer)]);
  };
}

interface Arrival {
  readonly mail: ReturnedMail;
  readonly reading: Reading;
  readonly at: Date;
}

interface Named {
  readonly copy: SentCopy;
  readonly purpose: ReturnPurpose;
}

async function copyOf(
  { returnPath, sent }: FeedbackParts,
  local: string,
  at: Date,
): Promise<Named | undefined> {
  const reading = returnPath.read(local, at);
  if (reading.kind !== "ok") return undefined;
  const copy = await sent.find(reading.recipientId);
  return copy === undefined ? undefined : { copy, purpose: reading.purpose };
}

function isYoung({ returnPath }: FeedbackParts, local: string, at: Date): boolean {
  const reading = returnPath.read(local, at);
  if (reading.kind !== "ok") return false;
  const age = at.getTime() - messageIdTime(reading.recipientId).getTime();
  return age < recordingMaxMs;
}

/** Whose return path, opt-out mailbox or opt-out link stands in the mail: only who received it can have quoted that. */
async function subjectsIn(
  parts: FeedbackParts,
  { mailboxes, tokens }: Reading,
  at: Date,
): Promise<readonly SignalSubject[]> {
  const locals = mailboxes
    .map((mailbox) => mailbox.split("@"))
    .filter(([, host = ""]) => parts.hosts.includes(host.toLowerCase()))
    .map(([local = ""]) => local);
  const named = await Promise.all(
    locals.slice(0, tokensMax).map((local) => copyOf(parts, local, at)),
  );
  const found: readonly (SignalSubject | undefined)[] = [
    ...named.map((each) => each?.copy),
    ...tokens.slice(0, tokensMax).map((token) => parts.readToken?.(token)),
  ];
  const bySubject = new Map<string, SignalSubject>();
  for (const about of found)
    if (about !== undefined && !bySubject.has(about.subject)) bySubject.set(about.subject, about);
  return [...bySubject.values()];
}

/** What a person needs to act: sealed, with the key of whoever wrote it where that is known. */
function alarmEvent(
  why: string,
  role: RoleMailbox,
  { reading, at, mail }: Arrival,
  indexer: Pick<Indexer, "address">,
): AuditDraft {
  const from = parseAddress(reading.returned.recipients[0]?.address ?? mail.mailFrom?.text ?? "");
  const excerpt = { ...reading.excerpt };
  return {
    type: "Alarm",
    at,
    ...(role.sender === undefined ? {} : { sender: role.sender }),
    ...(from.kind === "bad"
      ? { personal: excerpt }
      : {
          subject: indexer.address(from.value),
          personal: { address: from.value.text, ...excerpt },
        }),
    actor: "gateway",
    detail: { what: "a person must read this", why, mailbox: role.address },
  };
}
