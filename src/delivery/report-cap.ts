// How many delivery reports one sender gets in an hour: a campaign to dead addresses must not become a storm of its own.

/** Takes one report of the sender's hour; false where none is left. */
export function createReportCap(perHour: number, clock: () => Date): (sender: string) => boolean {
  const counts = new Map<string, number>();
  let hour = 0;
  return (sender) => {
    const now = Math.floor(clock().getTime() / 3_600_000);
    if (now !== hour) counts.clear(); // senders are configured: the map stays small within the hour
    hour = now;
    const count = (counts.get(sender) ?? 0) + 1;
    counts.set(sender, count);
    return count <= perHour;
  };
}
