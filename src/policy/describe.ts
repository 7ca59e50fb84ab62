// Describes every rule from the packs' own data, for docs/rules.md.
import { generalPacks, namedPacks } from "./packs/packs.ts";
import { reasons } from "./reasons.ts";
import type { Pack, Rule } from "./rule.ts";

/** Markdown, ending in a line break. The same packs give the same text. */
export function describeRules(): string {
  const packs = [...generalPacks, ...namedPacks];
  return [
    "# Rules",
    "",
    "Printed from the rule packs (`npm run docs`); do not edit by hand.",
    "",
    "Each rule looks at every alternative of a message by itself: the reader of the text part sees nothing of the HTML",
    "part. A **fail** refuses or holds the message as the stream says, unless the rule is in the stream's `observe`; a",
    "**warn** is shown by `sekisho explain` and lets the message go. What decides is how a desktop client in light colours",
    "shows it; `explain` also looks at it as its style sheets make it on phones and in dark mode, and warns of what fails",
    "there alone. Confidence: A statute or standard read in full,",
    "B official or secondary page, C known and not re-read, U unverified (never refuses). Sources that are pages of this",
    "repository: [law.md](../law.md), [threats.md](../threats.md).",
    "",
    ...packs.flatMap(describePack),
  ].join("\n");
}

function describePack(pack: Pack): string[] {
  const isGeneral = generalPacks.includes(pack);
  const use = isGeneral ? "Always on." : `A stream names it: \`rules: [${pack.name}]\`.`;
  return [
    `## ${pack.name}: ${pack.title.en}（${pack.title.ja}）`,
    "",
    use,
    "",
    ...pack.rules.flatMap(describeRule),
  ];
}

function describeRule(rule: Rule): string[] {
  const weights = Object.entries(rule.weights).map(
    ([mailClass, weight]) => `${mailClass} ${weight}`,
  );
  const asked = rule.when === undefined ? "" : " (only for some recipients, see the demand)";
  return [
    `### \`${rule.name}\`: ${rule.title.en}（${rule.title.ja}）`,
    "",
    `${rule.demand.en}${asked}<br>${rule.demand.ja}`,
    "",
    `- Law: ${rule.law}`,
    `- Source: ${rule.source}, read ${rule.asOf}; confidence ${rule.confidence}`,
    `- Worst outcome: ${rule.confidence === "U" ? "warn" : rule.severity}; by class: ${weights.join(", ")}`,
    `- Reason: \`${rule.reason}\` (${reasons[rule.reason].code} ${reasons[rule.reason].enhanced})`,
    `- Remedy: ${rule.remedy.en}<br>${rule.remedy.ja}`,
    "",
  ];
}
