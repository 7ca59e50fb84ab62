// How commands speak: data on standard output, words for people on standard error.

/** One JSON object, one line. */
export function print(data: unknown): void {
  process.stdout.write(`${JSON.stringify(data)}\n`);
}

/** A line for people on standard error: it never mixes with data. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Ends a command that was understood but could not or would not be done: exit code 1, the text on standard error. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** Ends a command that was called wrongly: exit code 2. The text names the argument and the remedy. */
export class Usage extends Error {
  override readonly name = "Usage";
}
