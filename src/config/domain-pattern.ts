// Patterns of recipient domains: `*`, `*.example.jp`, `example.jp`. One that can match nobody's domain does nothing, unseen.
import { parseDomain } from "../mail/domain.ts";
import type { ConfigProblem } from "./config-error.ts";

/** As recipients' domains stand: lower-case A-labels. What is no pattern is told and stays as it is. */
export function settlePattern(text: string, path: string, problems: ConfigProblem[]): string {
  if (text === "*") return text;
  const prefix = text.startsWith("*.") ? "*." : "";
  const rest = text.slice(prefix.length);
  // Below a pattern's name there may be one label alone: `*.jp`.
  const parsed = parseDomain(prefix === "" ? rest : `x.${rest}`);
  if (parsed.kind === "ok") return `${prefix}${parsed.value.slice(prefix === "" ? 0 : 2)}`;
  problems.push({
    path,
    found: JSON.stringify(text),
    problem: "matches no recipient's domain",
    remedy: "Write a domain such as example.jp, *.example.jp for those below it, or * for all.",
  });
  return text;
}
