// Dates as header fields carry them (RFC 5322 §3.3).

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const months = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
] as const;

/** In UTC, written `+0000`. */
export function formatDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = days[date.getUTCDay()] ?? "Sun";
  const month = months[date.getUTCMonth()] ?? "Jan";
  return (
    `${day}, ${two(date.getUTCDate())} ${month} ${date.getUTCFullYear()} ` +
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
  );
}
