// Opt-outs by link (RFC 8058 and the page behind it): reads the token, records the wish, and tells nobody whether it knew it.
import type { Tokens } from "../consent/token.ts";
import type { Desk } from "./desk.ts";
import type { Signal } from "./learn.ts";
import { readLink } from "./opt-out-link.ts";

export type OptOutWish = Extract<Signal, { kind: "opt-out" }>["wish"];

export interface OptOutDesk {
  /** Resolves alike for a good, a used and an unknown token; rejects only where the store fails. */
  readonly act: (token: string, wish: OptOutWish, method: "one-click" | "page") => Promise<void>;
}

export function createOptOutDesk(parts: {
  readonly tokens: Pick<Tokens, "read">;
  /** Senders and topics of today's streams. */
  readonly known: () => readonly { readonly sender: string; readonly topic: string }[];
  readonly desk: Desk;
  readonly clock: () => Date;
}): OptOutDesk {
  return {
    act: async (token, wish, method) => {
      const about = readLink(parts.tokens, token, parts.known());
      if (about === undefined) return;
      await parts.desk.teach({ kind: "opt-out", about, at: parts.clock(), wish, method });
    },
  };
}
