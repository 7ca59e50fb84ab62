// Double opt-in: asks a person once for consent, and records it when that person confirms (law.md JP-05, JP-09).
import type { Indexer } from "../consent/address-index.ts";
import type { ConsentEvent, Evidence } from "../consent/event.ts";
import type { Ledger } from "../consent/ledger.ts";
import type { Tokens } from "../consent/token.ts";
import { parseAddress, type Address } from "../mail/address.ts";
import { createMessageId, timeOfMessageId } from "../mail/message-id.ts";
import { decideRecipient } from "../policy/decide.ts";
import type { Reason } from "../policy/reasons.ts";
import type { Sender, Stream } from "../policy/stream.ts";
import { requestMail } from "./double-opt-in-mail.ts";
import { readLink } from "./opt-out-link.ts";

export interface ConsentAsk {
  readonly to: Address;
  readonly stream: Stream;
  /** What the person is asked to agree to. */
  readonly wording: string;
  readonly policyVersion?: string;
  /** The form or place where the address was given. */
  readonly source?: string;
  /** Address and user agent of whoever gave it, and anything else that is proof. */
  readonly more: Readonly<Record<string, string>>;
  readonly from?: Address;
  /** `token:ID`. */
  readonly actor: string;
  readonly remoteAddress: string;
}

export type AskOutcome =
  | { readonly kind: "accepted" | "held"; readonly messageId: string }
  /** `temporary`: to be tried again. `text` is for whoever asked. */
  | {
      readonly kind: "refused";
      readonly reason: Reason;
      readonly temporary: boolean;
      readonly text: string;
    };

/** What the gateway's own way in takes: intake's `submit`. */
export type Submit = (message: {
  readonly messageId: string;
  readonly stream: Stream;
  readonly actor: string;
  readonly mailFrom: Address;
  readonly to: Address;
  readonly content: Buffer;
  readonly remoteAddress: string;
  readonly requestEvidence: Evidence;
}) => Promise<AskOutcome>;

/** What a confirmation page shows. */
export interface PendingConsent {
  readonly senderName: string;
  readonly wording: string;
  readonly state: "asked" | Confirmed;
}

/** `stopped`: the consent is on record, and yet no mail may go: an opt-out, a pause or a suppression stands against it. */
export type Confirmed = "confirmed" | "stopped";

export interface DoubleOptIn {
  readonly ask: (ask: ConsentAsk) => Promise<AskOutcome>;
  /** Undefined for whatever is not a living link, without a hint why. Changes nothing. */
  readonly pending: (token: string) => Promise<PendingConsent | undefined>;
  /** Records the consent; once for each link, whatever came after. Undefined where the link is none, or has expired. */
  readonly confirm: (
    token: string,
    connection: { readonly remoteAddress: string; readonly userAgent?: string },
  ) => Promise<Confirmed | undefined>;
}

export interface DoubleOptInParts {
  readonly ledger: Pick<
    Ledger,
    "consentRequest" | "addressOf" | "events" | "recordConsents" | "lookUp"
  >;
  readonly indexer: Indexer;
  /** Looked at anew for each request: a reload may change them. */
  readonly streams: readonly Stream[];
  readonly submit: Submit;
  /** For purpose confirm-consent. */
  readonly confirmTokens: Tokens;
  readonly optOutTokens: Pick<Tokens, "issue">;
  /** Where `/c` and `/u` are reached, without a final slash. */
  readonly publicUrl: string;
  readonly clock: () => Date;
}

/** A link works this long: enough for a week away, too short to be found years later. */
const validMilliseconds = 7 * 24 * 3_600_000;
const userAgentMaxCharacters = 400;

export function createDoubleOptIn(parts: DoubleOptInParts): DoubleOptIn {
  const find = createFinder(parts);
  // A double click confirms once: the second request waits for the first one's commit.
  const underWay = new Map<string, Promise<Confirmed | undefined>>();
  const confirm: DoubleOptIn["confirm"] = async (token, connection) => {
    const found = await find(token);
    if (found === undefined) return undefined;
    if (!found.isConfirmed) {
      const event = consentOf(found, connection, parts.clock());
      await parts.ledger.recordConsents([{ address: found.address, event }]);
    }
    return confirmedState(parts, found);
  };
  return {
    ask: (ask) => send(parts, ask),
    pending: async (token) => {
      const found = await find(token);
      return (
        found && {
          senderName: found.stream.sender.legal.names[0] ?? "",
          wording: found.evidence.wording ?? "",
          state: found.isConfirmed ? await confirmedState(parts, found) : "asked",
        }
      );
    },
    confirm: (token, connection) => {
      const first = underWay.get(token);
      if (first !== undefined) return first;
      const run = confirm(token, connection).finally(() => {
        underWay.delete(token);
      });
      underWay.set(token, run);
      return run;
    },
  };
}

function send(parts: DoubleOptInParts, ask: ConsentAsk): Promise<AskOutcome> {
  const { to, stream, wording, policyVersion } = ask;
  const messageId = createMessageId(parts.clock());
  const content = {
    subject: parts.indexer.address(to),
    sender: stream.sender.id,
    topic: stream.topic,
    messageId,
  };
  const from = ask.from ?? mailboxOf(stream.sender);
  const { publicUrl } = parts;
  return parts.submit({
    messageId,
    stream,
    actor: ask.actor,
    mailFrom: from,
    to,
    content: requestMail({
      sender: stream.sender,
      from,
      to,
      wording,
      confirmUrl: `${publicUrl}/c/${parts.confirmTokens.issue(content)}`,
      optOutUrl: `${publicUrl}/u/${parts.optOutTokens.issue(content)}`,
      validUntil: new Date(parts.clock().getTime() + validMilliseconds),
    }),
    remoteAddress: ask.remoteAddress,
    requestEvidence: {
      method: "double-opt-in",
      source: ask.source ?? `${publicUrl}/c/`,
      wording,
      ...(policyVersion === undefined ? {} : { policyVersion }),
      more: ask.more,
    },
  });
}

/** A contact of the sender's that is a mailbox of one of its domains; answers to the mail are then read. */
function mailboxOf(sender: Sender): Address {
  for (const contact of sender.legal.contacts) {
    const address = parseAddress(contact);
    if (address.kind === "ok" && sender.domains.includes(address.value.domain))
      return address.value;
  }
  const [domain] = sender.domains;
  if (domain === undefined) throw new Error(`the sender ${sender.id} has no domain`);
  return { local: "no-reply", domain, text: `no-reply@${domain}` };
}

interface Found {
  readonly address: Address;
  readonly stream: Stream;
  readonly messageId: string;
  readonly subject: ConsentEvent["subject"];
  readonly askedAt: Date;
  readonly evidence: Evidence;
  readonly isConfirmed: boolean;
}

function createFinder(parts: DoubleOptInParts): (token: string) => Promise<Found | undefined> {
  return async (token) => {
    const streams = parts.streams.filter((stream) => stream.class === "consent-request");
    const known = streams.map(({ sender, topic }) => ({ sender: sender.id, topic }));
    const reading = readLink(parts.confirmTokens, token, known);
    if (reading?.messageId === undefined || reading.sender === undefined) return undefined;
    const { subject, messageId, sender, topic } = reading;
    const stream = streams.find((one) => one.sender.id === sender && one.topic === topic);
    const age = parts.clock().getTime() - timeOfMessageId(messageId).getTime();
    if (stream === undefined || age > validMilliseconds) return undefined;
    const request = await parts.ledger.consentRequest(subject, sender);
    if (request?.messageId !== messageId) return undefined;
    const text = (await parts.ledger.addressOf(subject)) ?? request.address;
    const address = text === undefined ? undefined : parseAddress(text);
    if (address?.kind !== "ok") return undefined; // The person was erased meanwhile.
    const events = await parts.ledger.events(subject);
    const isConfirmed = events.some(
      (event) => event.kind === "granted" && event.messageId === messageId,
    );
    const { at: askedAt, evidence } = request;
    return { address: address.value, stream, messageId, subject, askedAt, evidence, isConfirmed };
  };
}

/** Whether mail may go to whoever has confirmed, by the same judgment as at RCPT. */
async function confirmedState(
  { ledger, indexer, streams, clock }: DoubleOptInParts,
  { address, subject, stream: asking }: Found,
): Promise<Confirmed> {
  const { sender, topic } = asking;
  const isAbout = (one: Stream): boolean =>
    one.class === "marketing" && one.sender.id === sender.id && one.topic === topic;
  const asked = streams.filter(isAbout);
  const all: readonly Stream[] = asked.length > 0 ? asked : [{ ...asking, class: "marketing" }];
  for (const stream of all) {
    const facts = await ledger.lookUp({
      subject,
      domain: indexer.domain(address.domain),
      sender: sender.id,
      stream: stream.id,
      topic,
      maxAges: sender.maxAges,
      now: clock(),
    });
    if (decideRecipient({ stream, ...facts }).kind === "accept") return "confirmed";
  }
  return "stopped";
}

/** All that proves it: what was shown, when it was asked and confirmed, and from where (施行規則 4条1項). */
function consentOf(
  { subject, stream, messageId, askedAt, evidence }: Found,
  connection: { readonly remoteAddress: string; readonly userAgent?: string },
  now: Date,
): ConsentEvent {
  return {
    kind: "granted",
    subject,
    sender: stream.sender.id,
    topic: stream.topic,
    basis: "consent",
    byPerson: true,
    at: now,
    evidence: {
      ...evidence,
      more: {
        ...evidence.more,
        asked_at: askedAt.toISOString(),
        confirmed_at: now.toISOString(),
        confirmed_from: connection.remoteAddress,
        confirmed_with: (connection.userAgent ?? "").slice(0, userAgentMaxCharacters),
      },
    },
    actor: "recipient",
    messageId,
  };
}
