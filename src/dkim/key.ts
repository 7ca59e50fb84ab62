// DKIM key pairs and where they are kept (RFC 6376, RFC 8301, RFC 8463).
import type { KeyObject } from "node:crypto";

import type { Domain } from "../mail/domain.ts";

/** pending: made, not yet seen in DNS · published: seen · active: signs · retiring: no longer signs, record stays · retired. */
export const keyStates = ["pending", "published", "active", "retiring", "retired"] as const;
export type KeyState = (typeof keyStates)[number];

export interface KeyInfo {
  readonly domain: Domain;
  readonly selector: string;
  readonly algorithm: "rsa" | "ed25519";
  /** Modulus length; 256 for Ed25519. */
  readonly bits: number;
  readonly state: KeyState;
  /** When it came into that state. */
  readonly since: Date;
  readonly createdAt: Date;
  /** The TXT record to publish. `value` is whole; `strings` are pieces of at most 255 octets (RFC 6376 §3.6.2.2). */
  readonly record: {
    readonly name: string;
    readonly type: "TXT";
    readonly value: string;
    readonly strings: readonly string[];
  };
}

export interface KeyAct {
  readonly actor: string;
  readonly reason?: string;
  readonly at: Date;
  /** Where the request came from: an IP address. */
  readonly from?: string;
}

/** Private halves are sealed with the master key, bound to domain and selector, in files under `keys_dir`. */
export interface KeyStore {
  readonly list: () => Promise<readonly KeyInfo[]>;
  /** The private half; throws where the file is missing, swapped or sealed by another master key. */
  readonly privateKey: (domain: Domain, selector: string) => Promise<KeyObject>;
  /**
   * Stores a new pair as `pending`. RSA below 2048 bits is refused with a RangeError, a selector that the domain has already,
   * or that somebody gives to another key at this moment, with a {@link SelectorTaken}.
   */
  readonly add: (
    key: { readonly domain: Domain; readonly selector: string; readonly privateKey: KeyObject },
    act: KeyAct,
  ) => Promise<KeyInfo>;
  readonly setState: (
    domain: Domain,
    selector: string,
    state: KeyState,
    act: KeyAct,
  ) => Promise<KeyInfo>;
  /** The same, only where the key still is as it `was`; undefined: it is not, and nothing was done. */
  readonly advance: (was: KeyInfo, state: KeyState, act: KeyAct) => Promise<KeyInfo | undefined>;
}

/** Two keys of one domain cannot have one selector: its record could hold one of them only (RFC 6376 §3.6.2.1). */
export class SelectorTaken extends RangeError {
  override readonly name = "SelectorTaken";

  constructor(domain: Domain, selector: string) {
    super(
      `${domain} has a key with the selector ${selector} already, or somebody makes one at this moment`,
    );
  }
}
