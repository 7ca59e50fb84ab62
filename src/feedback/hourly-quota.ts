// How often something may happen for each key within an hour, in bounded memory.

const keysMax = 100_000; // of a few dozen octets each

/**
 * True while the key's count of this hour is within `max`. Where too many keys are watched already, new ones are told
 * `whenFull`: no where anybody can make keys (addresses of hosts), yes where only we can.
 */
export function createHourlyQuota(
  max: number,
  whenFull = false,
): (key: string, now: Date) => boolean {
  let hour = -1;
  let counts = new Map<string, number>();
  return (key, now) => {
    const current = Math.floor(now.getTime() / 3_600_000);
    if (current !== hour) {
      hour = current;
      counts = new Map();
    }
    const count = (counts.get(key) ?? 0) + 1;
    if (count === 1 && counts.size >= keysMax) return whenFull;
    counts.set(key, count);
    return count <= max;
  };
}
