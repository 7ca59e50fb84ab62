// Whether an operator has stopped mail: asked at MAIL, and again before a message is stored.
import { freezeOf, type Freeze } from "../queue/freeze.ts";
import type { Stream } from "../policy/stream.ts";
import type { IntakeParts } from "./parts.ts";

/** undefined: it cannot be told, so nothing is taken in (default deny, our fault). */
export async function freezesNow(
  parts: Pick<IntakeParts, "freezes" | "log">,
): Promise<readonly Freeze[] | undefined> {
  try {
    return await parts.freezes.list();
  } catch (cause) {
    parts.log.error({ err: cause }, "kill switch cannot be read");
    return undefined;
  }
}

/** Whether this stream is stopped; undefined freezes stop them all. */
export function isFrozen(freezes: readonly Freeze[] | undefined, stream: Stream): boolean {
  return freezes === undefined || freezeOf(freezes, stream) !== undefined;
}
