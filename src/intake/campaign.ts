// Holds the first messages of a campaign until a second person has seen one of them (law.md S77).
import { randomUUID } from "node:crypto";

import { splitMessage } from "../mail/header.ts";
import { decideCampaign, type CampaignDecision } from "../policy/campaign.ts";
import type { CampaignSketch } from "../policy/campaign-sketch.ts";
import type { Finding } from "../policy/finding.ts";
import type { Stream } from "../policy/stream.ts";
import type { Act } from "../queue/act.ts";
import type { Campaign, CampaignNote, CampaignStore } from "../queue/campaign.ts";
import type { QueueStore } from "../queue/store.ts";

const comparedMax = 50; // campaigns of a stream, seen last first
const heldMax = 1000; // messages of one campaign that wait; the next are told to come again
const freshMs = 500; // how old the list of campaigns may be for a message that flows
const nameMaxCharacters = 128;
const findingsMax = 20; // shown to the approver

export interface CampaignGateParts {
  readonly campaigns: CampaignStore;
  readonly queue: Pick<QueueStore, "heldDecide">;
  /** Lower case; the first that a message has names its campaign. */
  readonly headers: readonly string[];
  readonly expiresSeconds: number;
  readonly clock: () => Date;
}

export interface CampaignMessage {
  readonly messageId: string;
  readonly actor: string;
  readonly stream: Stream;
  readonly recipients: number;
  readonly content: Buffer;
  readonly findings: readonly Finding[];
  readonly sketch: CampaignSketch;
}

export type CampaignVerdict =
  | { readonly kind: "flow" }
  | { readonly kind: "hold"; readonly detail: string }
  | { readonly kind: "full" }
  | { readonly kind: "rejected" };

export interface CampaignGate {
  /**
   * Decides, and keeps the message by `keep` in the same commit as what it notes of the campaign. Gives what `keep`
   * gave, or undefined where the message is not to be kept. Rejects where storage does.
   */
  readonly pass: <T>(
    message: CampaignMessage,
    keep: (verdict: Extract<CampaignVerdict, { kind: "flow" | "hold" }>) => Promise<T>,
  ) => Promise<{ readonly verdict: CampaignVerdict; readonly kept?: T }>;
}

export function createCampaignGate(parts: CampaignGateParts): CampaignGate {
  const cache = new Map<string, { readonly at: number; readonly known: readonly Campaign[] }>();
  const turns = new Map<string, Promise<unknown>>();
  const read = async (stream: string): Promise<readonly Campaign[]> => {
    const known = await parts.campaigns.recent(stream, comparedMax);
    cache.set(stream, { at: parts.clock().getTime(), known });
    return known;
  };
  const lately = async (stream: string): Promise<readonly Campaign[]> => {
    const entry = cache.get(stream);
    const age = parts.clock().getTime() - (entry?.at ?? 0);
    return entry !== undefined && age >= 0 && age < freshMs ? entry.known : read(stream);
  };
  /** One after the other for each stream: two first messages of a campaign must not begin it twice. */
  const inTurn = async <T>(stream: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(stream) ?? Promise.resolve();
    const mine = before.then(work, work);
    turns.set(stream, mine);
    try {
      return await mine;
    } finally {
      if (turns.get(stream) === mine) turns.delete(stream);
    }
  };
  return {
    pass: async (message, keep) => {
      const { stream } = message;
      const first = decide(parts, message, await lately(stream.id));
      if (first.kind === "flow") return carry(parts, message, first, keep);
      return inTurn(stream.id, async () => {
        const known = await read(stream.id);
        const decision = decide(parts, message, known);
        const waiting = known.find(
          (campaign) => decision.kind === "wait" && campaign.id === decision.campaign,
        );
        if (waiting !== undefined && waiting.messages >= heldMax)
          return { verdict: { kind: "full" } };
        return carry(parts, message, decision, keep, known);
      });
    },
  };
}

function decide(
  parts: CampaignGateParts,
  message: CampaignMessage,
  known: readonly Campaign[],
): CampaignDecision {
  return decideCampaign({
    name: nameOf(parts, message.content),
    sketch: message.sketch.sketch,
    hosts: message.sketch.hosts,
    recipients: message.recipients,
    findings: message.findings,
    known,
  });
}

async function carry<T>(
  parts: CampaignGateParts,
  message: CampaignMessage,
  decision: CampaignDecision,
  keep: (verdict: Extract<CampaignVerdict, { kind: "flow" | "hold" }>) => Promise<T>,
  known: readonly Campaign[] = [],
): Promise<{ readonly verdict: CampaignVerdict; readonly kept?: T }> {
  if (decision.kind === "rejected") return { verdict: { kind: "rejected" } };
  const held = decision.kind !== "flow";
  const campaign = decision.campaign ?? randomUUID();
  const at = parts.clock();
  const act: Act = { actor: message.actor, at };
  const common: CampaignNote = {
    campaign,
    stream: message.stream.id,
    messageId: message.messageId,
    recipients: message.recipients,
    held,
  };
  const note: CampaignNote =
    decision.kind === "ask"
      ? { ...common, begin: beginning(parts, message, decision, { campaign, at, known }) }
      : common;
  const verdict = held
    ? ({ kind: "hold", detail: detailOf(decision) } as const)
    : ({ kind: "flow" } as const);
  // Posted in one turn of the event loop, so that both are in one commit; the note first.
  const noted = parts.campaigns.note(note, act);
  const [, kept] = await Promise.all([noted, keep(verdict)]);
  if (held) await releaseIfDecided(parts, message, campaign);
  return { verdict, kept };
}

/** Between the look at the campaign and the commit, a person may have said yes: this message is one of the rest then. */
async function releaseIfDecided(
  parts: CampaignGateParts,
  message: CampaignMessage,
  id: string,
): Promise<void> {
  const now = await parts.campaigns.recent(message.stream.id, comparedMax);
  if (now.find((campaign) => campaign.id === id)?.state !== "approved") return;
  const act = { actor: "gateway", at: parts.clock(), reason: "the campaign was approved" };
  await parts.queue.heldDecide(message.messageId, "release", act);
}

function beginning(
  parts: CampaignGateParts,
  message: CampaignMessage,
  decision: Extract<CampaignDecision, { kind: "ask" }>,
  about: { readonly campaign: string; readonly at: Date; readonly known: readonly Campaign[] },
): NonNullable<CampaignNote["begin"]> {
  const { sketch, findings, stream } = message;
  const before = about.known.find((campaign) => campaign.id === about.campaign)?.hosts ?? [];
  const name = nameOf(parts, message.content);
  return {
    name,
    sketch: sketch.sketch,
    approval: randomUUID(),
    sender: stream.sender.id,
    expiresAt: new Date(about.at.getTime() + parts.expiresSeconds * 1000),
    sample: {
      stream: stream.id,
      name,
      sampleMessageId: message.messageId,
      subject: sketch.subject,
      text: sketch.text,
      hosts: [...new Set([...before, ...sketch.hosts])],
      because: decision.because,
      findings: findings
        .filter((finding) => finding.outcome !== "pass")
        .slice(0, findingsMax)
        .map(({ rule, part, outcome, evidence }) => ({ rule, part, outcome, evidence })),
    },
  };
}

function detailOf(decision: CampaignDecision): string {
  return decision.kind === "ask" ? decision.because.join("; ") : "it waits for approval already";
}

function nameOf(parts: CampaignGateParts, content: Buffer): string {
  const { fields } = splitMessage(content);
  for (const header of parts.headers) {
    const value = fields.find((field) => field.key === header)?.value;
    if (value !== undefined && value !== "") return value.slice(0, nameMaxCharacters);
  }
  return "";
}
