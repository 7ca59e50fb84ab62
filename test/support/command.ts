// Runs a command of `sekisho` inside the test's own process: quick, and with the same program, output and exit code.
import { run } from "../../src/cli/program.ts";
import type { CommandResult } from "./gateway-process.ts";

/** As `sekisho()` of gateway-process.ts. One at a time: while it runs, this process's output is its output. */
export async function command(
  configFile: string,
  ...args: readonly string[]
): Promise<CommandResult> {
  const output = capture(process.stdout);
  const errors = capture(process.stderr);
  try {
    const code = await run([...args, "--config", configFile]);
    const stdout = output.text();
    return {
      code,
      stdout,
      stderr: errors.text(),
      json: () =>
        stdout
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Record<string, unknown>),
    };
  } finally {
    output.end();
    errors.end();
  }
}

function capture(stream: NodeJS.WriteStream): { text: () => string; end: () => void } {
  let text = "";
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array): boolean => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return {
    text: () => text,
    end: () => {
      stream.write = write;
    },
  };
}
