// What a listener asks of whoever takes the mail: submission and feedback stand behind the same questions.
import type { Principal } from "../intake/principal.ts";
import type { Address } from "../mail/address.ts";
import type { Envelope, RecipientDsn } from "../mail/envelope.ts";
import type { Reply } from "../mail/reply.ts";
import type { BodyFlaw } from "./body-decoder.ts";

/** The client as the connection knows it. */
export interface Peer {
  readonly address: string;
  /** As it called itself in EHLO or HELO; of harmless characters only. */
  readonly helo: string;
  /** SMTP, ESMTP, ESMTPS, ESMTPSA … (RFC 3848). */
  readonly protocol: string;
  /** undefined: not authenticated, and no range stands for a credential. */
  readonly principal?: Principal;
}

export type Opening =
  | { readonly kind: "open"; readonly exchange: Exchange; readonly reply: Reply }
  | { readonly kind: "closed"; readonly reply: Reply }
  /** The principal is none any more. */
  | { readonly kind: "not-authenticated" };

/** One mail transaction. Each question is asked once at a time. */
export interface Exchange {
  readonly recipient: (path: string, dsn?: RecipientDsn) => Promise<Reply>;
  readonly accepted: () => number;
  readonly message: (content: Buffer, peer: Peer) => Promise<Reply>;
  readonly flawed: (flaw: BodyFlaw) => Promise<Reply>;
}

export interface Receiver {
  readonly open: (
    peer: Peer,
    mail: { readonly mailFrom: Address | null } & Pick<Envelope, "eightBit" | "dsn" | "requireTls">,
  ) => Promise<Opening>;
  /** For a client that announces more octets than are taken. */
  readonly tooLarge: (octetsMax: number) => Reply;
}
