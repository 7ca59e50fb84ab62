// The audit event of a request for a second person: what was asked, by whom, and what became of it.
import { acted } from "../../audit/from-people.ts";
import { changedSettings } from "../../policy/in-force.ts";
import type { Act } from "../../queue/act.ts";
import type { Approval, NewApproval } from "../../queue/approval.ts";

export function approvalEvent(
  approval: NewApproval & Pick<Approval, "state">,
  change: string,
  act: Act,
  forWhom?: string,
): ReturnType<typeof acted> {
  const { id, askedBy, sender, act: asked } = approval;
  const detail = {
    change,
    approval: id,
    kind: asked.kind,
    askedBy,
    ...(asked.kind === "campaign" ? { campaign: asked.campaign, because: asked.because } : {}),
    ...(asked.kind === "export" ? { what: asked.what } : {}),
    ...(asked.kind === "settings"
      ? { name: asked.name, ...changedSettings(asked.before ?? undefined, asked.after) }
      : {}),
    ...(forWhom === undefined ? {} : { inPlaceOf: forWhom }),
  };
  const messageId =
    asked.kind === "release"
      ? asked.heldId
      : asked.kind === "campaign"
        ? asked.sampleMessageId
        : undefined;
  return {
    ...acted("Approval", act, detail),
    ...(sender === undefined ? {} : { sender }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(asked.kind === "campaign" ? { stream: asked.stream } : {}),
    ...(asked.kind === "suppression-removal" ? { subject: asked.subject } : {}),
  };
}
