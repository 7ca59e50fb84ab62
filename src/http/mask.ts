// Masks mail addresses in answers for roles that see all and nobody's name: `t***@example.jp`.

const inText = /([^\s<>"'(),;:@\\][^\s<>"(),;:@\\]*)@((?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]+)/gu;
const depthMax = 20; // answers are a few levels deep; what is deeper is not shown

/** The same value with every address in every text masked, keys too. Dates stay. */
export function masked(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return maskText(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth > depthMax) return null;
  if (Array.isArray(value)) return value.map((entry) => masked(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [maskText(name), masked(entry, depth + 1)]),
  );
}

/** The first character, so that two people of one domain can often be told apart in a support case, and the domain. */
export function maskText(text: string): string {
  return text.includes("@")
    ? text.replace(inText, (_all, local: string, domain: string) => {
        const [first = ""] = local;
        return `${first}***@${domain}`;
      })
    : text;
}
