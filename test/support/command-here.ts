// Runs a sekisho command inside the test's own process: a tenth of the cost of a process of its own. One at a time.
import { run } from "../../src/cli/program.ts";
import type { CommandResult } from "./gateway-process.ts";

/** Runs `sekisho …` to its end, with what it writes to standard output and error caught. */
export async function runHere(
  configFile: string,
  ...args: readonly string[]
): Promise<CommandResult> {
  const out = catchWrites(process.stdout);
  const err = catchWrites(process.stderr);
  let code: number;
  try {
    code = await run([...args, "--config", configFile]);
  } finally {
    out.release();
    err.release();
  }
  const stdout = out.text();
  return {
    code,
    stdout,
    stderr: err.text(),
    json: () =>
      stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

function catchWrites(stream: NodeJS.WriteStream): {
  readonly text: () => string;
  readonly release: () => void;
} {
  const chunks: Buffer[] = [];
  const original = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array): boolean => {
    chunks.push(Buffer.from(chunk));
    return true;
  };
  return {
    text: () => Buffer.concat(chunks).toString(),
    release: () => {
      stream.write = original;
    },
  };
}
