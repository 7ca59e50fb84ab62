// What the log says of a person who was erased: what happened, under the keyed index, and no word that tells to whom.
import type { AuditDraft, Detail } from "../../audit/event.ts";
import type { Reply } from "../../mail/reply.ts";
import { mentions } from "../mentions.ts";

/** `address`: where it is known, as while mail to the person waits; empty: every `@` counts. */
export function withoutPerson(draft: AuditDraft, address: string): AuditDraft {
  const { personal: _personal, reply, detail, ...rest } = draft;
  const known = address === "" ? (draft.personal?.["address"] ?? "") : address;
  const personal = sayable(draft, known);
  return {
    ...rest,
    ...(reply === undefined ? {} : { reply: bareReply(reply, known) }),
    ...(detail === undefined ? {} : { detail: draft.type === "Alarm" ? detail : bare(detail) }),
    ...(personal === undefined ? {} : { personal }),
  };
}

/** Codes alone where the words name the person. */
export function bareReply(reply: Reply, address: string): Reply {
  return mentions(reply.text, address) ? { ...reply, text: "" } : reply;
}

/**
 * Sealed with a key that the next erasure deletes: a letter that somebody has to read, an operator's reason, and the
 * client's own return path where it does not name the person.
 */
function sayable({ type, personal }: AuditDraft, address: string): AuditDraft["personal"] {
  if (personal === undefined || type === "Alarm") return personal;
  const { reason, mailFrom } = personal;
  const [local = ""] = address.split("@");
  const isOwn = local !== "" && mailFrom?.toLowerCase().includes(local.toLowerCase()) === false;
  const kept = {
    ...(reason === undefined ? {} : { reason }),
    ...(mailFrom !== undefined && isOwn ? { mailFrom } : {}),
  };
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function bare(detail: Detail): Detail {
  return Object.fromEntries(
    Object.entries(detail).filter(([, value]) => !JSON.stringify(value ?? "").includes("@")),
  );
}
