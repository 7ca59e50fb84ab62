// What a recipient's failure teaches of the address: the same thresholds as for bounces that come back by mail.
import type { Suppression } from "../consent/suppression.ts";
import { isBounceReason, isPermanentReason, type BounceReason } from "../feedback/bounce-reason.ts";
import type { EarlierBounces } from "../feedback/earlier-bounces.ts";
import { isCounted, learn } from "../feedback/learn.ts";
import type { Reply } from "../mail/reply.ts";
import type { Lease } from "../queue/store.ts";
import type { OutcomeClass } from "./classify.ts";

export interface Failure {
  readonly class: OutcomeClass;
  /** The address does not exist, said where only that can be meant. */
  readonly unknownUser: boolean;
  readonly reply: Reply;
}

/** undefined: nothing. Where earlier failures cannot be read, this one is taken for the first. Never rejects. */
export async function lessonOf(
  lease: Lease,
  failure: Failure,
  parts: { readonly earlierBounces?: EarlierBounces; readonly now: Date },
): Promise<Suppression | undefined> {
  const reason = reasonOf(failure);
  if (reason === undefined || lease.notification) return undefined;
  const { subject, messageId, recipientId, sender, stream } = lease;
  // Most failures need no look into the log: a campaign that is blocked has thousands of them.
  const remembered = isCounted(reason) ? parts.earlierBounces?.(subject, recipientId) : undefined;
  const earlier = (await remembered?.catch(() => [])) ?? [];
  const { suppressions } = learn(
    {
      kind: "bounce",
      about: { subject, messageId, recipientId, sender, stream },
      at: parts.now,
      reason,
      permanent: isPermanentReason(reason),
      final: true,
      diagnostic: failure.reply.text,
    },
    earlier,
  );
  const [suppression] = suppressions;
  const { code, enhanced } = failure.reply;
  return suppression === undefined
    ? undefined
    : {
        ...suppression,
        reason: `${reason.replace("-", " ")}: ${code}${enhanced === undefined ? "" : ` ${enhanced}`}`,
      };
}

/** The class as it counts here: "user unknown" in a place where it may mean filtered teaches nothing. */
function reasonOf({ class: outcomeClass, unknownUser }: Failure): BounceReason | undefined {
  if (unknownUser) return "user-unknown";
  // No such domain, or one that takes no mail (RFC 7505); `no-route` is our own doing.
  if (outcomeClass === "routing") return "host-unknown";
  if (outcomeClass === "user-unknown" || !isBounceReason(outcomeClass)) return undefined;
  return outcomeClass;
}
