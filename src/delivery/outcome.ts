// What one try to hand over one recipient's copy came to, before it is known what that means for the recipient.
import type { Reply } from "../mail/reply.ts";
import type { NotConnected } from "./connect.ts";
import type { LossKind } from "./wire.ts";

const mailPhases = ["mail", "rcpt", "data", "body", "final-dot"] as const;
export type MailPhase = (typeof mailPhases)[number];

export function isMailPhase(text: string): text is MailPhase {
  return (mailPhases as readonly string[]).includes(text);
}

/** What happened between MAIL and the end. */
export type Transaction =
  /** The answer to the final dot, after the last octet was written. */
  | { readonly kind: "accepted"; readonly reply: Reply }
  | { readonly kind: "refused"; readonly phase: MailPhase; readonly reply: Reply }
  /**
   * The host cannot take this message as it is; it was not asked (RFC 6152, RFC 6531, RFC 1870). `triesOthers`: another host
   * of the destination is to be tried before the message is returned (RFC 8689 §4.2.1).
   */
  | { readonly kind: "unfit"; readonly reply: Reply; readonly triesOthers?: true }
  /** `uncertain`: the whole message was written and no answer came (RFC 1047). */
  | {
      readonly kind: "lost";
      readonly phase: MailPhase;
      readonly loss: LossKind;
      readonly problem: string;
      readonly uncertain: boolean;
      readonly reply?: Reply;
    };

/** Why no host was found or reached. */
export type NoHost =
  | {
      readonly kind: "no-route";
      readonly permanent: boolean;
      readonly ofDomain: boolean;
      readonly reply: Reply;
    }
  | { readonly kind: "unreachable"; readonly failures: readonly NotConnected[] }
  /** There are hosts, but none that a TLS policy of the domain lets us use now (RFC 8461 §5, RFC 7672 §2.1). */
  | { readonly kind: "insecure"; readonly reply: Reply }
  /** Every host has as many connections as it may have. */
  | { readonly kind: "busy" };

/** The receiver has the message, or may have it: something may come back. */
export function mayBeThere(result: Transaction | NoHost): boolean {
  return result.kind === "accepted" || (result.kind === "lost" && result.uncertain);
}

/** Nothing was asked of the receiver. */
export function unsent(result: Transaction | NoHost): boolean {
  return ["no-route", "insecure", "unfit"].includes(result.kind);
}
