// Commands as docs/operations.md gives them to an operator, to be done as they stand there.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const checkout = resolve(import.meta.dirname, "../..");

/** The commands of the first block of shell under a heading, one a line, without comments. Throws where there is none. */
export function documented(heading: string): readonly string[] {
  const page = readFileSync(join(checkout, "docs/operations.md"), "utf8");
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const block = /^```sh\n(.*?)^```$/ms.exec(section)?.[1];
  if (block === undefined) throw new Error(`docs/operations.md has no commands under ${heading}`);
  return block
    .replaceAll(/\s*\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** The one command under a heading that begins so. */
export function documentedCommand(heading: string, beginning: string): readonly string[] {
  const command = documented(heading).find((line) => line.startsWith(beginning));
  if (command === undefined)
    throw new Error(`docs/operations.md has no ${beginning} under ${heading}`);
  return command.split(" ");
}
