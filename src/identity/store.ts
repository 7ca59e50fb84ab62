// The seam behind which credentials and tokens are kept. Each method is one transaction with its audit event.
import type { Credential } from "./credential.ts";
import type { Token } from "./token.ts";

export interface Act {
  readonly actor: string;
  readonly reason?: string;
  readonly at: Date;
  /** Where the request came from: an IP address. */
  readonly from?: string;
}

export type Saved = "saved" | "changed";

export interface CredentialStore {
  readonly find: (username: string) => Promise<Credential | undefined>;
  readonly list: () => Promise<readonly Credential[]>;
  /**
   * Creates or replaces (rotation, revocation). `change` names it in the audit event. `was`: what `credential` was made
   * from; "changed" where it is not that any more (last use aside), and nothing is done.
   */
  readonly save: (
    credential: Credential,
    change: "create" | "rotate" | "revoke",
    act: Act,
    was?: Credential,
  ) => Promise<Saved>;
  /** Best effort, at most once a minute a credential: not an audit event. */
  readonly touch: (username: string, at: Date) => Promise<void>;
}

export interface TokenStore {
  readonly find: (id: string) => Promise<Token | undefined>;
  readonly list: () => Promise<readonly Token[]>;
  /**
   * As a credential is saved. A revocation ends in the same commit what the token made, each with its event. "changed"
   * also where the token that made it (`madeBy`) has been revoked meanwhile.
   */
  readonly save: (
    token: Token,
    change: "create" | "revoke",
    act: Act,
    was?: Token,
  ) => Promise<Saved>;
  readonly touch: (id: string, at: Date) => Promise<void>;
}
