#!/usr/bin/env node
// argv → one command of cli/; exit codes; nothing else.
import { keepCompiledCode } from "./config/compiled-code.ts";
import { sizeThreadPool } from "./config/thread-pool.ts";
import { leaveThreadsTheirLimits } from "./config/young-generation.ts";

const lingerMs = 2000; // for what is still being written out

process.umask(0o077); // Whatever is written, by libraries too, is for its owner alone.
process.stdout.on("error", endWithReader);
process.stderr.on("error", () => undefined); // Words that nobody can be shown are no reason to end.
keepCompiledCode(); // Types are stripped and code compiled once a release, not at each start.
leaveThreadsTheirLimits();
sizeThreadPool();
const { run } = await import("./cli/program.ts");
process.exitCode = await run(process.argv.slice(2));
// A thread or timer that a failure left behind must not keep a process that supervisors take for a running gateway.
if (process.exitCode !== 0) setTimeout(() => process.exit(), lingerMs).unref();

/** A reader that has enough, such as `| head`, ends the command: nobody is there for the rest. A full disk is a failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(
    `failed: standard output takes no more (${error.message}): what is printed is not whole, what was changed stands\n`,
  );
  process.exit(1);
}
