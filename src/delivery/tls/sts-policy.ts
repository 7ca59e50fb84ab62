// Reads MTA-STS records and policies, and says which hosts a policy names (RFC 8461 §3, §4.1). Pure.
import { bad, ok, type Parsed } from "../../mail/parsed.ts";

export interface StsPolicy {
  readonly mode: "enforce" | "testing" | "none";
  /** Host names, or `*.` and a parent; empty only where the mode is `none`. */
  readonly mx: readonly string[];
  readonly maxAgeSeconds: number;
  /** The policy's lines, for reports (RFC 8460 §4.2). */
  readonly lines: readonly string[];
}

const maxAgeMaxSeconds = 31_557_600; // RFC 8461 §3.2: about a year
const mxMax = 200;

/** The `id` of the domain's one MTA-STS record; undefined where there is none, more than one, or a malformed one. */
export function readStsRecord(texts: readonly string[]): string | undefined {
  const records = texts.filter((text) => /^v=STSv1\s*(?:;|$)/.test(text));
  const [record] = records;
  if (records.length !== 1 || record === undefined) return undefined;
  return /;\s*id\s*=\s*([A-Za-z0-9]{1,32})\s*(?:;|$)/.exec(record)?.[1];
}

export function parseStsPolicy(text: string): Parsed<StsPolicy> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of lines) {
    const match = /^\s*([A-Za-z0-9_.-]{1,32})\s*:\s*(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return bad("has a line that is none");
    // RFC 8461 §3.2: of a key that may stand once, the first one counts.
    if (match[1] === "mx") mx.push(match[2].toLowerCase().replace(/\.$/, ""));
    else if (!fields.has(match[1])) fields.set(match[1], match[2]);
  }
  if (fields.get("version") !== "STSv1") return bad("is not of version STSv1");
  const mode = fields.get("mode");
  if (mode !== "enforce" && mode !== "testing" && mode !== "none") return bad("has no known mode");
  const maxAge = fields.get("max_age") ?? "";
  if (!/^\d{1,10}$/.test(maxAge)) return bad("has no max_age in seconds");
  if (mode !== "none" && mx.length === 0) return bad("names no mx");
  if (mx.length > mxMax) return bad(`names more than ${mxMax} hosts`);
  return ok({ mode, mx, maxAgeSeconds: Math.min(Number(maxAge), maxAgeMaxSeconds), lines });
}

/** `*.` stands for exactly one label (RFC 8461 §4.1). */
export function namesHost(policy: Pick<StsPolicy, "mx">, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  const [, parent] = /^[^.]+\.(.+)$/.exec(name) ?? [];
  return policy.mx.some((pattern) =>
    pattern.startsWith("*.") ? pattern.slice(2) === parent : pattern === name,
  );
}
