// Durations as an operator writes them: 500ms, 2s, 5m, 4h, 4d.

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Patterns for the schema; the same form everywhere. */
export const durationPattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$";
/** The same, but for zero: whoever means "no limit" by it would get a time that is over as it begins. */
export const durationAboveZeroPattern = `^(?=[0.]*[1-9])${durationPattern.slice(1)}`;

/** Milliseconds, or undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  return Math.round(Number(match[1]) * units[match[2] as keyof typeof units]);
}
