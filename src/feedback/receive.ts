// What the feedback listener does with a recipient and a message: takes only what is addressed to us, and learns from it.
import type { AuditLog } from "../audit/log.ts";
import type { Indexer } from "../consent/address-index.ts";
import { type Address, parseAddress } from "../mail/address.ts";
import type { BouncedRecipient } from "./bounce.ts";
import type { Desk } from "./desk.ts";
import { explainReturned, type Returned } from "./explain.ts";
import type { Signal, SignalSubject } from "./learn.ts";
import type { ReplyClassifier } from "./reply-class.ts";
import type { ReturnPath } from "./return-path.ts";
import type { SentDirectory } from "./sent.ts";

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
  readonly classifier: ReplyClassifier;
  readonly clock: () => Date;
  /** Addresses that one host may have suppressed in an hour; more looks like an attack or a mishap. Default 500. */
  readonly lossesPerHourMax?: number;
  /**
   * Whether the address in From is proved by an aligned SPF or DKIM result. Without it a written opt-out that carries
   * no token of ours goes to a person: anybody could have written it (threats.md row 88).
   */
  readonly provesFrom?: (mail: ReturnedMail) => Promise<boolean>;
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
] as const;
export type FeedbackCount = (typeof feedbackCounts)[number];

/** Has the shape of the SMTP listener's seam, and answers no mail: nothing is ever sent from here (RFC 3834 §2). */
export interface Feedback {
  readonly recipient: (address: Address) => Promise<boolean>;
  readonly message: (mail: ReturnedMail) => Promise<void>;
  /** Since the start, for metrics. forged, stale and foreign count refused recipients. */
  readonly counts: () => Readonly<Record<FeedbackCount, number>>;
}

const lossesPerHourMax = 500; // of one host; the busiest receivers of a large campaign stay below
const hostsWatchedMax = 10_000;
const tokensMax = 20; // recipients that one complaint may be about
const searchedCharacters = 512 * 1024;

export function createFeedback(parts: FeedbackParts): Feedback {
  const counts = Object.fromEntries(feedbackCounts.map((name) => [name, 0])) as Record<
    FeedbackCount,
    number
  >;
  const guard = createGuard(parts.clock, parts.lossesPerHourMax ?? lossesPerHourMax);
  const roleOf = (address: Address): RoleMailbox | undefined =>
    parts.roles.find((role) => role.address === address.text.toLowerCase());

  const teach = async (signal: Signal, mail: ReturnedMail): Promise<void> => {
    if (
      signal.kind === "bounce" &&
      signal.permanent &&
      signal.final &&
      !guard(mail.remoteAddress)
    ) {
      counts.held += 1;
      const why = "one host reports more dead addresses in an hour than is believable";
      await parts.desk.teach({ kind: "unclear", about: signal.about, at: signal.at, why });
      return;
    }
    await parts.desk.teach(signal);
  };

  return {
    recipient: (address) => {
      if (roleOf(address) !== undefined) return Promise.resolve(true);
      const reading = parts.hosts.includes(address.domain)
        ? parts.returnPath.read(address.local, parts.clock())
        : ({ kind: "foreign" } as const);
      if (reading.kind !== "ok") counts[reading.kind] += 1;
      return Promise.resolve(reading.kind === "ok");
    },
    message: async (mail) => {
      const returned = explainReturned(mail.content, parts.classifier);
      counts[returned.kind] += 1;
      const at = parts.clock();
      for (const recipient of mail.recipients) {
        const role = roleOf(recipient);
        const signals =
          role === undefined
            ? await signalsOfToken(parts, recipient, returned, at)
            : await signalsOfRole(parts, role, mail, returned, at);
        if (signals.length === 0) counts.unknown += 1;
        for (const signal of signals) await teach(signal, mail);
      }
    },
    counts: () => ({ ...counts }),
  };
}

/** Mail to an address that names one recipient's copy: only that person is meant, whoever the report speaks of. */
async function signalsOfToken(
  parts: FeedbackParts,
  recipient: Address,
  returned: Returned,
  at: Date,
): Promise<readonly Signal[]> {
  const reading = parts.returnPath.read(recipient.local, at);
  if (reading.kind !== "ok") return [];
  const about = await parts.sent.find(reading.recipientId);
  if (about === undefined) return [];
  if (reading.purpose === "unsubscribe") {
    // Mail to it is the wish; but a bounce or a vacation answer that strays here is nobody's wish.
    return returned.kind === "bounce" || returned.kind === "auto-reply"
      ? [{ kind: "auto-reply", about, at }]
      : [{ kind: "opt-out", about, at, wish: "topic", method: "mailto" }];
  }
  switch (returned.kind) {
    case "bounce":
      return [bounceSignal(about, returned.recipients, at)];
    case "complaint":
      return [{ kind: "complaint", about, at, feedbackType: returned.feedbackType ?? "abuse" }];
    case "unsubscribe":
      return [{ kind: "opt-out", about, at, wish: "topic", method: "reply" }];
    case "auto-reply":
      return [{ kind: "auto-reply", about, at }];
    case "unclear":
      return [{ kind: "unclear", about, at, why: "mail to a return path that is no report" }];
  }
}

/** A report on one copy may name a forwarding address; the last word is a failure, if there is one. */
function bounceSignal(
  about: SignalSubject,
  recipients: readonly BouncedRecipient[],
  at: Date,
): Signal {
  const told = recipients.find((recipient) => recipient.final) ?? recipients[0];
  return {
    kind: "bounce",
    about,
    at,
    reason: told?.reason ?? "other",
    permanent: told?.permanent ?? false,
    final: told?.final ?? false,
    ...(told?.status === undefined ? {} : { status: told.status }),
    diagnostic: told?.diagnostic ?? "",
  };
}

/** Mail to a mailbox that anybody knows: acted on only where it carries a token of ours, or proves who wrote it. */
async function signalsOfRole(
  parts: FeedbackParts,
  role: RoleMailbox,
  mail: ReturnedMail,
  returned: Returned,
  at: Date,
): Promise<readonly Signal[]> {
  if (returned.kind !== "complaint" && returned.kind !== "unsubscribe") return [];
  const abouts = await copiesNamedIn(parts, mail.content, at);
  if (returned.kind === "complaint") {
    const feedbackType = returned.feedbackType ?? "abuse";
    if (abouts.length === 0)
      await alarm(parts, role, "a complaint that carries no token of ours", at);
    return abouts.map((about) => ({ kind: "complaint", about, at, feedbackType }));
  }
  if (abouts.length === 1) {
    return abouts.map((about) => ({ kind: "opt-out", about, at, wish: "topic", method: "reply" }));
  }
  const from = parseAddress(returned.recipients[0]?.address ?? "");
  if (
    from.kind === "ok" &&
    role.sender !== undefined &&
    (await parts.provesFrom?.(mail)) === true
  ) {
    const about = { subject: parts.indexer.address(from.value), sender: role.sender };
    return [{ kind: "opt-out", about, at, wish: "all", method: "reply" }];
  }
  await alarm(parts, role, "somebody asks to stop, and it is not proved who", at);
  return [];
}

/** Copies whose return path or opt-out mailbox stands in the mail: only who received it can have quoted that. */
async function copiesNamedIn(
  parts: FeedbackParts,
  content: Buffer,
  at: Date,
): Promise<readonly SignalSubject[]> {
  const text = content.toString("latin1", 0, searchedCharacters).replace(/=\r?\n/g, "");
  const named = new Set<string>();
  for (const match of text.matchAll(
    /\b((?:b-|unsubscribe\+)[0-9a-z-]{20,60})@([a-z0-9.-]{1,255})/gi,
  )) {
    if (!parts.hosts.includes((match[2] ?? "").toLowerCase())) continue;
    const reading = parts.returnPath.read(match[1] ?? "", at);
    if (reading.kind === "ok" && named.size < tokensMax) named.add(reading.recipientId);
  }
  const found = await Promise.all([...named].map((recipientId) => parts.sent.find(recipientId)));
  return found.filter((about) => about !== undefined);
}

async function alarm(
  parts: FeedbackParts,
  role: RoleMailbox,
  why: string,
  at: Date,
): Promise<void> {
  const sender = role.sender === undefined ? {} : { sender: role.sender };
  await parts.audit.append([
    {
      type: "Alarm",
      at,
      ...sender,
      actor: "gateway",
      detail: { what: "a person must read this", why },
    },
  ]);
}

/** Whether one more dead address may be believed of this host in this hour. */
function createGuard(clock: () => Date, lossesMax: number): (remoteAddress: string) => boolean {
  let hour = -1;
  let losses = new Map<string, number>();
  return (remoteAddress) => {
    const now = Math.floor(clock().getTime() / 3_600_000);
    if (now !== hour) {
      hour = now;
      losses = new Map();
    }
    const count = (losses.get(remoteAddress) ?? 0) + 1;
    if (losses.size >= hostsWatchedMax && !losses.has(remoteAddress)) return false;
    losses.set(remoteAddress, count);
    return count <= lossesMax;
  };
}
