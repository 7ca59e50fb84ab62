// docs/reference/dns.md: every problem that the DNS check-up can find, with its outcome and remedy.
import { checks } from "../../src/dns/finding.ts";
import { problems } from "../../src/dns/problems.ts";

export function dnsPage(): string {
  const sections = Object.entries(problems).map(
    ([name, { check, outcome, remedy }]) => `## ${name}

${checks[check].en} / ${checks[check].ja} · \`${outcome}\`

- What to do: ${remedy.en}
- 対応: ${remedy.ja}
`,
  );
  return `# Problems in DNS

Generated from \`src/dns/problems.ts\` by \`npm run docs\`. The names stand in the findings of \`sekisho dns check\`, in the audit log, and
behind \`sender-not-ready\` in replies. \`fail\` may hold the sender's mail, see [../dns.md](../dns.md).

${sections.join("\n")}`;
}
