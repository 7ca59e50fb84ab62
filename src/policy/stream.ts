// The sender and the stream that a credential stands for: the facts the rules compare a message with.
import type { MaxAges } from "../consent/standing.ts";
import type { Domain } from "../mail/domain.ts";
import type { LinkedPageMode } from "./linked-page.ts";

/** law.md JP-08, JP-09, JP-16. The class comes from the credential's stream, never from a header. */
export const mailClasses = [
  "marketing",
  "transactional",
  "contract-incidental",
  "consent-request",
] as const;
export type MailClass = (typeof mailClasses)[number];

export const violationActions = ["refuse", "hold", "observe"] as const;
export type ViolationAction = (typeof violationActions)[number];

/** The legal entity answerable for the mail, as registered by the operator. */
export interface Sender {
  readonly id: string;
  readonly legal: {
    readonly names: readonly string[];
    readonly addresses: readonly string[];
    readonly contacts: readonly string[];
    /** Hosts an opt-out link or mailbox may be at. */
    readonly optOutHosts: readonly string[];
    /** What becomes of a duty that is left to a page of the sender; absent: trust. */
    readonly pages?: LinkedPageMode;
  };
  /** Allowed in From and MAIL FROM; a subdomain must be listed by itself. */
  readonly domains: readonly Domain[];
  /** Allowed in Reply-To beside `domains`; absent: none. */
  readonly replyDomains?: readonly Domain[];
  /** Registered names of the gateway's other senders: not to be shown as one's own; absent: there are none. */
  readonly otherNames?: readonly string[];
  /** Only basis `consent` counts (law.md S4). */
  readonly strictOptIn: boolean;
  /** How long a grant counts, by its basis; absent: without end. */
  readonly maxAges?: MaxAges;
  /** Acts that need a second person (law.md S68, S77); absent: none. */
  readonly approvals?: readonly ApprovalKind[];
}

/**
 * release of held mail · removal of a suppression · bulk export · the first messages of a campaign · a new sender, its
 * registered names and domains · rules and what streams are.
 */
export const approvalKinds = [
  "release",
  "suppression-removal",
  "export",
  "campaign",
  "sender",
  "rules",
] as const;
export type ApprovalKind = (typeof approvalKinds)[number];

export interface Stream {
  readonly id: string;
  readonly sender: Sender;
  readonly class: MailClass;
  readonly topic: string;
  /** Names of rule packs: `jp`, `jp-tokusho`. */
  readonly rules: readonly string[];
  readonly onViolation: ViolationAction;
  /** Rules that only observe: they judge and count, and let the message go. */
  readonly observe: readonly string[];
  /** Rules switched off, with the operator's word that they are not needed. */
  readonly disabled: readonly string[];
  /** What to do about the client's List-Unsubscribe (RFC 2369, RFC 8058). */
  readonly listUnsubscribe: "keep" | "add" | "replace";
  /** Whether {{sekisho.unsubscribe_url}} in its messages becomes the recipient's own opt-out link. */
  readonly placeholder?: boolean;
  /** It takes no mail before a second person has approved it. */
  readonly awaitsApproval?: boolean;
}

/** What a message was taken in as: a stream may be another one by the time that it goes out. */
export type Purpose = Pick<Stream, "class" | "topic">;
