// docs/reference/replies.md: every "no" with its code, meaning, remedy and law.
import { reasons } from "../../src/policy/reasons.ts";
import type { ReasonRow } from "../../src/policy/reasons/reason-row.ts";

export function reasonPage(): string {
  const sections = Object.entries<ReasonRow>(reasons).map(
    ([name, row]) => `## ${name}

\`${row.code} ${row.enhanced}\` ${row.text.en} / ${row.text.ja}

- What to do: ${row.remedy.en}
- 対応: ${row.remedy.ja}
${row.law === undefined ? "" : `- Source: ${row.law}\n`}`,
  );
  return `# Replies

Generated from \`src/policy/reasons.ts\` by \`npm run docs\`. Each 4xx and 5xx that a client gets begins, behind its codes, with one of these
names: \`550 5.7.1 no-consent: …\`. The same name stands in the audit log, in \`/metrics\` and at \`/r/<name>\` of the gateway's public URL.
A source such as \`law.md S68\` is a row of [the law](../law.md).

${sections.join("\n")}`;
}
