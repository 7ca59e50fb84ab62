// Judges a message, and once more as often as a judgement asks for facts that only its own links name: pages of the
// sender that a duty is left to, and the owners of this gateway's opt-out links. Other mail is judged once.
import type { AddressIndex } from "../consent/address-index.ts";
import type { TokenOwner } from "../policy/checks/link-owner.ts";
import type { Finding } from "../policy/finding.ts";
import type { JudgeFacts } from "../policy/judge.ts";
import type { Judge, JudgeResult } from "./judge.ts";
import type { NeededPages, PageDesk } from "./page-desk.ts";

export interface FullJudging {
  readonly judge: Pick<Judge, "judge">;
  /** Absent: pages are not read, and a rule that needs one says so. */
  readonly pages?: PageDesk | undefined;
  /** Absent: nobody says whose a link of ours is. */
  readonly tokenSubject?: ((token: string) => AddressIndex | undefined) | undefined;
}

/** A set or map of those the message would go to. */
type Recipients = Pick<ReadonlySet<AddressIndex>, "has" | "size">;

const roundsMax = 4; // a mail with a stale link has one of it in each part

/** `recipients` undefined: nobody knows them. Never rejects. Waits for pages as long as the desk does. */
export async function judgeFully(
  { judge, pages, tokenSubject }: FullJudging,
  content: Buffer,
  facts: JudgeFacts,
  recipients: Recipients | undefined,
): Promise<JudgeResult> {
  const { sender } = facts.stream;
  const desk = (sender.legal.pages ?? "trust") === "trust" ? undefined : pages;
  let linkedPages = desk?.known(sender);
  const tokenOwners = new Map<string, TokenOwner>();
  for (let round = 0; round < roundsMax; round += 1) {
    const result = await judge.judge(content, {
      ...facts,
      ...(linkedPages === undefined ? {} : { linkedPages }),
      ...(tokenOwners.size === 0 ? {} : { tokenOwners: new Map(tokenOwners) }),
    });
    if (result.kind !== "judged") return result;
    const asked = tokenSubject === undefined || recipients === undefined ? [] : tokensOf(result);
    const unknown = asked.filter((token) => !tokenOwners.has(token));
    for (const token of unknown) tokenOwners.set(token, ownerOf(token, recipients, tokenSubject));
    const needed = neededBy(result.findings);
    const isNews =
      desk !== undefined &&
      linkedPages !== undefined &&
      needed.keys.size > 0 &&
      (await desk.need(sender, needed, linkedPages));
    if (!isNews && unknown.length === 0) return result;
    if (isNews) linkedPages = desk.known(sender);
  }
  // One way after the other turned out to be somebody else's: nobody can say that a good one is among the rest.
  return { kind: "failed", why: "timeout", cause: new Error("links that ask for facts anew") };
}

function tokensOf({ findings }: Extract<JudgeResult, { kind: "judged" }>): readonly string[] {
  return findings.flatMap((finding) => finding.tokens ?? []);
}

function ownerOf(
  token: string,
  recipients: Recipients | undefined,
  tokenSubject: FullJudging["tokenSubject"],
): TokenOwner {
  const subject = tokenSubject?.(token);
  if (subject === undefined) return "nobody";
  return recipients?.size === 1 && recipients.has(subject) ? "recipient" : "other";
}

function neededBy(findings: readonly Finding[]): NeededPages {
  const keys = new Set<string>();
  const doubtful = new Set<string>();
  for (const { pages = [], outcome, reason } of findings) {
    for (const key of pages) {
      keys.add(key);
      if (outcome === "fail" || reason === "page-unchecked") doubtful.add(key);
    }
  }
  return { keys, doubtful };
}
