// Judges a message, and once more where its first judgement asks for facts that only its own links name: pages of the
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

const tokensMax = 50; // links of ours in one message; a mail has one in each part

/** `recipients` undefined: nobody knows them. Never rejects. Waits for pages as long as the desk does. */
export async function judgeFully(
  { judge, pages, tokenSubject }: FullJudging,
  content: Buffer,
  facts: JudgeFacts,
  recipients: Recipients | undefined,
): Promise<JudgeResult> {
  const { sender } = facts.stream;
  const desk = (sender.legal.pages ?? "trust") === "trust" ? undefined : pages;
  const used = desk?.known(sender);
  const given = used === undefined ? facts : { ...facts, linkedPages: used };
  const first = await judge.judge(content, given);
  if (first.kind !== "judged") return first;
  const tokenOwners = ownersOf(first.findings, recipients, tokenSubject);
  const needed = neededBy(first.findings);
  const isNews =
    desk !== undefined &&
    used !== undefined &&
    needed.keys.size > 0 &&
    (await desk.need(sender, needed, used));
  if (!isNews && tokenOwners === undefined) return first;
  return judge.judge(content, {
    ...given,
    ...(isNews ? { linkedPages: desk.known(sender) } : {}),
    ...(tokenOwners === undefined ? {} : { tokenOwners }),
  });
}

function ownersOf(
  findings: readonly Finding[],
  recipients: Recipients | undefined,
  tokenSubject: FullJudging["tokenSubject"],
): ReadonlyMap<string, TokenOwner> | undefined {
  if (tokenSubject === undefined || recipients === undefined) return undefined;
  const ownerOf = (token: string): TokenOwner => {
    const subject = tokenSubject(token);
    if (subject === undefined) return "nobody";
    return recipients.size === 1 && recipients.has(subject) ? "recipient" : "other";
  };
  const tokens = new Set(findings.flatMap((finding) => finding.tokens ?? []));
  if (tokens.size === 0) return undefined;
  return new Map(Array.from(tokens).slice(0, tokensMax).map((token) => [token, ownerOf(token)])); // prettier-ignore
}

function neededBy(findings: readonly Finding[]): NeededPages {
  const keys = new Set<string>();
  const doubtful = new Set<string>();
  for (const { pages = [], outcome } of findings) {
    for (const key of pages) {
      keys.add(key);
      if (outcome !== "pass") doubtful.add(key);
    }
  }
  return { keys, doubtful };
}
