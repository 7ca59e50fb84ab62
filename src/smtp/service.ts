// What one listener offers and allows, and what its connections are given to do it with.
import type { Principal } from "../intake/principal.ts";
import type { Load } from "./load.ts";
import type { LoginGuard } from "./login-guard.ts";
import type { Receiver } from "./receiver.ts";
import type { WatchdogTimes } from "./watchdog.ts";

/** The calls of pino that the listener makes. */
export interface SmtpLog {
  readonly debug: (fields: object, text: string) => void;
  readonly info: (fields: object, text: string) => void;
  readonly warn: (fields: object, text: string) => void;
  readonly error: (fields: object, text: string) => void;
}

export interface Service {
  readonly hostname: string;
  readonly receiver: Receiver;
  /** required: nothing but EHLO before TLS · offered · none: no certificate. */
  readonly tls: "required" | "offered" | "none";
  /** Every client must log in. Otherwise `principal` stands for those that `allow` lets in. */
  readonly auth: "required" | "none";
  readonly principal?: Principal;
  /** undefined: anybody may connect. */
  readonly allow?: { readonly contains: (address: string) => boolean };
  /** Offer DSN (RFC 3461). */
  readonly dsn: boolean;
  readonly messageBytesMax: number;
  readonly bareLf: "refuse" | "normalise";
  readonly times: WatchdogTimes;
  /** How long a question to intake may take before the client is told to come again. */
  readonly answerMilliseconds: number;
  readonly load: Load;
  readonly loginGuard: LoginGuard;
  readonly authenticate: (
    username: string,
    secret: string,
    client: { readonly address: string },
  ) => Promise<Principal | undefined>;
  readonly log: SmtpLog;
}
