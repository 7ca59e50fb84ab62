// Judges cases and counts where the judgement differs from what the case was made to be.
import { readMessage } from "../../src/content/read.ts";
import type { Finding } from "../../src/policy/finding.ts";
import { judge } from "../../src/policy/judge.ts";
import { factsFor } from "../support/judged-mail.ts";
import { rulesOf, type Case } from "./cases.ts";

export interface Measure {
  readonly compliant: number;
  readonly faulty: number;
  /** Faulty, and the duty did not fail. */
  readonly falseYes: readonly string[];
  /** Compliant, and something failed. */
  readonly falseNo: readonly string[];
}

export function measure(cases: Iterable<Case>): Measure {
  let compliant = 0;
  let faulty = 0;
  const falseYes: string[] = [];
  const falseNo: string[] = [];
  for (const one of cases) {
    const findings = judgeCase(one);
    if (one.fails === undefined) {
      compliant += 1;
      const failed = findings.find((finding) => finding.outcome === "fail");
      if (failed !== undefined)
        falseNo.push(`${one.name}: ${failed.rule} ${failed.part} ${failed.evidence}`);
      continue;
    }
    faulty += 1;
    const rules = rulesOf[one.fails];
    const said = findings.filter((finding) => rules.includes(finding.rule));
    if (!said.some((finding) => finding.outcome === "fail"))
      falseYes.push(`${one.name}: ${said.map((finding) => finding.evidence).join(" | ")}`);
  }
  return { compliant, faulty, falseYes, falseNo };
}

function judgeCase(one: Case): readonly Finding[] {
  const reading = readMessage(one.bytes());
  if (reading.kind !== "read") throw new Error(`${one.name}: ${reading.problem}`);
  return judge(reading.view, factsFor({ sender: one.sender }));
}
