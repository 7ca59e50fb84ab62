// Writes who said stop as CSV, for import into the tool that sends: safe to open in a spreadsheet (threats.md row 80).
import { csvRow } from "./cell.ts";

interface OptOutRow {
  readonly email: string;
  readonly sender: string;
  readonly topic: string;
  readonly at: Date;
  readonly how: string;
}

export const optOutHeader = csvRow(["email", "sender", "topic", "at", "how"]);

/** One line with its CRLF; the time is RFC 3339. */
export function optOutLine({ email, sender, topic, at, how }: OptOutRow): string {
  return csvRow([email, sender, topic, at.toISOString(), how]);
}
