// Decides, from facts already gathered, whether mail may go: at RCPT, after DATA, and again before each attempt. Pure.
import type { Standing } from "../consent/standing.ts";
import type { Suppression } from "../consent/suppression.ts";
import type { Basis } from "../consent/event.ts";
import { briefOf } from "./brief.ts";
import type { Finding } from "./finding.ts";
import type { Reason } from "./reasons.ts";
import type { Stream } from "./stream.ts";

/** `detail` says in words what this reason means here; it is shown to the client, so it holds no internals. */
export type Decision =
  | { readonly kind: "accept" }
  | { readonly kind: "refuse"; readonly reason: Reason; readonly detail?: string }
  | { readonly kind: "defer"; readonly reason: Reason; readonly detail?: string }
  | { readonly kind: "hold"; readonly reason: Reason; readonly detail?: string };

declare const cleared: unique symbol;

/** Proof that policy said yes to this recipient from facts read at that moment. `delivery/transact` demands it. */
export interface Cleared {
  readonly [cleared]: true;
  readonly recipientId: string;
  readonly decidedAt: Date;
}

export interface RecipientFacts {
  readonly stream: Stream;
  readonly standing: Standing;
  readonly suppressions: readonly Suppression[];
}

/** Which bases a class of mail may rest on (law.md JP-05…11, JP-16, JP-50). */
const basesOf = {
  marketing: ["consent", "written_notice", "relationship", "published_address"],
  "contract-incidental": [
    "consent",
    "written_notice",
    "any_notice",
    "relationship",
    "published_address",
    "contract",
  ],
} as const satisfies Record<string, readonly Basis[]>;

/** Whether one recipient may be sent to. The same question at RCPT and before each attempt. */
export function decideRecipient(facts: RecipientFacts): Decision {
  const suppressed = facts.suppressions.find((suppression) => stops(suppression, facts.stream));
  if (suppressed !== undefined) {
    const scope = suppressed.scope.kind === "all" ? "all mail" : `this ${suppressed.scope.kind}`;
    return { kind: "refuse", reason: "suppressed", detail: `${suppressed.kind}, for ${scope}` };
  }
  const { class: mailClass, topic, sender } = facts.stream;
  switch (mailClass) {
    case "transactional":
      return { kind: "accept" };
    case "consent-request":
      return decideRequest(facts.standing, sender.id);
    case "contract-incidental":
    case "marketing":
      return decideStanding(facts.standing, basesOf[mailClass], facts.stream, topic);
  }
}

const answers = {
  granted: "has consented already",
  expired: "has consented before",
  ahead: "has consented, by a clock that is ahead",
  withdrawn: "has withdrawn consent",
  paused: "has paused the mail",
} as const;

/**
 * One request to each address, ever (施行規則 2条1項2号), and none to whoever has answered; the queue knows who was asked. A basis
 * other than consent is no answer: that the address was notified in some way is what the request rests on (law.md JP-09).
 */
function decideRequest(standing: Standing, sender: string): Decision {
  if (standing.kind === "none") return { kind: "accept" };
  const isAnswer = !("basis" in standing) || standing.basis === "consent";
  if (!isAnswer) return { kind: "accept" };
  const detail = `sender ${sender}: the recipient ${answers[standing.kind]}`;
  return { kind: "refuse", reason: "already-asked", detail };
}

/**
 * A suppression for an opt-out or a complaint stops advertising, and not the mail that a contract needs (施行規則 6条; law.md
 * JP-16).
 */
function stops(suppression: Suppression, stream: Stream): boolean {
  switch (suppression.kind) {
    case "hard-bounce":
    case "manual":
    case "import":
      return true;
    case "unsubscribe":
    case "complaint":
      return stream.class === "marketing" || stream.class === "consent-request";
  }
}

function decideStanding(
  standing: Standing,
  allowed: readonly Basis[],
  stream: Stream,
  topic: string,
): Decision {
  const scope = `sender ${stream.sender.id}, topic ${topic}`;
  switch (standing.kind) {
    case "none":
      return { kind: "refuse", reason: "no-consent", detail: `none on record for ${scope}` };
    case "withdrawn":
      // 施行規則 6条 keeps such mail allowed after a refusal; it gives no basis to what had none (law.md JP-16).
      if (stream.class === "contract-incidental" && standing.beneath !== undefined)
        return decideStanding(standing.beneath, allowed, stream, topic);
      return {
        kind: "refuse",
        reason: "withdrawn",
        detail: `${wayOf(standing.how)}${
          standing.scope === "sender"
            ? `for every topic of sender ${stream.sender.id}`
            : `for ${scope}`
        }`,
      };
    case "paused":
      return {
        kind: "refuse",
        reason: "paused",
        detail: `until ${standing.until.toISOString()} for ${scope}`,
      };
    case "expired":
      return { kind: "refuse", reason: "consent-expired", detail: `for ${scope}` };
    case "ahead":
      return {
        kind: "defer",
        reason: "consent-ahead",
        detail: `from ${standing.from.toISOString()} on for ${scope}`,
      };
    case "granted": {
      const usable =
        stream.sender.strictOptIn || stream.rules.includes("jp-tokusho") ? ["consent"] : allowed;
      return usable.includes(standing.basis)
        ? { kind: "accept" }
        : {
            kind: "refuse",
            reason: "basis-not-enough",
            detail: `basis ${standing.basis} does not allow class ${stream.class} for ${scope}`,
          };
    }
  }
}

/** Names of ways that the gateway itself writes down; an imported text may hold anything, and is not repeated. */
function wayOf(how: string | undefined): string {
  return how !== undefined && /^[a-z-]{1,20}$/.test(how) ? `by ${how}, ` : "";
}

/** Clears one recipient for one attempt, or says why not. */
export function clear(
  facts: RecipientFacts,
  recipientId: string,
  now: Date,
): { readonly kind: "cleared"; readonly cleared: Cleared } | Exclude<Decision, { kind: "accept" }> {
  const decision = decideRecipient(facts);
  return decision.kind === "accept"
    ? { kind: "cleared", cleared: prove(recipientId, now) }
    : decision;
}

/**
 * Clears a notification that this gateway wrote itself (a delivery report to the client's own MAIL FROM, RFC 3464): it
 * goes to the sender, not to a recipient of advertising, so the ledger has no say.
 */
export function clearNotification(recipientId: string, now: Date): Cleared {
  return prove(recipientId, now);
}

// The only place that makes a Cleared: "nothing leaves without a judgment" is a compile error elsewhere.
function prove(recipientId: string, decidedAt: Date): Cleared {
  return { recipientId, decidedAt } as Cleared;
}

/** What the findings of all rules add up to for the message, by the stream's wish. */
export function decideMessage(findings: readonly Finding[], stream: Stream): Decision {
  const failures = findings.filter(
    (finding) => finding.outcome === "fail" && finding.observed !== true,
  );
  // What waits for a page of the sender comes behind what the message itself lacks: that does not pass by waiting.
  const first = failures.find(({ reason }) => reason !== "page-unchecked") ?? failures[0];
  if (first === undefined || stream.onViolation === "observe") return { kind: "accept" };
  const others = new Set(failures.map((finding) => finding.reason));
  others.delete(first.reason);
  const also = others.size === 0 ? "" : `; also: ${[...others].join(", ")}`;
  const detail = `${first.part}: ${briefOf(first, stream.sender.legal)}${also}`;
  if (first.reason === "page-unchecked") return { kind: "defer", reason: first.reason, detail };
  return stream.onViolation === "hold"
    ? { kind: "hold", reason: first.reason, detail }
    : { kind: "refuse", reason: first.reason, detail };
}
