// The envelope of one message: what MAIL FROM and RCPT TO said, apart from the content.
import type { Address } from "./address.ts";

export interface Envelope {
  /** null is the null reverse-path `<>` (RFC 5321 §4.5.5). */
  readonly mailFrom: Address | null;
  /** BODY=8BITMIME was given (RFC 6152). */
  readonly eightBit: boolean;
  /** SMTPUTF8 was given (RFC 6531). */
  readonly smtpUtf8: boolean;
  /** REQUIRETLS was given: only hosts that prove who they are, and pass the wish on, may have it (RFC 8689). */
  readonly requireTls?: true;
  /**
   * A report of this gateway's about TLS: it goes to its domain whatever is the matter with MTA-STS or DANE there (RFC 8460
   * §5.3.1), and its own sessions are reported to nobody.
   */
  readonly tlsReport?: true;
  /** DSN parameters of MAIL (RFC 3461 §4.3, §4.4). */
  readonly dsn?: { readonly ret?: "FULL" | "HDRS"; readonly envid?: string };
}

/** DSN parameters of one RCPT (RFC 3461 §4.1, §4.2). */
export interface RecipientDsn {
  readonly notify?: readonly ("NEVER" | "SUCCESS" | "FAILURE" | "DELAY")[];
  readonly orcpt?: string;
}
