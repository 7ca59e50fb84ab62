// Whether there is what a freeze or a pause names.
import type { FreezeTarget, PauseTarget } from "../../queue/freeze.ts";
import type { HttpParts } from "../parts.ts";

/** Senders and streams are those of the configuration; everything, and any domain, there always is. */
export function isKnownScope(
  { senders, streams }: HttpParts,
  { kind, name }: FreezeTarget | PauseTarget,
): boolean {
  switch (kind) {
    case "sender":
      return senders.some(({ id }) => id === name);
    case "stream":
      return streams.some(({ id }) => id === name);
    case "all":
    case "destination":
      return true;
  }
}
