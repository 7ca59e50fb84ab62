// Looks at the senders' DNS by itself: holds a sender whose mail would be refused, and lets it go again once it is mended.
//
// A sender here is  free → held → free.
//   held   a look found what receivers refuse mail for, and `dns.on_failure` is `hold`
//   free   a later look found all of that mended; a look without an answer of the name servers changes nothing
import { refusals, type DnsReport } from "./check.ts";

export interface WatchParts {
  readonly check: () => Promise<DnsReport>;
  /** Asked for at each look: a reload may change it. */
  readonly senders: readonly string[];
  /** hold: no mail of a sender with a failing check comes in or leaves · warn: it is told and counted only. */
  readonly onFailure: "hold" | "warn";
  /** What fails for a sender changed; `failing` is empty where all was mended. Not awaited; must not throw. */
  readonly onChange: (change: WatchChange) => void;
  readonly onError: (cause: unknown) => void;
}

export interface WatchChange {
  readonly sender: string;
  /** `spf-missing example.jp`: problem and what it is about. */
  readonly failing: readonly string[];
  readonly held: boolean;
}

export interface DnsWatch {
  /** One look; those who ask meanwhile share it. Never rejects: what fails goes to `onError`, and nothing changes. */
  readonly look: () => Promise<DnsReport | undefined>;
  /** Why no mail of that sender may come in or leave; undefined: it may. */
  readonly holds: (sender: string) => string | undefined;
  /** What fails for each sender, held or not. */
  readonly failing: () => ReadonlyMap<string, readonly string[]>;
  /** The last one. */
  readonly report: () => DnsReport | undefined;
}

export function createDnsWatch(parts: WatchParts): DnsWatch {
  const failing = new Map<string, readonly string[]>();
  let report: DnsReport | undefined;
  let underWay: Promise<DnsReport | undefined> | undefined;

  const look = async (): Promise<DnsReport | undefined> => {
    try {
      report = await parts.check();
      for (const sender of parts.senders) judge(sender, report);
      for (const sender of failing.keys())
        if (!parts.senders.includes(sender)) failing.delete(sender);
      return report;
    } catch (cause) {
      parts.onError(cause);
      return undefined;
    } finally {
      underWay = undefined;
    }
  };
  const judge = (sender: string, seen: DnsReport): void => {
    const before = failing.get(sender) ?? [];
    const now = failingOf(sender, seen, before);
    if (now.length === 0) failing.delete(sender);
    else failing.set(sender, now);
    if (now.join("\n") === before.join("\n")) return;
    const held = parts.onFailure === "hold" && now.length > 0;
    parts.onChange({ sender, failing: now, held });
  };

  return {
    look: () => (underWay ??= look()),
    holds: (sender) =>
      parts.onFailure === "hold" && failing.has(sender)
        ? failing.get(sender)?.join(", ")
        : undefined,
    failing: () => failing,
    report: () => report,
  };
}

/** What failed before and could not be looked at now fails still: silence is no proof that it was mended. */
function failingOf(
  sender: string,
  report: DnsReport,
  before: readonly string[],
): readonly string[] {
  const now = refusals(report, sender).map(({ problem, domain }) => `${problem ?? ""} ${domain}`);
  const silent = new Set(
    report.findings.filter(({ outcome }) => outcome === "unknown").map(({ domain }) => domain),
  );
  const kept = before.filter((each) => silent.has(each.slice(each.indexOf(" ") + 1)));
  return [...new Set([...now, ...kept])].toSorted();
}
